//! Damaged bytes give an error. Bytes damaged on purpose, with checksums that fit, give an error or spans, never a panic.

use proptest::prelude::*;
use storage::conformance::data::{rich, timed};

use super::super::{BlockError, reseal};
use super::data::batches;
use super::*;
use crate::fuzz;

fn small() -> Vec<u8> {
    block_of(&[vec![rich(), timed(1, 3, 0, 1)], vec![timed(2, 1, 5, 5)]]).bytes
}

#[test]
fn a_flipped_bit_anywhere_is_noticed() {
    let bytes = small();
    assert_eq!(fuzz::read_all(&bytes).expect("own bytes"), 3);
    for place in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[place] ^= 1 << (place % 8);
        assert!(fuzz::read_all(&flipped).is_err(), "byte {place} of {}", bytes.len());
    }
}

#[test]
fn no_part_of_a_block_is_a_block() {
    let bytes = small();
    for length in 0..bytes.len() {
        assert!(fuzz::read_all(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn other_magic_and_other_formats_are_refused_by_name() {
    let mut bytes = small();
    bytes[4] = 2;
    assert!(matches!(BlockReader::open(bytes.as_slice()), Err(BlockError::Format(2))));
    bytes[0] = b'X';
    assert!(matches!(BlockReader::open(bytes.as_slice()), Err(BlockError::Magic)));
}

#[test]
fn resealing_changes_nothing_in_a_whole_block() {
    let bytes = small();
    let mut resealed = bytes.clone();
    reseal(&mut resealed);
    assert_eq!(resealed, bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn no_change_of_bytes_panics(
        batches in batches(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = block_of(&batches).bytes;
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        fuzz::block(&bytes);
    }

    #[test]
    fn no_bytes_panic(noise: Vec<u8>) {
        fuzz::block(&noise);
        fuzz::block(&[&small()[..80], noise.as_slice()].concat());
    }
}
