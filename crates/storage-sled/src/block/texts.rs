//! Lists of texts as bytes. Texts that all are digits in disguise (hex, UUID, IPv4, decimal) become the numbers they show,
//! those that are alike but for their numbers become a wording and numbers.
//!
//! Not here: what the texts stand for, and dictionaries.

mod decimal;
mod hex;
mod ipv4;
mod template;
mod uuid;

use std::io;

use super::bytes::{Cursor, put_varint};
use super::error::BlockError;
use super::pack::{self, Packer};
use super::planes;

const PLAIN: u8 = 0;
const HEX: u8 = 1;
const UUID: u8 = 2;
const IPV4: u8 = 3;
const DECIMAL: u8 = 4;
const TEMPLATE: u8 = 5;

/// A list of texts that was read, all in one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    /// Invariant: ascending, none beyond the bytes.
    ends: Vec<usize>,
}

/// Appends `texts`, no two of which are equal, and how many they are.
pub(super) fn put_list(packer: Option<&mut Packer>, out: &mut Vec<u8>, texts: &[&[u8]]) -> io::Result<()> {
    put_varint(out, texts.len() as u64);
    put_plain(packer, out, texts)
}

/// Reads what [`put_list`] wrote.
pub(super) fn take_list(cursor: &mut Cursor<'_>) -> Result<Texts, BlockError> {
    let count = usize::try_from(cursor.varint()?).ok().ok_or(cursor.invalid())?;
    // Of different texts at most one is empty, so their bytes justify their number.
    if count > pack::unpacked_max(cursor.remaining()) || cursor.byte()? != PLAIN {
        return Err(cursor.invalid());
    }
    take_plain(cursor, count)
}

/// Appends `texts`. How many they are, the reader must know.
pub(super) fn put(packer: Option<&mut Packer>, out: &mut Vec<u8>, texts: &[&[u8]]) -> io::Result<()> {
    if let Some((digits, bytes)) = hex::shrink(texts) {
        out.push(HEX);
        put_varint(out, digits as u64);
        return Packer::put(packer, out, &bytes);
    }
    if let Some(bytes) = uuid::shrink(texts) {
        out.push(UUID);
        return Packer::put(packer, out, &bytes);
    }
    if let Some(numbers) = ipv4::shrink(texts) {
        out.push(IPV4);
        return planes::put_either(packer, out, &numbers);
    }
    if let Some(numbers) = decimal::shrink(texts) {
        out.push(DECIMAL);
        return planes::put_either(packer, out, &numbers);
    }
    put_templates_or_plain(packer, out, texts)
}

fn put_templates_or_plain(mut packer: Option<&mut Packer>, out: &mut Vec<u8>, texts: &[&[u8]]) -> io::Result<()> {
    if let Some(templates) = template::shrink(texts) {
        let bytes = texts.iter().map(|text| text.len()).sum();
        out.push(TEMPLATE);
        if template::put(packer.as_deref_mut(), out, &templates, bytes)? {
            return Ok(());
        }
        out.pop();
    }
    put_plain(packer, out, texts)
}

fn put_plain(mut packer: Option<&mut Packer>, out: &mut Vec<u8>, texts: &[&[u8]]) -> io::Result<()> {
    out.push(PLAIN);
    let lengths: Vec<u64> = texts.iter().map(|text| text.len() as u64).collect();
    planes::put(packer.as_deref_mut(), out, &lengths)?;
    Packer::put(packer, out, &texts.concat())
}

/// Reads `count` texts back. The caller justifies `count`.
pub(super) fn take(cursor: &mut Cursor<'_>, count: usize) -> Result<Texts, BlockError> {
    match cursor.byte()? {
        PLAIN => take_plain(cursor, count),
        HEX => {
            let digits = cursor.varint()?;
            let bytes = pack::take(cursor)?;
            hex::grow(&bytes, digits, count).ok_or(cursor.invalid())
        }
        UUID => uuid::grow(&pack::take(cursor)?, count).ok_or(cursor.invalid()),
        IPV4 => ipv4::grow(&planes::take(cursor, count)?).ok_or(cursor.invalid()),
        DECIMAL => Ok(decimal::grow(&planes::take(cursor, count)?)),
        TEMPLATE => template::take(cursor, count),
        _ => Err(cursor.invalid()),
    }
}

