//! Texts as numbers, as long as a memtable has them and there is room. Not here: texts without a number (`texts`).

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// What stands for a text that found no room: the batch of the span has it.
pub(crate) const NO_NUMBER: u32 = u32::MAX;

/// What a text takes beside its bytes: its slot, its place in the table and its allocation, where both have just grown.
const TEXT_BYTES: usize = 96;

/// Each text once, under the lowest number that was free.
pub(crate) struct Interner {
    /// Texts together take at most about so many bytes.
    bytes_max: usize,
    bytes: usize,
    hasher: RandomState,
    /// Places of `slots` by text.
    table: HashTable<u32>,
    slots: Vec<Option<Slot>>,
    /// Places of `slots` that are empty.
    free: Vec<u32>,
}

struct Slot {
    text: Box<str>,
    /// How often it is noted by generations.
    uses: u32,
    /// The generation that noted it last. Numbers of generations are never used again.
    last: u32,
}

/// The texts of one generation: as long as it is in memory, they keep their numbers.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    generation: u32,
    numbers: Vec<u32>,
    /// Whether there was no room for a text.
    pub(crate) has_others: bool,
}

// === impl Noted ===

impl Noted {
    /// No texts yet.
    pub(crate) fn new(generation: u32) -> Noted {
        Noted { generation, ..Noted::default() }
    }
}

// === impl Interner ===

impl Interner {
    /// Of no texts.
    pub(crate) fn new(bytes_max: usize) -> Interner {
        let (table, hasher) = (HashTable::new(), RandomState::new());
        Interner { bytes_max, bytes: 0, hasher, table, slots: Vec::new(), free: Vec::new() }
    }

    /// The number of a text, for a generation; [`NO_NUMBER`] when there is no room for it.
    pub(crate) fn intern(&mut self, text: &str, noted: &mut Noted) -> u32 {
        if let Some(number) = self.find(text) {
            let slot = self.slots[number as usize].as_mut().expect("the table has no place of an empty slot");
            if slot.last != noted.generation {
                (slot.uses, slot.last) = (slot.uses + 1, noted.generation);
                noted.numbers.push(number);
            }
            return number;
        }
        let bytes = text.len() + TEXT_BYTES;
        if self.bytes + bytes > self.bytes_max {
            noted.has_others = true;
            return NO_NUMBER;
        }
        self.bytes += bytes;
        let slot = Some(Slot { text: text.into(), uses: 1, last: noted.generation });
        let number = match self.free.pop() {
            Some(free) => {
                self.slots[free as usize] = slot;
                free
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).expect("four thousand million texts do not fit in memory")
            }
        };
        let Interner { hasher, table, slots, .. } = self;
        let hash = |number: &u32| hasher.hash_one(text_of(slots, *number));
        table.insert_unique(hash(&number), number, hash);
        noted.numbers.push(number);
        number
    }

    /// `None` when no span has this text under a number.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        let is_it = |number: &u32| text_of(&self.slots, *number) == text;
        self.table.find(self.hasher.hash_one(text), is_it).copied()
    }

    /// `None` for [`NO_NUMBER`]. Panics on a number it did not give.
    pub(crate) fn text(&self, number: u32) -> Option<&str> {
        (number != NO_NUMBER).then(|| text_of(&self.slots, number))
    }

    /// The spans of a generation are gone: texts that no other one has are forgotten.
    pub(crate) fn release(&mut self, noted: &Noted) {
        for number in &noted.numbers {
            let hash = self.hasher.hash_one(text_of(&self.slots, *number));
            let place = &mut self.slots[*number as usize];
            let Some(slot) = place else { continue };
            slot.uses -= 1;
            if slot.uses > 0 {
                continue;
            }
            self.bytes -= slot.text.len() + TEXT_BYTES;
            *place = None;
            if let Ok(entry) = self.table.find_entry(hash, |known| known == number) {
                entry.remove();
            }
        }
        self.shrink();
    }

    /// What its texts take, about.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.bytes
    }

    /// Gives room back that one crowded memtable needed.
    fn shrink(&mut self) {
        while self.slots.pop_if(|slot| slot.is_none()).is_some() {}
        self.slots.shrink_to(2 * self.slots.len());
        // From behind, so that low numbers are given first and high ones can go.
        let numbers = (0..self.slots.len() as u32).rev();
        self.free = numbers.filter(|number| self.slots[*number as usize].is_none()).collect();
        let Interner { hasher, table, slots, .. } = self;
        table.shrink_to(2 * table.len(), |number| hasher.hash_one(text_of(slots, *number)));
    }
}

fn text_of(slots: &[Option<Slot>], number: u32) -> &str {
    &slots[number as usize].as_ref().expect("numbers of forgotten texts are with no span").text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_crowded_generation_took_is_given_back() {
        let mut interner = Interner::new(1 << 30);
        let (mut crowded, mut other) = (Noted::new(1), Noted::new(2));
        let kept = interner.intern("in both", &mut crowded);
        for number in 0..10_000 {
            interner.intern(&number.to_string(), &mut crowded);
        }
        assert_eq!(interner.intern("in both", &mut other), kept);
        interner.release(&crowded);
        assert_eq!(interner.memory_bytes(), "in both".len() + TEXT_BYTES);
        assert!(interner.slots.capacity() + interner.free.capacity() + interner.table.capacity() < 100);
        interner.release(&other);
        assert_eq!((interner.memory_bytes(), interner.slots.len()), (0, 0));
    }

    proptest! {
        /// Against a plain map: generations come, note texts and go in any order.
        #[test]
        fn a_text_keeps_its_number_as_long_as_a_generation_has_it(
            steps in prop::collection::vec((0u32..4, prop::option::weighted(0.9, 0u8..20)), 0..200),
            texts_max in 0usize..20,
        ) {
            let text = |number: u8| format!("{number:02}");
            let mut interner = Interner::new(texts_max * (2 + TEXT_BYTES));
            let mut generations: BTreeMap<u32, (Noted, BTreeMap<u8, u32>)> = BTreeMap::new();
            let mut ended = [0; 4];
            for (line, noted) in steps {
                // As in a store, a number is never used again.
                let generation = ended[line as usize] * 4 + line;
                let Some(number) = noted else {
                    if let Some((noted, _)) = generations.remove(&generation) {
                        interner.release(&noted);
                        ended[line as usize] += 1;
                    }
                    continue;
                };
                let (noted, given) = generations.entry(generation).or_insert((Noted::new(generation), BTreeMap::new()));
                let is_new = interner.find(&text(number)).is_none();
                let is_full = interner.memory_bytes() == texts_max * (2 + TEXT_BYTES);
                let now = interner.intern(&text(number), noted);
                prop_assert_eq!(now == NO_NUMBER, is_new && is_full);
                prop_assert!(now != NO_NUMBER || noted.has_others);
                if now != NO_NUMBER {
                    prop_assert_eq!(*given.entry(number).or_insert(now), now);
                }
                let mut numbered = BTreeMap::new();
                for (text_number, number) in generations.values().flat_map(|(_, given)| given) {
                    prop_assert_eq!(interner.text(*number), Some(&*text(*text_number)));
                    prop_assert_eq!(interner.find(&text(*text_number)), Some(*number));
                    numbered.insert(*number, *text_number);
                }
                prop_assert_eq!(interner.memory_bytes(), numbered.len() * (2 + TEXT_BYTES));
            }
        }
    }
}
