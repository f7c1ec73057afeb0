//! Cells by minute that merge by addition, and their bytes. Drawn byte by byte in `docs/formats/rollup.md`.
//!
//! Not here: which spans make a cell (`edge`, `red`), compression, checksums and where the bytes go.

pub(crate) mod bytes;
mod decode;
mod encode;
mod flat;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use bytes::RollupError;
pub use decode::{decode_edges, decode_red};
pub use encode::{encode_edges, encode_red};
pub use flat::{EdgeSum, Flat, FlatEdges, FlatRed, OfMinute, RedSum, Summing, flat_edges, flat_red};

use crate::edge::{EdgeCell, EdgeKey};
use crate::red::{RedDetail, RedKey};
use crate::time::{SpanDuration, UnixNanos};

/// First bytes of encoded edge cells.
pub const EDGES_MAGIC: [u8; 4] = *b"TWRE";

/// First bytes of encoded RED cells.
pub const RED_MAGIC: [u8; 4] = *b"TWRR";

/// The only version there is, of both.
pub const VERSION: u8 = 1;

/// Width of a cell.
pub const MINUTE: SpanDuration = SpanDuration(60_000_000_000);

/// Largest count that is written or believed: far more than a minute can hold, a thousand of them still add up, and it leaves
/// the bits free that a bucket needs beside it.
pub const COUNT_MAX: u64 = (1 << 53) - 1;

/// Something that is counted; disjoint counts merge.
pub trait Cell: Default {
    /// Adds what was counted elsewhere.
    fn merge(&mut self, other: &Self);
}

/// Cells by key and minute since 1970, sorted by both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rollup<K, C> {
    /// Invariant: no series is empty.
    series: BTreeMap<K, BTreeMap<u32, C>>,
}

/// Calls by edge and minute.
pub type EdgeCells = Rollup<EdgeKey, EdgeCell>;

/// Spans by service, name, kind and minute.
pub type RedCells = Rollup<RedKey, RedDetail>;

/// The minute since 1970 to which an instant belongs.
pub fn minute_of(instant: UnixNanos) -> u32 {
    // 2^64 nanoseconds are 307,445,735 minutes.
    (instant.0 / MINUTE.0) as u32
}

// === impl Rollup ===

impl<K: Ord, C: Cell> Rollup<K, C> {
    /// Adds a cell, merging it into what is there.
    pub fn add(&mut self, key: K, minute: u32, cell: C) {
        use std::collections::btree_map::Entry;
        match self.series.entry(key).or_default().entry(minute) {
            Entry::Vacant(vacant) => {
                vacant.insert(cell);
            }
            Entry::Occupied(mut known) => known.get_mut().merge(&cell),
        }
    }

    /// Adds all cells of another rollup.
    pub fn merge(&mut self, other: Rollup<K, C>) {
        for (key, minutes) in other.series {
            let known = self.series.entry(key).or_default();
            for (minute, cell) in minutes {
                known.entry(minute).or_default().merge(&cell);
            }
        }
    }
}

impl<K, C> Rollup<K, C> {
    /// Every cell with its key and minute, sorted by key, then by minute.
    pub fn iter(&self) -> impl Iterator<Item = (&K, u32, &C)> {
        self.series().flat_map(|(key, minutes)| minutes.iter().map(move |(minute, cell)| (key, *minute, cell)))
    }

    /// Every key with its cells by minute, at least one, sorted by key.
    pub fn series(&self) -> impl ExactSizeIterator<Item = (&K, &BTreeMap<u32, C>)> {
        self.series.iter()
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.series.values().map(BTreeMap::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }
}

impl<K, C> Default for Rollup<K, C> {
    fn default() -> Self {
        Rollup { series: BTreeMap::new() }
    }
}

impl Cell for EdgeCell {
    fn merge(&mut self, other: &Self) {
        EdgeCell::merge(self, other);
    }
}

impl Cell for RedDetail {
    fn merge(&mut self, other: &Self) {
        RedDetail::merge(self, other);
    }
}
