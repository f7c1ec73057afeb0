//! Hot columns as readers keep them: decoded, and as narrow as their values allow. Not here: how they lie in a block.

use std::sync::Arc;

use crate::block::BlockError;
use crate::blocks::{OpenBlock, StoredBlock};
use crate::cache::Cache;
use crate::shared::Shared;

/// Columns that were used last, by partition, block, and column and row group.
pub(crate) type HotColumns = Cache<(u32, u32, u32), Arc<Packed>>;

/// Columns that scans look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hot {
    Shape = 0,
    Start = 1,
    Duration = 2,
}

/// Numbers above a base.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    base: u64,
    numbers: Numbers,
}

#[derive(Debug, PartialEq, Eq)]
enum Numbers {
    Bytes(Box<[u8]>),
    Shorts(Box<[u16]>),
    Words(Box<[u32]>),
    Longs(Box<[u64]>),
}

/// What an entry of the cache costs beside its numbers.
const ENTRY_BYTES: usize = 160;

/// A column of a row group, from the cache or from the block.
pub(crate) fn column(
    shared: &Shared,
    block: &StoredBlock,
    open: &OpenBlock,
    column: Hot,
    group: usize,
) -> Result<Arc<Packed>, BlockError> {
    let key = (block.partition.number, block.number, (column as u32) << 8 | group as u32);
    if let Some(known) = shared.hot_columns.get(key) {
        return Ok(known);
    }
    let spans = &open.spans;
    let packed = Arc::new(match column {
        Hot::Shape => Packed::new(spans.shapes(group)?.into_iter().map(u64::from)),
        Hot::Start => Packed::new(spans.starts(group)?.into_iter().map(|start| start.0)),
        Hot::Duration => Packed::new(spans.durations(group)?.into_iter()),
    });
    shared.hot_columns.put(key, Arc::clone(&packed), packed.bytes() + ENTRY_BYTES);
    Ok(packed)
}

impl Packed {
    fn new(values: impl Iterator<Item = u64> + Clone) -> Packed {
        let base = values.clone().min().unwrap_or(0);
        let values = values.map(|value| value - base);
        let numbers = match values.clone().max().unwrap_or(0) {
            0..=0xff => Numbers::Bytes(values.map(|value| value as u8).collect()),
            0x100..=0xffff => Numbers::Shorts(values.map(|value| value as u16).collect()),
            0x1_0000..=0xffff_ffff => Numbers::Words(values.map(|value| value as u32).collect()),
            _ => Numbers::Longs(values.collect()),
        };
        Packed { base, numbers }
    }

    fn bytes(&self) -> usize {
        match &self.numbers {
            Numbers::Bytes(numbers) => numbers.len(),
            Numbers::Shorts(numbers) => numbers.len() * 2,
            Numbers::Words(numbers) => numbers.len() * 4,
            Numbers::Longs(numbers) => numbers.len() * 8,
        }
    }

    /// Leaves in `rows` only those whose number is wanted.
    pub(crate) fn retain(&self, rows: &mut [bool], is_wanted: impl Fn(u64) -> bool) {
        fn each<N: Copy + Into<u64>>(numbers: &[N], base: u64, rows: &mut [bool], is_wanted: impl Fn(u64) -> bool) {
            // Without a branch on what is left: most rows are asked about, and the processor need not guess.
            rows.iter_mut().zip(numbers).for_each(|(row, number)| *row &= is_wanted(base + (*number).into()));
        }
        match &self.numbers {
            Numbers::Bytes(numbers) => each(numbers, self.base, rows, is_wanted),
            Numbers::Shorts(numbers) => each(numbers, self.base, rows, is_wanted),
            Numbers::Words(numbers) => each(numbers, self.base, rows, is_wanted),
            Numbers::Longs(numbers) => each(numbers, self.base, rows, is_wanted),
        }
    }

    /// All numbers.
    pub(crate) fn to_vec(&self) -> Vec<u64> {
        fn all<N: Copy + Into<u64>>(numbers: &[N], base: u64) -> Vec<u64> {
            numbers.iter().map(|number| base + (*number).into()).collect()
        }
        match &self.numbers {
            Numbers::Bytes(numbers) => all(numbers, self.base),
            Numbers::Shorts(numbers) => all(numbers, self.base),
            Numbers::Words(numbers) => all(numbers, self.base),
            Numbers::Longs(numbers) => all(numbers, self.base),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_take_as_many_bytes_as_they_need() {
        let check = |values: &[u64], bytes: usize| {
            let packed = Packed::new(values.iter().copied());
            assert_eq!((packed.to_vec().as_slice(), packed.bytes()), (values, bytes * values.len()));
            let mut rows = vec![true; values.len()];
            packed.retain(&mut rows, |value| value == values[0]);
            assert_eq!(rows, values.iter().map(|value| *value == values[0]).collect::<Vec<_>>());
        };
        check(&[u64::MAX, u64::MAX - 255], 1);
        check(&[5, 261], 2);
        check(&[1 << 40, (1 << 40) + 70_000], 4);
        check(&[0, u64::MAX, 1 << 32], 8);
    }
}
