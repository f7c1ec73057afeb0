//! UUIDs in lower case, as sixteen bytes each.

use super::{Texts, hex};

/// Where the five groups of digits lie.
const GROUPS: [std::ops::Range<usize>; 5] = [0..8, 9..13, 14..18, 19..23, 24..36];
const DIGITS: usize = 36;
const BYTES: usize = 16;

/// The bytes of all texts, when each is of that form.
pub(super) fn shrink(texts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(texts.first()?.len());
    for text in texts {
        let dashed = text.len() == DIGITS && GROUPS[1..].iter().all(|group| text[group.start - 1] == b'-');
        if !dashed {
            return None;
        }
        for group in GROUPS {
            hex::push_pairs(&mut bytes, &text[group])?;
        }
    }
    Some(bytes)
}

/// The texts again; `None` when the bytes are not those of `count` texts.
pub(super) fn grow(bytes: &[u8], count: usize) -> Option<Texts> {
    let (ids, rest) = bytes.as_chunks::<BYTES>();
    if ids.len() != count || !rest.is_empty() {
        return None;
    }
    let mut texts = Texts { bytes: Vec::with_capacity(count * DIGITS), ends: Vec::with_capacity(count) };
    for id in ids {
        for (digit, place) in hex::pairs(id).zip(0..) {
            if matches!(place, 8 | 12 | 16 | 20) {
                texts.bytes.push(b'-');
            }
            texts.bytes.push(digit);
        }
        texts.ends.push(texts.bytes.len());
    }
    Some(texts)
}
