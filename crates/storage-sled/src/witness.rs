//! A second account of what must exist: partitions, and the blocks in them. What vanishes without a word is missed by it.
//!
//! It learns of a block after that counts, and of a drop before that happens. So what it claims must be there, and what
//! it does not know may be. Drawn in `docs/formats/store.md`. Not here: what opening concludes (`recovery::claims`).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::catalog::Record;
use crate::failpoint::failpoint;
use crate::keys;
use crate::meta::Meta;

const MAGIC: [u8; 4] = *b"TWWI";

/// Version of the form of a value.
pub(crate) const FORMAT: u8 = 1;

const HEADER_BYTES: usize = 8;
const ENTRY_BYTES: usize = 20;

/// Blocks in one value: what is written again for each block stays below three kilobytes.
const BLOCKS_PER_VALUE: u32 = 128;

/// The key of a value about no partition, there since the first moment of a meta: without it, the rest is not believed.
/// It holds what retention dropped: the highest group, as the only claim.
const FIRST: u64 = 0;

/// What is known of a block from outside of its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) generation: u32,
    /// The checksum of its record.
    pub(crate) crc: u32,
    /// The last group in it.
    pub(crate) group_last: u64,
}

/// Blocks by partition and number.
pub(crate) type Claims = BTreeMap<u32, BTreeMap<u32, Claim>>;

/// The account of an open store.
#[derive(Default)]
pub(crate) struct Witness {
    open: Mutex<Option<Open>>,
}

struct Open {
    meta: Meta,
    claims: Claims,
    dropped: u64,
}

// === impl Claim ===

impl Claim {
    pub(crate) fn of(record: &Record) -> Claim {
        Claim { generation: record.generation, crc: crc32c::crc32c(&record.encode()), group_last: record.group_last }
    }
}

// === impl Witness ===

impl Witness {
    /// From now on it keeps `claims` in `meta`, which holds `before`; `None` when not even its first value.
    pub(crate) fn begin(&self, mut meta: Meta, before: Option<&Claims>, claims: Claims, dropped: u64) {
        let (old, new) = (before.map(values_of).unwrap_or_default(), values_of(&claims));
        let gone = old.keys().filter(|key| !new.contains_key(key)).map(|key| (*key, None));
        let changed = new.iter().filter(|(key, value)| old.get(key) != Some(value));
        let mut changes: Vec<_> = gone.chain(changed.map(|(key, value)| (*key, Some(value.clone())))).collect();
        if before.is_none() {
            changes.push((FIRST, Some(first_of(dropped))));
        }
        if !changes.is_empty() {
            meta.change(&changes);
        }
        *self.open() = Some(Open { meta, claims, dropped });
    }

    /// A partition was made.
    pub(crate) fn partition_made(&self, partition: u32) {
        self.change(|claims| {
            claims.entry(partition).or_default();
            vec![key_of(partition, 0)]
        });
    }

    /// Blocks of a partition count from now on.
    pub(crate) fn blocks_made<'a>(&self, partition: u32, blocks: impl Iterator<Item = (u32, &'a Record)>) {
        self.change(|claims| {
            let of_partition = claims.entry(partition).or_default();
            let mut keys: Vec<u64> = Vec::new();
            for (block, record) in blocks {
                of_partition.insert(block, Claim::of(record));
                keys.push(key_of(partition, block));
            }
            keys.dedup();
            keys
        });
        failpoint!("witness.blocks");
    }

    /// A partition is about to go.
    pub(crate) fn partition_dropped(&self, partition: u32) {
        let mut open = self.open();
        let Some(Open { meta, claims, dropped }) = open.as_mut() else { return };
        let Some(blocks) = claims.remove(&partition) else { return };
        let mut keys = vec![key_of(partition, 0)];
        keys.extend(blocks.keys().map(|block| key_of(partition, *block)));
        keys.dedup();
        *dropped = blocks.values().map(|claim| claim.group_last).fold(*dropped, u64::max);
        let mut changes: Vec<_> = keys.into_iter().map(|key| (key, None)).collect();
        changes.push((FIRST, Some(first_of(*dropped))));
        meta.change(&changes);
        failpoint!("witness.dropped");
    }

    /// Lets go of the disk. What happens afterwards is not witnessed.
    pub(crate) fn close(&self) {
        drop(self.open().take());
    }

    /// Changes claims, and writes the values that `change` names by their keys.
    fn change(&self, change: impl FnOnce(&mut Claims) -> Vec<u64>) {
        let mut open = self.open();
        let Some(Open { meta, claims, .. }) = open.as_mut() else { return };
        let keys = change(claims);
        let changes: Vec<_> = keys.into_iter().map(|key| (key, value_of(claims, key))).collect();
        meta.change(&changes);
    }

    fn open(&self) -> MutexGuard<'_, Option<Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The claims in the values of a meta, and the highest group that retention dropped.
