//! A binary fuse filter: whether a 64-bit hash may be in a set, in about nine bits a hash, with one wrong "maybe" in 256.
//!
//! After Graf and Lemire, "Binary Fuse Filters" (2022): each hash owns three slots in neighbouring segments, and the bytes
//! in them combine to its fingerprint. Written here and not taken from a crate, because its bytes are stored.

use super::bytes::{Cursor, put_varint};
use super::error::BlockError;

/// Seeds tried. Each fails rarely, and independently of the others.
const ATTEMPTS_MAX: u64 = 64;

const SEGMENT_LOG_MAX: u32 = 18;

/// A filter that can be asked.
#[derive(Debug, PartialEq)]
pub(super) struct Fuse {
    seed: u64,
    segment_log: u32,
    /// Segments in which the first of the three slots may lie; two more follow.
    segments: u32,
    /// Invariant: `(segments + 2) << segment_log` of them.
    slots: Vec<u8>,
}

// === impl Fuse ===

impl Fuse {
    /// The filter of `hashes`, each of them once. `None` when no seed works, which needs hashes that repeat.
    pub(super) fn of(hashes: &[u64]) -> Option<Fuse> {
        let count = hashes.len().max(2) as f64;
        let segment_log = ((count.ln() / 3.33f64.ln() + 2.25).floor() as u32).min(SEGMENT_LOG_MAX);
        let factor = (0.875 + 0.25 * 1e6f64.ln() / count.ln()).max(1.125);
        let wanted = (count * factor).round() as usize;
        let segments = wanted.div_ceil(1 << segment_log).saturating_sub(2).max(1) as u32;
        (1..=ATTEMPTS_MAX).find_map(|attempt| {
            let seed = mix(attempt);
            let mut fuse = Fuse { seed, segment_log, segments, slots: Vec::new() };
            fuse.fill(hashes).then_some(fuse)
        })
    }

    /// Whether `hash` may be in the set; never wrong about one that is.
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        let hash = mix(hash ^ self.seed);
        let [a, b, c] = self.places(hash);
        fingerprint(hash) == self.slots[a] ^ self.slots[b] ^ self.slots[c]
    }

    pub(super) fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.seed.to_le_bytes());
        out.push(self.segment_log as u8);
        put_varint(out, self.segments.into());
        out.extend_from_slice(&self.slots);
    }

    pub(super) fn take(bytes: &[u8]) -> Result<Fuse, BlockError> {
        let mut cursor = Cursor::new(bytes, "filter");
        let seed = cursor.u64()?;
        let segment_log = u32::from(cursor.byte()?);
        let segments = cursor.varint32()?;
        let length = slot_count(segments, segment_log).filter(|length| segments > 0 && *length == cursor.remaining());
        let slots = cursor.take(length.ok_or(cursor.invalid())?)?.to_vec();
        Ok(Fuse { seed, segment_log, segments, slots })
    }

    /// Peels: a slot with one hash decides that hash, which leaves its other slots, and so on until none is left.
    fn fill(&mut self, hashes: &[u64]) -> bool {
        let length =
            slot_count(self.segments, self.segment_log).expect("sized by `of`, from a number of hashes in memory");
        let mut owners = vec![(0u32, 0u64); length];
        for hash in hashes {
            let hash = mix(hash ^ self.seed);
            for place in self.places(hash) {
                owners[place].0 += 1;
                owners[place].1 ^= hash;
            }
        }
        let mut alone: Vec<usize> = (0..length).filter(|place| owners[*place].0 == 1).collect();
        let mut peeled = Vec::with_capacity(hashes.len());
        while let Some(place) = alone.pop() {
            let (count, hash) = owners[place];
            if count != 1 {
                continue;
            }
            peeled.push((hash, place));
            for other in self.places(hash) {
                owners[other].0 -= 1;
                owners[other].1 ^= hash;
                if owners[other].0 == 1 {
                    alone.push(other);
                }
            }
        }
        if peeled.len() != hashes.len() {
            return false;
        }
        self.slots = vec![0; length];
        for (hash, place) in peeled.into_iter().rev() {
            let [a, b, c] = self.places(hash);
            let others = self.slots[a] ^ self.slots[b] ^ self.slots[c] ^ self.slots[place];
            self.slots[place] = fingerprint(hash) ^ others;
        }
        true
    }

    /// Three different slots, each in the segment after that of the one before.
    fn places(&self, hash: u64) -> [usize; 3] {
        let width = 1usize << self.segment_log;
        let mask = width - 1;
        let first_slots = u64::from(self.segments) << self.segment_log;
        let first = ((u128::from(hash) * u128::from(first_slots)) >> 64) as usize;
        let second = (first + width) ^ ((hash >> 18) as usize & mask);
        let third = (first + 2 * width) ^ (hash as usize & mask);
        [first, second, third]
    }
}

fn slot_count(segments: u32, segment_log: u32) -> Option<usize> {
    if segment_log > SEGMENT_LOG_MAX {
        return None;
    }
    usize::try_from(segments).ok()?.checked_add(2)?.checked_mul(1 << segment_log)
}

fn fingerprint(hash: u64) -> u8 {
    (hash ^ (hash >> 32)) as u8
}

/// Spreads every bit over all others (the finaliser of MurmurHash3).
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_wrong_maybe_is_rare_and_a_hash_takes_about_nine_bits() {
        let fuse = Fuse::of(&(0..20_000).map(mix).collect::<Vec<_>>()).expect("no repeats");
        let wrong = (20_000..120_000).filter(|number| fuse.may_hold(mix(*number))).count();
        assert!((200..700).contains(&wrong), "{wrong} of 100,000");
        let mut out = Vec::new();
        fuse.put(&mut out);
        assert!(out.len() < 25_000, "{} bytes", out.len());
    }

    proptest! {
        #[test]
        fn nothing_of_the_set_is_ever_denied(hashes in proptest::collection::hash_set(any::<u64>(), 0..300)) {
            let hashes: Vec<u64> = hashes.into_iter().collect();
            let mut out = Vec::new();
            Fuse::of(&hashes).expect("no repeats").put(&mut out);
            let fuse = Fuse::take(&out).expect("own bytes");
            prop_assert!(hashes.iter().all(|hash| fuse.may_hold(*hash)));
        }

        #[test]
        fn no_bytes_panic(noise: Vec<u8>, log in 0u8..20, segments in 0u8..5, hash: u64) {
            let bytes = [&[7; 8], [log, segments].as_slice(), &noise].concat();
            if let Ok(fuse) = Fuse::take(&bytes) {
                fuse.may_hold(hash);
            }
        }
    }
}
