//! Numbers as byte planes: first all lowest bytes, then all second ones, and so on, each plane packed by itself.
//!
//! A plane of noise stays as it is, a plane of one value takes two bytes, so a column costs about its entropy.
//! Not here: which numbers.

use std::borrow::Cow;
use std::io;

use super::bytes::{Cursor, put_varint, put_zigzag};
use super::error::BlockError;
use super::pack::{Packer, compressible, unpack};

const CONSTANT: u8 = 0;
const RAW: u8 = 1;
const ZSTD: u8 = 2;

/// In the first byte: differences to the number before instead of the numbers.
const DELTA: u8 = 0x10;
const WIDTH: u8 = 0x0f;

/// Appends `values`. How many they are, the reader must know.
pub(super) fn put(mut packer: Option<&mut Packer>, out: &mut Vec<u8>, values: &[u64]) -> io::Result<()> {
    let base = values.iter().map(|value| *value as i64).min().unwrap_or(0);
    let offset = |value: u64| value.wrapping_sub(base as u64);
    let highest = values.iter().map(|value| offset(*value)).max().unwrap_or(0);
    let width = (64 - highest.leading_zeros()).div_ceil(8);
    out.push(width as u8);
    put_zigzag(out, base);
    let mut plane = Vec::with_capacity(values.len());
    for shift in (0..width).map(|byte| byte * 8) {
        plane.clear();
        plane.extend(values.iter().map(|value| (offset(*value) >> shift) as u8));
        put_plane(packer.as_deref_mut(), out, &plane)?;
    }
    Ok(())
}

/// Appends the numbers, or their differences where those are clearly smaller.
pub(super) fn put_either(packer: Option<&mut Packer>, out: &mut Vec<u8>, values: &[u64]) -> io::Result<()> {
    let base = values.iter().map(|value| *value as i64).min().unwrap_or(0);
    let bits = |number: u64| u64::from(64 - number.leading_zeros());
    let plain: u64 = values.iter().map(|value| bits(value.wrapping_sub(base as u64))).sum();
    let step = |pair: &[u64]| pair[1].wrapping_sub(pair[0]) as i64;
    let steps: u64 = values.windows(2).map(|pair| bits(((step(pair) << 1) ^ (step(pair) >> 63)) as u64)).sum();
    if steps * 4 >= plain * 3 {
        return put(packer, out, values);
    }
    let first = values.first().copied().unwrap_or(0);
    let deltas: Vec<u64> = std::iter::once(first).chain(values.windows(2).map(|pair| step(pair) as u64)).collect();
    // The first one would set the width of all.
    let place = out.len();
    put(packer, out, &deltas[1..])?;
    out[place] |= DELTA;
    put_varint(out, first);
    Ok(())
}

fn put_plane(packer: Option<&mut Packer>, out: &mut Vec<u8>, plane: &[u8]) -> io::Result<()> {
    if plane.iter().all(|byte| *byte == plane[0]) {
        out.extend([CONSTANT, plane[0]]);
        return Ok(());
    }
    let packed = match packer {
        Some(packer) if compressible(plane) => packer.pack_plane(plane)?,
        _ => None,
    };
    match packed {
        Some(packed) => {
            out.push(ZSTD);
            put_varint(out, packed.len() as u64);
            out.extend_from_slice(packed);
        }
        None => {
            out.push(RAW);
            out.extend_from_slice(plane);
        }
    }
    Ok(())
}

/// Reads `count` numbers back. The caller justifies `count`: planes of one value take hardly any bytes.
pub(super) fn take(cursor: &mut Cursor<'_>, count: usize) -> Result<Vec<u64>, BlockError> {
    let head = cursor.byte()?;
    if head & DELTA == 0 {
        return plain(cursor, head, count);
    }
    let steps = plain(cursor, head & !DELTA, count.checked_sub(1).ok_or(cursor.invalid())?)?;
    let first = cursor.varint()?;
    let mut values = Vec::with_capacity(count);
    values.push(first);
    values.extend(steps.iter().scan(first, |sum, step| {
        *sum = sum.wrapping_add(*step);
        Some(*sum)
    }));
    Ok(values)
}