/// A list of texts that was read and is UTF-8.
#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    /// Invariant: ascending, none beyond the text, none inside a character.
    ends: Vec<usize>,
}

fn take_plain(cursor: &mut Cursor<'_>, count: usize) -> Result<Texts, BlockError> {
    let lengths = planes::take(cursor, count)?;
    Texts::new(pack::take(cursor)?, &lengths).ok_or(cursor.invalid())
}

// === impl Texts ===

impl Texts {
    fn new(bytes: Vec<u8>, lengths: &[u64]) -> Option<Texts> {
        let mut end = 0usize;
        let mut ends = Vec::with_capacity(lengths.len());
        for length in lengths {
            end = end.checked_add(usize::try_from(*length).ok()?)?;
            ends.push(end);
        }
        (end == bytes.len()).then_some(Texts { bytes, ends })
    }

    fn push(&mut self, text: impl IntoIterator<Item = u8>) {
        self.bytes.extend(text);
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text at `index`.
    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.bytes[start..end])
    }

    /// The same as text; `None` when one of them is none.
    pub(super) fn into_strings(self) -> Option<Strings> {
        let text = String::from_utf8(self.bytes).ok()?;
        let whole = self.ends.iter().all(|end| text.is_char_boundary(*end));
        whole.then_some(Strings { text, ends: self.ends })
    }
}

// === impl Strings ===

impl Strings {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The text at `index`.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        Some(&self.text[start..end])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The kind that was chosen, after the texts came back.
    fn check(texts: &[&str]) -> u8 {
        let texts: Vec<&[u8]> = texts.iter().map(|text| text.as_bytes()).collect();
        let mut out = Vec::new();
        put(Packer::new().ok().as_mut(), &mut out, &texts).expect("zstd works");
        let mut cursor = Cursor::new(&out, "test");
        let back = take(&mut cursor, texts.len()).expect("own bytes");
        let back: Vec<&[u8]> = (0..back.len()).filter_map(|index| back.get(index)).collect();
        assert_eq!(back, texts);
        assert!(cursor.finish().is_ok());
        out[0]
    }

    #[test]
    fn digits_in_disguise_become_numbers() {
        assert_eq!(check(&["00ff", "a01b"]), HEX);
        assert_eq!(check(&["4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "00000000-0000-0000-0000-000000000000"]), UUID);
        assert_eq!(check(&["10.0.0.1", "255.255.255.255", "0.0.0.0"]), IPV4);
        assert_eq!(check(&["0", "7", "18446744073709551615"]), DECIMAL);
    }

    #[test]
    fn one_text_that_does_not_fit_keeps_all_as_they_are() {
        for odd in ["00FF", "00f", "g0", "", "é"] {
            assert_eq!(check(&["a0", odd]), PLAIN, "{odd}");
        }
        assert_eq!(check(&["4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "4bf92f35-77b3-4da6-a3ce-929d0e0e473g"]), PLAIN);
        for odd in ["010.0.0.1", "10.0.0", "10.0.0.256", "10.0.0.1.", "10..0.1", "+1.0.0.0"] {
            assert_eq!(check(&["10.0.0.1", odd]), PLAIN, "{odd}");
        }
        for odd in ["007", "18446744073709551616", "-1", "+1", ""] {
            assert_eq!(check(&["123", odd]), PLAIN, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn any_texts_come_back(
            any: Vec<String>,
            digits in proptest::collection::vec("[0-9]{0,4}", 0..20),
            hex in proptest::collection::vec("[0-9a-f]{4}", 0..20),
            dotted in proptest::collection::vec("[0-9]{1,3}\\.[0-9]{1,3}\\.1\\.[0-9]{1,3}", 0..3),
        ) {
            for texts in [any, digits, hex, dotted] {
                check(&texts.iter().map(String::as_str).collect::<Vec<_>>());
            }
        }

        #[test]
        fn no_bytes_panic(kind in 0u8..7, noise: Vec<u8>, count in 0usize..2_000) {
            let bytes = [&[kind], noise.as_slice()].concat();
            if let Ok(texts) = take(&mut Cursor::new(&bytes, "test"), count) {
                prop_assert!((0..texts.len()).all(|index| texts.get(index).is_some()));
            }
        }
    }
}
