//! What is in the store, in memory: enough of every span to select and order traces without reading a page.
//!
//! Rebuilt from the groups on open. Not here: attributes, events and links, which are read from pages.

mod counts;
mod interner;
#[cfg(test)]
mod tests;
mod trace;

use std::collections::BTreeMap;

use model::batch::RowView;
use model::{SpanBatch, TraceId};

pub(crate) use counts::PartitionCounts;
pub(crate) use interner::Interner;
pub(crate) use trace::{SpanEntry, TraceEntry, summary};

use crate::content::Fingerprint;
use crate::partition::Partition;

/// Where a batch lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BatchPlace {
    /// The group that made it durable.
    pub(crate) sequence: u64,
    /// The number of its partition.
    pub(crate) partition: u32,
    /// First page of its group.
    pub(crate) page_first: u64,
    /// Its place in the group.
    pub(crate) index: u32,
}

/// What applying a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) spans: u64,
    pub(crate) deduplicated: u64,
}

/// The whole index.
#[derive(Default)]
pub(crate) struct Index {
    pub(crate) traces: BTreeMap<TraceId, TraceEntry>,
    /// Batches by the number that span entries carry. Numbers are not reused.
    pub(crate) batches: Vec<BatchPlace>,
    /// By the number of the partition: dropped with it.
    pub(crate) partitions: BTreeMap<u32, PartitionCounts>,
    pub(crate) names: Interner,
    /// The latest group that was applied.
    pub(crate) watermark: u64,
    /// Spans in all partitions.
    pub(crate) spans: u64,
}

impl Index {
    /// A partition from which batches will be applied.
    pub(crate) fn add_partition(&mut self, partition: Partition) {
        self.partitions.insert(partition.name.number, PartitionCounts::new(partition));
    }

    /// Whether a span with this content is stored.
    pub(crate) fn knows(&self, fingerprint: Fingerprint) -> bool {
        // Newest first: a span that comes again mostly does so soon.
        self.partitions.values().rev().any(|partition| partition.fingerprints.contains(&fingerprint))
    }

    /// Takes in a batch, and leaves out what is known. Returns the batch's number too.
    pub(crate) fn apply(
        &mut self,
        place: BatchPlace,
        batch: &SpanBatch,
        fingerprints: &[Fingerprint],
    ) -> (u32, Applied) {
        let number = u32::try_from(self.batches.len()).expect("four thousand million batches do not fit in memory");
        self.batches.push(place);
        self.watermark = self.watermark.max(place.sequence);
        let mut ids = BatchIds::new(batch);
        let mut applied = Applied::default();
        for (row, fingerprint) in batch.rows().zip(fingerprints) {
            if self.knows(*fingerprint) {
                applied.deduplicated += 1;
                continue;
            }
            applied.spans += 1;
            self.add(place.partition, number, row, *fingerprint, &mut ids);
        }
        self.spans += applied.spans;
        (number, applied)
    }

    fn add(&mut self, partition: u32, batch: u32, row: RowView<'_>, fingerprint: Fingerprint, ids: &mut BatchIds) {
        let (service, name) = ids.of(row, &mut self.names);
        let entry = SpanEntry::new(row, batch, service, name);
        let counts = self.partitions.get_mut(&partition).expect("added before its first batch is applied");
        counts.fingerprints.insert(fingerprint);
        counts.count(&entry);
        self.traces.entry(row.trace_id()).or_default().push(entry);
    }

    /// Forgets a partition and all its spans.
    pub(crate) fn drop_partition(&mut self, number: u32) {
        let Some(dropped) = self.partitions.remove(&number) else { return };
        self.spans -= dropped.spans;
        let batches = &self.batches;
        self.traces.retain(|_, trace| {
            trace.retain(|span| batches[span.batch as usize].partition != number);
            !trace.spans().is_empty()
        });
    }

    pub(crate) fn sequence_of(&self, span: &SpanEntry) -> u64 {
        self.batches[span.batch as usize].sequence
    }
}

/// Interned ids of one batch: one look-up per distinct text, not per span.
struct BatchIds {
    services: Vec<Option<u32>>,
    names: Vec<Option<u32>>,
}

impl BatchIds {
    fn new(batch: &SpanBatch) -> BatchIds {
        let columns = batch.columns();
        BatchIds { services: vec![None; columns.resources.len()], names: vec![None; columns.strings.len()] }
    }

    fn of(&mut self, row: RowView<'_>, interner: &mut Interner) -> (u32, u32) {
        let service = *self.services[row.resource_index()].get_or_insert_with(|| interner.intern(row.service()));
        let name = *self.names[row.name_index()].get_or_insert_with(|| interner.intern(row.name()));
        (service, name)
    }
}
