//! What is in the store, in memory: the memtables whole, and of the blocks what it takes to decide which must be read.
//!
//! Spans move from memtable to block in one step under the lock: a reader sees them in one of the two, never in both.

mod generation;
mod interner;
mod pending;
mod remembered;
#[cfg(test)]
mod tests;
mod texts;
mod trace;

use std::collections::{BTreeMap, HashSet, VecDeque};
use std::sync::Arc;

use hashbrown::HashMap;
use model::batch::RowView;
use model::{SpanBatch, TraceId, UnixNanos};

pub(crate) use generation::{BatchPlace, BatchSlot, Generation};
pub(crate) use interner::{Interner, NO_NUMBER, Noted};
pub(crate) use remembered::{Packed, Remembered};
pub(crate) use texts::{Texts, WantedText};
pub(crate) use trace::{SpanEntry, TraceEntry, summary};

use crate::blocks::{StoredBlock, hash_of};
use crate::content::{Fingerprint, FingerprintSet};
use crate::partition::Partition;
use crate::rollup::{Names, Runs};
use crate::segment::Segment;
use crate::settings::Settings;

/// What the index keeps beside the batch of a span in a memtable, about: its entry and its fingerprint, in tables with room to
/// grow, and its share of its trace.
const INDEX_BYTES_PER_SPAN: usize = 112;

/// What applying a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) spans: u64,
    pub(crate) deduplicated: u64,
}

/// A partition and what its blocks add up to.
pub(crate) struct PartitionEntry {
    pub(crate) partition: Partition,
    pub(crate) names: Names,
    pub(crate) runs: Arc<Runs>,
    /// When the last group in it was written.
    pub(crate) written_last: UnixNanos,
    /// Bytes it takes on the disk, as last looked at.
    pub(crate) disk_bytes: u64,
}

/// The whole index.
pub(crate) struct Index {
    /// Traces with a span in a memtable.
    pub(crate) traces: HashMap<TraceId, TraceEntry>,
    /// Batches of all memtables, by their numbers; `None` where a memtable went before an older one.
    batches: VecDeque<Option<BatchSlot>>,
    /// The number of the first of them; numbers wrap around.
    batch_first: u32,
    pub(crate) generations: BTreeMap<u32, Generation>,
    pub(crate) partitions: BTreeMap<u32, PartitionEntry>,
    /// In the order of their making. Shared, so that a reader keeps the list it began with.
    pub(crate) blocks: Arc<Vec<Arc<StoredBlock>>>,
    /// Services and names of spans in memtables.
    names: Interner,
    /// Hashes of traces that have spans in more than one block or memtable; some others are among them.
    pub(crate) split: HashSet<u64>,
    /// Fingerprints of spans in blocks.
    pub(crate) remembered: Remembered,
    /// The latest group that was applied.
    pub(crate) watermark: u64,
    /// Spans in memtables and blocks.
    pub(crate) spans: u64,
}

impl Index {
    /// Nothing yet.
    pub(crate) fn new(settings: &Settings) -> Index {
        Index {
            traces: HashMap::new(),
            batches: VecDeque::new(),
            batch_first: 0,
            generations: BTreeMap::new(),
            partitions: BTreeMap::new(),
            blocks: Arc::default(),
            names: Interner::new(settings.interner_bytes_max),
            split: HashSet::new(),
            remembered: Remembered::new(settings.remembered_spans_max),
            watermark: 0,
            spans: 0,
        }
    }

    /// A generation to which batches will be applied.
    pub(crate) fn add_generation(&mut self, segment: Segment) {
        self.generations.insert(segment.generation, Generation::new(segment));
    }

    /// A partition to which blocks will be added.
    pub(crate) fn add_partition(&mut self, partition: Partition) {
        let (names, written_last) = (Names::default(), UnixNanos(0));
        let entry = PartitionEntry { partition, names, runs: Arc::default(), written_last, disk_bytes: 0 };
        self.partitions.insert(entry.partition.number, entry);
    }

    /// Which of these contents a span in memory has.
    pub(crate) fn in_memory(&self, fingerprints: &[Fingerprint]) -> Vec<bool> {
        let mut known = vec![false; fingerprints.len()];
        // Memtable by memtable: look-ups in one table wait for memory together, not one after the other.
        for generation in self.generations.values() {
            let is_known = |fingerprint| generation.fingerprints.contains(fingerprint);
            known.iter_mut().zip(fingerprints).for_each(|(known, fingerprint)| *known |= is_known(fingerprint));
        }
        known
    }

    /// Whether a span with this content went into a block, as far back as is remembered.
    pub(crate) fn remembers(&self, fingerprint: Fingerprint) -> bool {
        self.remembered.contains(fingerprint)
    }

    /// Whether it remembers each span of a block: what it does not remember is not there.
    pub(crate) fn remembers_all_of(&self, block: &StoredBlock) -> bool {
        self.remembered.has_generation(block.record.generation)
    }

