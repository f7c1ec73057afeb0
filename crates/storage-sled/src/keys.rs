//! Names of trees and keys in them. No other file builds a key or takes one apart.

/// The tree that holds pages: of groups in a journal, of blocks in a partition.
pub(crate) const PAGES: &str = "p";

/// The tree that holds the catalog of a partition.
pub(crate) const CATALOG: &str = "c";

/// The tree that holds pages of runs in a partition.
pub(crate) const RUNS: &str = "r";

/// Set in the number of a block where the number of a run is meant.
pub(crate) const OF_RUN: u32 = 1 << 31;
/// The tree of the meta that holds the witness.
pub(crate) const WITNESS: &str = "w";

/// Big-endian, so that sled's order is the order of writing.
pub(crate) fn key_of(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

/// `None` when the key was not built here.
pub(crate) fn number_of(key: &[u8]) -> Option<u64> {
    key.try_into().ok().map(u64::from_be_bytes)
}

/// The number of the copy of a block's record, which lies behind its pages: in another slot of the disk than the record.
pub(crate) fn record_copy(block: u32) -> u64 {
    page_of_block(block, u32::MAX)
}

/// The key of a value of the witness: claims about one part of the blocks of a partition.
pub(crate) fn claims(partition: u32, part: u32) -> u64 {
    u64::from(partition) << 32 | u64::from(part)
}

/// Partition and part in the key of a value of the witness.
pub(crate) fn partition_and_part(key: u64) -> (u32, u32) {
    ((key >> 32) as u32, key as u32)
}

/// The number of a page of a block.
pub(crate) fn page_of_block(block: u32, page: u32) -> u64 {
    u64::from(block) << 32 | u64::from(page)
}
