//! IPv4 addresses without leading zeros, as 32-bit numbers.

use super::{Texts, decimal};

/// The numbers, when each text is an address.
pub(super) fn shrink(texts: &[&[u8]]) -> Option<Vec<u64>> {
    // Dots come early in an address: most lists of other texts are refused here.
    texts.first().filter(|text| text.iter().take(4).any(|byte| *byte == b'.'))?;
    texts.iter().map(|text| number(text)).collect()
}

fn number(text: &[u8]) -> Option<u64> {
    let mut parts = text.split(|byte| *byte == b'.');
    let mut number = 0;
    for _ in 0..4 {
        number = number << 8 | decimal::number(parts.next()?).filter(|part| *part < 256)?;
    }
    parts.next().is_none().then_some(number)
}

/// The texts again; `None` when a number is none of an address.
pub(super) fn grow(numbers: &[u64]) -> Option<Texts> {
    let mut texts = Texts { bytes: Vec::with_capacity(numbers.len() * 12), ends: Vec::with_capacity(numbers.len()) };
    for number in numbers {
        let parts = u32::try_from(*number).ok()?.to_be_bytes();
        for (place, part) in parts.into_iter().enumerate() {
            if place > 0 {
                texts.bytes.push(b'.');
            }
            decimal::push(&mut texts.bytes, part.into());
        }
        texts.ends.push(texts.bytes.len());
    }
    Some(texts)
}