    /// Takes in a batch, and leaves out what is known. Panics when the generation was not added.
    pub(crate) fn apply(&mut self, place: BatchPlace, batch: Arc<SpanBatch>, fingerprints: &[Fingerprint]) -> Applied {
        let mut known = self.in_memory(fingerprints);
        let mut seen = FingerprintSet::default();
        let mut is_repeat = |fingerprint| self.remembers(fingerprint) || !seen.insert(fingerprint);
        known.iter_mut().zip(fingerprints).for_each(|(known, fingerprint)| *known = *known || is_repeat(*fingerprint));
        self.apply_rows(place, batch, fingerprints, |row| !known[row])
    }

    /// Takes in a batch of which nothing is known. Panics when the generation was not added.
    pub(crate) fn apply_new(
        &mut self,
        place: BatchPlace,
        batch: Arc<SpanBatch>,
        fingerprints: &[Fingerprint],
    ) -> Applied {
        self.apply_rows(place, batch, fingerprints, |_row| true)
    }

    fn apply_rows(
        &mut self,
        place: BatchPlace,
        batch: Arc<SpanBatch>,
        fingerprints: &[Fingerprint],
        is_new: impl Fn(usize) -> bool,
    ) -> Applied {
        let number = self.batch_first.wrapping_add(self.batches.len() as u32);
        self.watermark = self.watermark.max(place.sequence);
        let BatchPlace { generation, sequence, .. } = place;
        let (rows, replaced) = (Vec::new(), hashbrown::HashSet::new());
        self.batches.push_back(Some(BatchSlot { generation, sequence, batch: Arc::clone(&batch), rows, replaced }));
        let at = self.generations.get_mut(&place.generation).expect("added before batches are applied");
        let mut ids = BatchIds::new(&batch, std::mem::take(&mut at.texts));
        let mut rows = Vec::with_capacity(batch.len());
        for (row, fingerprint) in batch.rows().zip(fingerprints) {
            if is_new(row.index()) && self.add(place.generation, number, row, *fingerprint, &mut ids) {
                rows.push(row.index() as u32);
            }
        }
        let applied = Applied { spans: rows.len() as u64, deduplicated: (batch.len() - rows.len()) as u64 };
        let generation = self.generations.get_mut(&place.generation).expect("added before batches are applied");
        generation.texts = ids.texts;
        generation.take(place, applied.spans, batch.memory_bytes() + rows.len() * INDEX_BYTES_PER_SPAN);
        self.spans += applied.spans;
        if let Some(Some(slot)) = self.batches.back_mut() {
            slot.rows = rows;
        }
        applied
    }

    /// `false` for a pending span that has ended by now: it tells nothing new.
    fn add(
        &mut self,
        generation: u32,
        batch: u32,
        row: RowView<'_>,
        fingerprint: Fingerprint,
        ids: &mut BatchIds,
    ) -> bool {
        let (service, name) = ids.of(row, &mut self.names);
        let entry = SpanEntry::new(row, batch, service, name);
        let trace_id = row.trace_id();
        if !self.takes_place(&trace_id, &entry) {
            return false;
        }
        let generation = self.generations.get_mut(&generation).expect("added before its first batch is applied");
        generation.fingerprints.insert(fingerprint);
        let trace = self.traces.entry(trace_id).or_default();
        if trace.spans().is_empty() {
            let hash = hash_of(&trace_id);
            trace.is_in_blocks = self.blocks.iter().any(|block| block.recalls(hash, &trace_id));
            if trace.is_in_blocks {
                self.split.insert(hash);
            }
        }
        trace.push(entry);
        true
    }

    /// A batch of a memtable; `None` when its spans are in a block by now.
    pub(crate) fn batch(&self, number: u32) -> Option<&BatchSlot> {
        self.batches.get(number.wrapping_sub(self.batch_first) as usize)?.as_ref()
    }

    /// The batches of a generation, in order.
    pub(crate) fn batches_of(&self, generation: u32) -> impl Iterator<Item = &BatchSlot> {
        self.batches.iter().flatten().filter(move |slot| slot.generation == generation)
    }

    /// The batches of memtables from this number on, each with its number.
    pub(crate) fn batches_from(&self, number: u32) -> impl Iterator<Item = (u32, &BatchSlot)> {
        // Numbers wrap around: a distance beyond half of them is one backwards.
        let distance = number.wrapping_sub(self.batch_first);
        let skipped = if distance > u32::MAX / 2 { 0 } else { distance };
        let numbered = self.batches.iter().enumerate().skip(skipped as usize);
        numbered.filter_map(|(place, slot)| Some((self.batch_first.wrapping_add(place as u32), slot.as_ref()?)))
    }

    pub(crate) fn sequence_of(&self, span: &SpanEntry) -> u64 {
        self.batch(span.batch).map_or(0, |slot| slot.sequence)
    }