fn plain(cursor: &mut Cursor<'_>, head: u8, count: usize) -> Result<Vec<u64>, BlockError> {
    let width = u32::from(head & WIDTH);
    if width > 8 || head & !WIDTH != 0 {
        return Err(cursor.invalid());
    }
    let mut constant = cursor.zigzag()? as u64;
    let mut planes: Vec<(u32, Cow<'_, [u8]>)> = Vec::with_capacity(8);
    for shift in (0..width).map(|byte| byte * 8) {
        match cursor.byte()? {
            CONSTANT => constant = constant.wrapping_add(u64::from(cursor.byte()?) << shift),
            RAW => planes.push((shift, Cow::Borrowed(cursor.take(count)?))),
            ZSTD => planes.push((shift, Cow::Owned(unpack(cursor.bytes()?, count)?))),
            _ => return Err(cursor.invalid()),
        }
    }
    Ok(join(&planes, constant, count))
}

/// The numbers of these planes, each plus `base`. Two planes at a time: memory is walked half as often.
fn join(planes: &[(u32, Cow<'_, [u8]>)], base: u64, count: usize) -> Vec<u64> {
    let pair = |(a, b): (&u8, &u8), low: u32, high: u32| u64::from(*a) << low | u64::from(*b) << high;
    let mut values: Vec<u64> = Vec::with_capacity(count);
    let mut pairs = planes.chunks(2);
    match pairs.next() {
        Some([(low, a), (high, b)]) => {
            values.extend(a.iter().zip(&**b).map(|bytes| base.wrapping_add(pair(bytes, *low, *high))));
        }
        Some([(shift, a)]) => values.extend(a.iter().map(|byte| base.wrapping_add(u64::from(*byte) << shift))),
        _ => values.resize(count, base),
    }
    for some in pairs {
        match some {
            [(low, a), (high, b)] => {
                let bytes = a.iter().zip(&**b);
                values
                    .iter_mut()
                    .zip(bytes)
                    .for_each(|(value, bytes)| *value = value.wrapping_add(pair(bytes, *low, *high)));
            }
            [(shift, a)] => {
                let bytes = values.iter_mut().zip(&**a);
                bytes.for_each(|(value, byte)| *value = value.wrapping_add(u64::from(*byte) << shift));
            }
            _ => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(values: &[u64]) -> usize {
        let mut packer = Packer::new().expect("zstd works");
        let mut shortest = usize::MAX;
        for pack in [true, false] {
            for either in [true, false] {
                let mut out = Vec::new();
                let packer = pack.then_some(&mut packer);
                if either { put_either(packer, &mut out, values) } else { put(packer, &mut out, values) }
                    .expect("zstd");
                let mut cursor = Cursor::new(&out, "test");
                assert_eq!(take(&mut cursor, values.len()).expect("own bytes"), values);
                assert!(cursor.finish().is_ok());
                shortest = shortest.min(out.len());
            }
        }
        shortest
    }

    #[test]
    fn numbers_take_about_what_they_say() {
        assert!(check(&[u64::MAX; 8_000]) <= 4, "one value");
        assert!(check(&(0..8_000).map(|n| 1_700_000_000_000 + 40 * n).collect::<Vec<_>>()) < 20, "even steps");
        check(&[0, u64::MAX, 1 << 63, (1 << 63) - 1]);
        check(&[]);
        check(&[5]);
    }

    proptest! {
        #[test]
        fn any_numbers_come_back(values: Vec<u64>, small in proptest::collection::vec(0u64..300, 0..2_000)) {
            check(&values);
            check(&small);
        }

        #[test]
        fn no_bytes_panic(noise: Vec<u8>, count in 0usize..2_000) {
            if let Ok(values) = take(&mut Cursor::new(&noise, "test"), count) {
                prop_assert_eq!(values.len(), count);
            }
        }
    }
}