pub(crate) fn claims_of(values: &[(u64, Vec<u8>)]) -> Result<(Claims, u64), String> {
    let first = values.first().filter(|(key, _)| *key == FIRST);
    let (_, first) = first.ok_or("its first value is missing, as if it had been emptied")?;
    let dropped = decode(first).ok_or("its first value is damaged")?;
    let dropped = dropped.iter().map(|(_, claim)| claim.group_last).max().unwrap_or(0);
    let mut claims = Claims::new();
    for (key, value) in values.iter().filter(|(key, _)| *key != FIRST) {
        let entries = decode(value).ok_or_else(|| format!("its value {key:x} is damaged"))?;
        claims.entry(keys::partition_and_part(*key).0).or_default().extend(entries);
    }
    Ok((claims, dropped))
}

fn first_of(dropped: u64) -> Vec<u8> {
    encode([(0, Claim { generation: 0, crc: 0, group_last: dropped })].into_iter())
}

fn key_of(partition: u32, block: u32) -> u64 {
    keys::claims(partition, block / BLOCKS_PER_VALUE)
}

/// What a key has to hold; `None` when it has to be gone.
fn value_of(claims: &Claims, key: u64) -> Option<Vec<u8>> {
    let (partition, part) = keys::partition_and_part(key);
    let first = part.checked_mul(BLOCKS_PER_VALUE)?;
    let blocks = claims.get(&partition)?.range(first..=first + (BLOCKS_PER_VALUE - 1));
    Some(encode(blocks.map(|(block, claim)| (*block, *claim))))
}

fn values_of(claims: &Claims) -> BTreeMap<u64, Vec<u8>> {
    let keys = claims.iter().flat_map(|(partition, blocks)| {
        let of_blocks = blocks.keys().map(|block| key_of(*partition, *block));
        of_blocks.chain([key_of(*partition, 0)])
    });
    keys.filter_map(|key| Some((key, value_of(claims, key)?))).collect()
}

fn encode(blocks: impl Iterator<Item = (u32, Claim)>) -> Vec<u8> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&[FORMAT, 0, 0, 0]);
    for (block, claim) in blocks {
        [block, claim.generation, claim.crc].iter().for_each(|field| bytes.extend_from_slice(&field.to_le_bytes()));
        bytes.extend_from_slice(&claim.group_last.to_le_bytes());
    }
    let crc = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<Vec<(u32, Claim)>> {
    let (covered, crc) = bytes.split_last_chunk()?;
    let (header, entries) = covered.split_at_checked(HEADER_BYTES)?;
    let is_whole = u32::from_le_bytes(*crc) == crc32c::crc32c(covered);
    if !is_whole || header[..4] != MAGIC || header[4..] != [FORMAT, 0, 0, 0] {
        return None;
    }
    let (entries, []) = entries.as_chunks::<ENTRY_BYTES>() else { return None };
    let claim = |entry: &[u8; ENTRY_BYTES]| {
        let field = |at: usize| entry[at..].first_chunk().copied().map(u32::from_le_bytes);
        let group_last = entry[12..].first_chunk().copied().map(u64::from_le_bytes)?;
        Some((field(0)?, Claim { generation: field(4)?, crc: field(8)?, group_last }))
    };
    entries.iter().map(claim).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        let blocks = |range: std::ops::Range<u32>| {
            let claim = |block: u32| Claim {
                generation: block * 7,
                crc: block.wrapping_mul(0x9E37_79B9),
                group_last: u64::from(block) << 33,
            };
            range.map(|block| (block, claim(block))).collect()
        };
        Claims::from([(1, blocks(1..1)), (2, blocks(1..700)), (9, blocks(255..258))])
    }

    #[test]
    fn claims_read_back_from_their_values() {
        let mut values = vec![(FIRST, first_of(77))];
        values.extend(values_of(&claims()));
        assert_eq!(claims_of(&values), Ok((claims(), 77)));
        assert!(values.iter().all(|(_, value)| value.len() < 4 << 10), "a value holds some kilobytes at most");
        assert!(claims_of(&values[1..]).is_err(), "an emptied meta is not believed");
        assert!(claims_of(&[]).is_err());
    }

    #[test]
    fn a_flipped_bit_in_a_value_is_noticed() {
        let value = value_of(&claims(), key_of(9, 256)).expect("claimed");
        assert_eq!(decode(&value).map(|entries| entries.len()), Some(2));
        for bit in 0..value.len() * 8 {
            let mut flipped = value.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&flipped), None, "bit {bit}");
        }
        assert_eq!(decode(&value[..value.len() - ENTRY_BYTES]), None);
    }
}
