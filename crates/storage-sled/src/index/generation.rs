//! A generation: the memtable that one journal segment can rebuild. Not here: its traces, they are found across generations.

use std::sync::Arc;

use hashbrown::HashSet;
use model::{SpanBatch, UnixNanos};

use crate::content::FingerprintSet;
use crate::segment::Segment;

use super::Noted;

/// Where a batch comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchPlace {
    pub(crate) generation: u32,
    /// The group that made it durable …
    pub(crate) sequence: u64,
    /// … and when that was.
    pub(crate) written: UnixNanos,
}

/// A batch of a memtable.
pub(crate) struct BatchSlot {
    pub(crate) generation: u32,
    /// The group that made it durable.
    pub(crate) sequence: u64,
    pub(crate) batch: Arc<SpanBatch>,
    /// Its rows that were not known before.
    pub(crate) rows: Vec<u32>,
    /// Those of them whose place was taken by a later report of the same work.
    pub(crate) replaced: HashSet<u32>,
}

/// What a generation adds up to.
pub(crate) struct Generation {
    pub(crate) segment: Segment,
    pub(crate) spans: u64,
    pub(crate) fingerprints: FingerprintSet,
    /// Texts of its spans.
    pub(super) texts: Noted,
    /// First and last group; no batch was applied yet while the first is greater.
    pub(crate) group_first: u64,
    pub(crate) group_last: u64,
    /// When its last group was written.
    pub(crate) written_last: UnixNanos,
    /// Rough bytes of its batches in memory, and of what is kept beside them.
    pub(crate) memory_bytes: usize,
    /// Bytes of its journal on the disk, as last looked at.
    pub(crate) disk_bytes: u64,
}

impl Generation {
    pub(crate) fn new(segment: Segment) -> Generation {
        Generation {
            texts: Noted::new(segment.generation),
            segment,
            spans: 0,
            fingerprints: FingerprintSet::default(),
            group_first: u64::MAX,
            group_last: 0,
            written_last: UnixNanos(0),
            memory_bytes: 0,
            disk_bytes: 0,
        }
    }

    /// Notes a batch.
    pub(crate) fn take(&mut self, place: BatchPlace, spans: u64, bytes: usize) {
        self.group_first = self.group_first.min(place.sequence);
        self.group_last = self.group_last.max(place.sequence);
        self.written_last = self.written_last.max(place.written);
        self.spans += spans;
        self.memory_bytes += bytes;
    }
}
