//! Distinct texts, numbered by first appearance. Not here: who refers to them.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::RandomState;

use super::columns::StringId;
use super::texts::Texts;

/// Numbers texts; the same text always gets the same number.
///
/// Clients choose the texts, so the hash has a random seed: nobody can choose texts that all fall into one place.
#[derive(Debug, Default)]
pub struct Dictionary {
    strings: Texts,
    /// Open addressing with linear probing. Invariant: a power of two of them (or none), less than three quarters taken,
    /// and placed as if the strings had been inserted in the order of their numbers; so the last one is taken out by
    /// clearing its slot.
    slots: Vec<Slot>,
    seed: RandomState,
}

/// Bits 32 to 63 of the hash, and the number plus one; 0 is a free slot.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    hash: u32,
    number: u32,
}

/// Slots of the smallest table.
const SLOTS_MIN: usize = 64;

/// Bytes of a usual text; room for as many is taken at the start.
const TEXT_BYTES: usize = 24;

// === impl Dictionary ===

impl Dictionary {
    /// Empty, with room for `count` texts of usual length.
    pub fn with_capacity(count: usize) -> Dictionary {
        let slots = vec![Slot::default(); slots_for(count)];
        let strings = Texts::with_capacity(count, count * TEXT_BYTES);
        Dictionary { strings, slots, seed: RandomState::default() }
    }

    /// The number of `text`, given now if it is new.
    pub fn intern(&mut self, text: &str) -> StringId {
        let hash = self.hash(text.as_bytes());
        match self.find(hash, text.as_bytes()) {
            Ok(id) => id,
            Err(place) => self.insert(hash, place, text),
        }
    }

    /// The number of the text with these bytes, given now if it is new; `None` when they are no UTF-8.
    ///
    /// A text that is known is not validated again.
    #[inline]
    pub fn intern_bytes(&mut self, bytes: &[u8]) -> Option<StringId> {
        let hash = self.hash(bytes);
        match self.find(hash, bytes) {
            Ok(id) => Some(id),
            Err(place) => std::str::from_utf8(bytes).ok().map(|text| self.insert(hash, place, text)),
        }
    }

    /// The text numbered `id`, if it was given.
    #[inline]
    pub fn get(&self, id: StringId) -> Option<&str> {
        self.strings.get(id as usize)
    }

    /// Whether `id` is the number of the text with these bytes.
    #[inline]
    pub fn is(&self, id: StringId, bytes: &[u8]) -> bool {
        self.strings.get_bytes(id as usize) == Some(bytes)
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.strings.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.strings.is_empty()
    }

    /// Forgets all texts but the first `count`.
    pub fn truncate(&mut self, count: usize) {
        while self.strings.len() > count {
            let last = self.strings.len() - 1;
            let mut place = self.first_place(self.hash(self.strings[last].as_bytes()));
            while self.slots[place].number != last as u32 + 1 {
                place = self.next_place(place);
            }
            self.slots[place] = Slot::default();
            self.strings.truncate(last);
        }
    }

    /// The texts by number, in no more memory than they need.
    pub fn into_strings(mut self) -> Texts {
        self.strings.shrink_to_fit();
        self.strings
    }

    #[inline]
    fn hash(&self, bytes: &[u8]) -> u64 {
        let mut hasher = self.seed.build_hasher();
        hasher.write(bytes);
        hasher.finish()
    }

    #[inline]
    fn first_place(&self, hash: u64) -> usize {
        hash as usize & (self.slots.len().wrapping_sub(1))
    }

    #[inline]
    fn next_place(&self, place: usize) -> usize {
        (place + 1) & (self.slots.len() - 1)
    }

    /// The number of the text with these bytes, or the free slot where it would go.
    #[inline]
    fn find(&self, hash: u64, bytes: &[u8]) -> Result<StringId, usize> {
        let mut place = self.first_place(hash);
        loop {
            let Some(slot) = self.slots.get(place) else { return Err(place) };
            if slot.number == 0 {
                return Err(place);
            }
            let id = slot.number - 1;
            if slot.hash == high_bits(hash) && self.strings.get_bytes(id as usize) == Some(bytes) {
                return Ok(id);
            }
            place = self.next_place(place);
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.slots = vec![Slot::default(); slots_for(self.strings.len() + 1).max(2 * self.slots.len())];
        for index in 0..self.strings.len() {
            let hash = self.hash(self.strings[index].as_bytes());
            let mut place = self.first_place(hash);
            while self.slots[place].number != 0 {
                place = self.next_place(place);
            }
            self.slots[place] = Slot { hash: high_bits(hash), number: index as u32 + 1 };
        }
    }

    fn insert(&mut self, hash: u64, mut place: usize, text: &str) -> StringId {
        let id = StringId::try_from(self.strings.len()).ok().filter(|id| *id < StringId::MAX);
        let id = id.expect("a batch is cut by bytes long before four thousand million texts");
        if is_full(self.strings.len() + 1, self.slots.len()) {
            self.grow();
            place = self.first_place(hash);
            while self.slots[place].number != 0 {
                place = self.next_place(place);
            }
        }
        self.slots[place] = Slot { hash: high_bits(hash), number: id + 1 };
        self.strings.push(text);
        id
    }
}

fn high_bits(hash: u64) -> u32 {
    (hash >> 32) as u32
}

fn is_full(count: usize, slots: usize) -> bool {
    count > slots / 4 * 3
}

fn slots_for(count: usize) -> usize {
    (count + count / 3 + 1).next_power_of_two().max(SLOTS_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[test]
    fn bytes_that_are_no_text_get_no_number() {
        let mut dictionary = Dictionary::default();
        assert_eq!(dictionary.intern_bytes(b"a\xff"), None);
        assert!(dictionary.is_empty());
        assert_eq!(dictionary.intern_bytes(b""), Some(0));
        assert_eq!((dictionary.get(0), dictionary.get(1)), (Some(""), None));
    }

    #[derive(Clone, Debug)]
    enum Step {
        Intern(String),
        Truncate(prop::sample::Index),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            8 => "[a-c]{0,5}".prop_map(Step::Intern),
            1 => any::<prop::sample::Index>().prop_map(Step::Truncate),
        ]
    }

    proptest! {
        #[test]
        fn numbers_are_those_of_a_plain_map_also_after_forgetting(
            capacity in 0..200usize,
            steps in proptest::collection::vec(step(), 0..400),
        ) {
            let mut dictionary = Dictionary::with_capacity(capacity);
            let mut plain: HashMap<String, StringId> = HashMap::new();
            for step in steps {
                match step {
                    Step::Intern(text) => {
                        let next = plain.len() as StringId;
                        let expected = *plain.entry(text.clone()).or_insert(next);
                        prop_assert_eq!(dictionary.intern_bytes(text.as_bytes()), Some(expected));
                        prop_assert_eq!(dictionary.intern(&text), expected);
                        prop_assert_eq!(dictionary.get(expected), Some(text.as_str()));
                    }
                    Step::Truncate(count) => {
                        let count = count.index(plain.len() + 1);
                        dictionary.truncate(count);
                        plain.retain(|_, id| (*id as usize) < count);
                    }
                }
                prop_assert_eq!(dictionary.len(), plain.len());
            }
            let mut expected: Vec<(StringId, String)> = plain.into_iter().map(|(text, id)| (id, text)).collect();
            expected.sort();
            let strings = dictionary.into_strings();
            prop_assert!(strings.iter().eq(expected.iter().map(|(_, text)| text.as_str())));
        }
    }
}
