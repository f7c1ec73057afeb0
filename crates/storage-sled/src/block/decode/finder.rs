//! Finds the number of a trace among the ids of a block, once several were looked for. Not here: the ids.

use model::TraceId;

use super::super::recall::Recall;

/// Numbers by hash, in a table that is never more than half full.
pub(super) struct Finder {
    /// The number plus one; 0 where there is none. Invariant: a power of two of them, and none free between a number and the
    /// slot that its hash names.
    slots: Vec<u32>,
}

impl Finder {
    /// Of ids that are all different.
    pub(super) fn of(ids: &[TraceId]) -> Finder {
        let mut finder = Finder { slots: vec![0; (2 * ids.len()).next_power_of_two()] };
        for (number, id) in (1u32..).zip(ids) {
            let mut at = finder.home(id);
            while finder.slots[at] != 0 {
                at = finder.after(at);
            }
            finder.slots[at] = number;
        }
        finder
    }

    /// The place of an id among those that it was made of.
    pub(super) fn find(&self, ids: &[TraceId], id: &TraceId) -> Option<u32> {
        let mut at = self.home(id);
        loop {
            let number = self.slots[at].checked_sub(1)?;
            if ids.get(number as usize) == Some(id) {
                return Some(number);
            }
            at = self.after(at);
        }
    }

    fn home(&self, id: &TraceId) -> usize {
        // With a key of this process: whoever chooses ids does not choose where they lie.
        Recall::hash_of(id) as usize & (self.slots.len() - 1)
    }

    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_finds_what_a_search_from_front_to_back_finds(
            numbers in prop::collection::btree_set(1u128..500, 0..100), wanted in 1u128..500,
        ) {
            let id = |number: u128| TraceId::new(number.to_be_bytes()).expect("not zero");
            let ids: Vec<TraceId> = numbers.into_iter().map(id).collect();
            let found = Finder::of(&ids).find(&ids, &id(wanted));
            prop_assert_eq!(found, ids.iter().position(|known| *known == id(wanted)).map(|place| place as u32));
        }
    }
}
