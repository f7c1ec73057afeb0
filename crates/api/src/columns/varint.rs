//! LEB128 numbers and zig-zag, the way `columns v1` writes them. Not here: what the numbers mean.

/// Appends `number` in groups of seven bits, least significant first.
pub(super) fn put_varint(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Appends a difference, small for both signs. Wrapping: any two `u64` have a difference that reads back.
pub(super) fn put_difference(bytes: &mut Vec<u8>, number: u64, previous: u64) {
    let difference = number.wrapping_sub(previous) as i64;
    put_varint(bytes, ((difference << 1) ^ (difference >> 63)) as u64);
}

/// Reads one number off the front; `None` when the bytes end inside it, or when it does not fit 64 bits.
pub(super) fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for place in 0..10u32 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        // The tenth byte holds bit 63 only.
        if place == 9 && *byte > 1 {
            return None;
        }
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads what [`put_difference`] wrote.
pub(super) fn take_difference(bytes: &mut &[u8], previous: u64) -> Option<u64> {
    let coded = take_varint(bytes)?;
    let difference = (coded >> 1) as i64 ^ -((coded & 1) as i64);
    Some(previous.wrapping_add(difference as u64))
}
