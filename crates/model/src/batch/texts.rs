//! Many texts in one piece of memory, by number. Not here: whether they are different (`dictionary`).

use std::ops::Index;

/// Texts one after the other: a batch has thousands, and an allocation for each costs more than to read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Texts {
    joined: String,
    /// Where each text ends; the next one begins there. Invariant: ascending, on character boundaries, none beyond `joined`.
    ends: Vec<u32>,
}

impl Texts {
    /// Bytes of all texts together, at most.
    pub const BYTES_MAX: usize = u32::MAX as usize;

    /// Empty, with room for `count` texts of `bytes` bytes together.
    pub fn with_capacity(count: usize, bytes: usize) -> Texts {
        Texts { joined: String::with_capacity(bytes), ends: Vec::with_capacity(count) }
    }

    /// Appends a text. Panics beyond [`Texts::BYTES_MAX`].
    pub fn push(&mut self, text: &str) {
        assert!(self.try_push(text), "a batch is cut by bytes long before four thousand million of them");
    }

    /// Appends a text; not when they would have more than [`Texts::BYTES_MAX`].
    #[must_use]
    pub fn try_push(&mut self, text: &str) -> bool {
        let Ok(end) = u32::try_from(self.joined.len() + text.len()) else { return false };
        self.joined.push_str(text);
        self.ends.push(end);
        true
    }

    /// The texts of these lengths, one after the other in `joined`; `None` when they are not all of it, or cut a character.
    pub fn from_joined(joined: &str, lengths: impl IntoIterator<Item = u32>) -> Option<Texts> {
        let mut end = 0u32;
        let mut ends = Vec::new();
        for length in lengths {
            end = end.checked_add(length)?;
            ends.push(end);
        }
        let is_whole = end as usize == joined.len() && ends.iter().all(|end| joined.is_char_boundary(*end as usize));
        is_whole.then(|| Texts { joined: joined.to_owned(), ends })
    }

    /// All texts, one after the other.
    pub fn joined(&self) -> &str {
        &self.joined
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at `index`, if there is one.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        Some(&self.joined[self.start(index)..end as usize])
    }

    /// The bytes of the text at `index`, if there is one. Cheaper than the text, where bytes will do.
    #[inline]
    pub fn get_bytes(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        Some(&self.joined.as_bytes()[self.start(index)..end as usize])
    }

    /// All of them in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let text = &self.joined[start..*end as usize];
            start = *end as usize;
            text
        })
    }

    /// Forgets all but the first `count`.
    pub fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.joined.truncate(self.ends.last().map_or(0, |end| *end as usize));
    }

    /// Gives back the room that was not used.
    pub fn shrink_to_fit(&mut self) {
        self.joined.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Bytes they take in memory.
    pub fn memory_bytes(&self) -> usize {
        self.joined.len() + self.ends.len() * size_of::<u32>()
    }

    #[inline]
    fn start(&self, index: usize) -> usize {
        if index == 0 { 0 } else { self.ends[index - 1] as usize }
    }
}

impl Index<usize> for Texts {
    type Output = str;

    /// Panics when there is no such text.
    #[inline]
    fn index(&self, index: usize) -> &str {
        &self.joined[self.start(index)..self.ends[index] as usize]
    }
}

impl<'a> FromIterator<&'a str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Texts {
        let mut all = Texts::default();
        texts.into_iter().for_each(|text| all.push(text));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn texts_are_those_of_a_plain_list_also_after_forgetting(list: Vec<String>, more: Vec<String>, keep: prop::sample::Index) {
            let mut texts: Texts = list.iter().map(String::as_str).collect();
            let mut plain = list;
            let count = keep.index(plain.len() + 1);
            texts.truncate(count);
            plain.truncate(count);
            more.iter().for_each(|text| texts.push(text));
            plain.extend(more);
            prop_assert!(texts.iter().eq(plain.iter().map(String::as_str)));
            prop_assert_eq!((texts.len(), texts.is_empty()), (plain.len(), plain.is_empty()));
            for (index, text) in plain.iter().enumerate() {
                prop_assert_eq!(&texts[index], text);
                prop_assert_eq!(texts.get(index), Some(text.as_str()));
                prop_assert_eq!(texts.get_bytes(index), Some(text.as_bytes()));
            }
            prop_assert_eq!((texts.get(plain.len()), texts.get_bytes(plain.len())), (None, None));
            let lengths: Vec<u32> = plain.iter().map(|text| text.len() as u32).collect();
            prop_assert_eq!(Texts::from_joined(texts.joined(), lengths.iter().copied()), Some(texts.clone()));
            prop_assert_eq!(Texts::from_joined(&format!("{}é", texts.joined()), lengths.iter().copied().chain([1, 1])), None);
            prop_assert_eq!(Texts::from_joined(texts.joined(), lengths.into_iter().chain([1])), None);
        }
    }
}
