//! Counts of one partition: names, minutes, and the fingerprints of its spans. Dropped with it, summed by readers.

use std::collections::{BTreeMap, HashSet};

use model::{RedCell, SpanKind, UnixNanos};
use storage::rollup::RED_CELL;

use super::trace::SpanEntry;
use crate::content::Fingerprint;
use crate::partition::Partition;

/// Minute since 1970, service, name, and whether the span was an entry.
pub(crate) type RedKey = (u64, u32, u32, bool);

/// What a partition holds.
pub(crate) struct PartitionCounts {
    pub(crate) partition: Partition,
    pub(crate) spans: u64,
    /// By service, name and kind.
    pub(crate) names: BTreeMap<(u32, u32, SpanKind), u64>,
    pub(crate) red: BTreeMap<RedKey, RedCell>,
    pub(crate) fingerprints: HashSet<Fingerprint>,
    /// When its last group was written.
    pub(crate) written_last: UnixNanos,
    /// Bytes it takes on the disk, as last looked at.
    pub(crate) disk_bytes: u64,
}

impl PartitionCounts {
    pub(crate) fn new(partition: Partition) -> PartitionCounts {
        PartitionCounts {
            partition,
            spans: 0,
            names: BTreeMap::new(),
            red: BTreeMap::new(),
            fingerprints: HashSet::new(),
            written_last: UnixNanos(0),
            disk_bytes: 0,
        }
    }

    pub(crate) fn count(&mut self, span: &SpanEntry) {
        self.spans += 1;
        *self.names.entry((span.service, span.name, span.kind)).or_default() += 1;
        let key = (span.start.0 / RED_CELL.0, span.service, span.name, span.is_entry());
        self.red.entry(key).or_default().add(span.duration(), span.is_error());
    }
}