    /// A block that was there when the store opened. Mostly there is nothing in memory yet.
    pub(crate) fn add_block(&mut self, block: Arc<StoredBlock>, names: &Names) {
        let record = block.record;
        let partition = self.partitions.get_mut(&block.partition.number).expect("added before its blocks");
        partition.names.merge(names);
        partition.written_last = partition.written_last.max(record.written_last);
        self.spans += u64::from(record.spans);
        for (id, trace) in self.traces.iter_mut().filter(|(id, _)| block.may_hold(id)) {
            trace.is_in_blocks = true;
            self.split.insert(hash_of(id));
        }
        self.watermark = self.watermark.max(record.group_last);
        Arc::make_mut(&mut self.blocks).push(block);
    }

    /// A generation is in these blocks from now on, with these names.
    /// `split`: hashes of its traces that are proven to be in other blocks too.
    pub(crate) fn replace_generation(
        &mut self,
        number: u32,
        blocks: Vec<Arc<StoredBlock>>,
        names: &Names,
        split: &[u64],
    ) {
        let Some(generation) = self.let_go(number, Some(split)) else { return };
        let partition = blocks.first().and_then(|block| self.partitions.get_mut(&block.partition.number));
        if let Some(partition) = partition {
            partition.names.merge(names);
            partition.written_last = partition.written_last.max(generation.written_last);
        }
        self.remembered.add(number, generation.fingerprints);
        Arc::make_mut(&mut self.blocks).extend(blocks);
    }

    /// Takes the spans of a generation out of memory. What is `proven` replaces what was only suspected when its spans came,
    /// so that suspicions do not add up for ever.
    fn let_go(&mut self, number: u32, proven: Option<&[u64]>) -> Option<Generation> {
        let generation = self.generations.remove(&number)?;
        self.names.release(&generation.texts);
        let is_gone = |slot: &Option<BatchSlot>| slot.as_ref().is_none_or(|slot| slot.generation == number);
        let (batches, first, split) = (&self.batches, self.batch_first, &mut self.split);
        self.traces.retain(|id, trace| {
            let before = trace.spans().len();
            trace.retain(|span| !batches.get(span.batch.wrapping_sub(first) as usize).is_none_or(is_gone));
            let rest = trace.spans().len();
            if 0 < rest && rest < before {
                trace.is_in_blocks = true;
                trace.open = pending::open_among(trace.spans(), batches, first);
                split.insert(hash_of(id));
            } else if rest == 0 && proven.is_some() {
                split.remove(&hash_of(id));
            }
            rest > 0
        });
        split.extend(proven.unwrap_or_default());
        for slot in self.batches.iter_mut().filter(|slot| is_gone(slot)) {
            *slot = None;
        }
        while self.batches.pop_front_if(|slot| slot.is_none()).is_some() {
            self.batch_first = self.batch_first.wrapping_add(1);
        }
        Some(generation)
    }

    /// Forgets a generation that could not be read.
    pub(crate) fn drop_generation(&mut self, number: u32) {
        if let Some(generation) = self.let_go(number, None) {
            self.spans -= generation.spans;
        }
    }

    /// Forgets a partition and all its blocks.
    pub(crate) fn drop_partition(&mut self, number: u32) {
        self.partitions.remove(&number);
        // Not what its counts say: those of a generation are with its first block, and others may be damaged.
        let dropped = self.blocks.iter().filter(|block| block.partition.number == number);
        self.spans -= dropped.map(|block| u64::from(block.record.spans)).sum::<u64>();
        Arc::make_mut(&mut self.blocks).retain(|block| block.partition.number != number);
    }

    /// What names of spans in memory take beside their batches, about.
    pub(crate) fn names_bytes(&self) -> usize {
        self.names.memory_bytes()
    }

    /// Rough bytes of all memtables.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.generations.values().map(|generation| generation.memory_bytes).sum()
    }
}

/// Interned ids of one batch: one look-up per distinct text, not per span.
struct BatchIds {
    services: Vec<Option<u32>>,
    names: Vec<Option<u32>>,
    /// Of the generation, while a batch is applied to it.
    texts: Noted,
}

impl BatchIds {
    fn new(batch: &SpanBatch, texts: Noted) -> BatchIds {
        let columns = batch.columns();
        let (services, names) = (vec![None; columns.resources.len()], vec![None; columns.strings.len()]);
        BatchIds { services, names, texts }
    }

    fn of(&mut self, row: RowView<'_>, interner: &mut Interner) -> (u32, u32) {
        let BatchIds { services, names, texts } = self;
        let service = *services[row.resource_index()].get_or_insert_with(|| interner.intern(row.service(), texts));
        let name = *names[row.name_index()].get_or_insert_with(|| interner.intern(row.name(), texts));
        (service, name)
    }
}
