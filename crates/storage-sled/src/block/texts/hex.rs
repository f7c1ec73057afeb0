//! Lower-case hex digits of one even length, as bytes.

use super::Texts;

/// Digits per text and the bytes of all texts, when each is of that form.
pub(super) fn shrink(texts: &[&[u8]]) -> Option<(usize, Vec<u8>)> {
    let digits = texts.first()?.len();
    if digits == 0 || digits % 2 != 0 {
        return None;
    }
    let mut bytes = Vec::with_capacity(texts.len() * digits / 2);
    for text in texts {
        if text.len() != digits {
            return None;
        }
        push_pairs(&mut bytes, text)?;
    }
    Some((digits, bytes))
}

/// Appends the byte of each pair of digits.
pub(super) fn push_pairs(bytes: &mut Vec<u8>, digits: &[u8]) -> Option<()> {
    let (pairs, rest) = digits.as_chunks::<2>();
    for [high, low] in pairs {
        bytes.push(nibble(*high)? << 4 | nibble(*low)?);
    }
    rest.is_empty().then_some(())
}

/// The texts again; `None` when the bytes are not those of `count` texts.
pub(super) fn grow(bytes: &[u8], digits: u64, count: usize) -> Option<Texts> {
    let digits = usize::try_from(digits).ok()?;
    let length = digits / 2;
    if digits == 0 || digits % 2 != 0 || count.checked_mul(length)? != bytes.len() {
        return None;
    }
    let mut texts = Texts { bytes: Vec::with_capacity(bytes.len() * 2), ends: Vec::with_capacity(count) };
    bytes.chunks_exact(length).for_each(|text| texts.push(pairs(text)));
    Some(texts)
}

/// The digits of each byte.
pub(super) fn pairs(bytes: &[u8]) -> impl Iterator<Item = u8> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]])
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
