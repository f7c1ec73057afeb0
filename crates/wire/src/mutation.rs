//! Small damage to good bytes, for brief runs of the fuzz targets. Not here: the bytes and the targets.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Damaged inputs per target and test run.
pub(crate) const CASES: u32 = 500;

#[derive(Clone, Debug)]
pub(crate) enum Change {
    Set(Index, u8),
    FlipBit(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Truncate(Index),
    /// Copies what lies between two places to a third one.
    Repeat(Index, Index, Index),
}

pub(crate) fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    // Bytes that mean something to either form.
    let byte = || prop_oneof![any::<u8>(), select(b"\x0a\x12\x4a\x2a\x32\xff\x80{}[]\",:\\ue-0".to_vec())];
    prop_oneof![
        (index(), byte()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (index(), 0..8u8).prop_map(|(at, bit)| Change::FlipBit(at, bit)),
        (index(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        index().prop_map(Change::Remove),
        index().prop_map(Change::Truncate),
        (index(), index(), index()).prop_map(|(from, to, at)| Change::Repeat(from, to, at)),
    ]
}

pub(crate) fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match change {
            Change::Set(at, byte) => bytes[at.index(length)] = *byte,
            Change::FlipBit(at, bit) => bytes[at.index(length)] ^= 1 << bit,
            Change::Insert(at, byte) => bytes.insert(at.index(length), *byte),
            Change::Remove(at) => {
                bytes.remove(at.index(length));
            }
            Change::Truncate(at) => bytes.truncate(at.index(length)),
            Change::Repeat(from, to, at) => {
                let (from, to) = (from.index(length), to.index(length));
                let piece = bytes[from.min(to)..from.max(to)].to_vec();
                let at = at.index(length);
                bytes.splice(at..at, piece);
            }
        }
    }
    bytes
}
