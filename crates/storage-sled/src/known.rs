//! Is a span that arrives in a block already? Exact: what the filters let pass is compared with what is stored.
//!
//! Only the newest blocks are asked. Not here: spans in memory and those that went into blocks last, whose fingerprints are at hand.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::batch::RowView;
use model::{SpanBatch, SpanId, TraceId};

use crate::block::BlockError;
use crate::blocks::{StoredBlock, hash_of};
use crate::content::Fingerprint;
use crate::index::{Index, Packed};
use crate::shared::Shared;

/// A batch on its way in, and which of its rows need not be stored.
pub(crate) struct Arriving<'a> {
    pub(crate) batch: &'a SpanBatch,
    pub(crate) fingerprints: &'a [Fingerprint],
    pub(crate) known: &'a mut [bool],
}

/// Rows of an arriving batch by trace: span id and row, sorted.
type Wanted = BTreeMap<TraceId, Vec<(SpanId, usize)>>;

/// The blocks that are asked.
pub(crate) fn recent(blocks: &[Arc<StoredBlock>], blocks_max: usize) -> &[Arc<StoredBlock>] {
    &blocks[blocks.len().saturating_sub(blocks_max)..]
}

/// Prepares the newest blocks for being asked, and lets go of what older ones keep for it.
pub(crate) fn learn(shared: &Shared) {
    pack(shared);
    let blocks = Arc::clone(&shared.index().blocks);
    let recent = recent(&blocks, shared.settings.known_blocks_max);
    for block in recent.iter().filter(|block| !block.has_learned()) {
        if let Err(error) = block.learn() {
            shared.note_damage(block, &error);
        }
    }
    blocks[..blocks.len() - recent.len()].iter().for_each(|block| block.unlearn());
}

/// Packs the fingerprints that memtables left behind, while nobody waits for it.
fn pack(shared: &Shared) {
    loop {
        // Not in the head of the loop, where the lock would be held until its end.
        let fresh = shared.index().remembered.fresh();
        let Some(fresh) = fresh else { return };
        let packed = Packed::of(&fresh);
        shared.index_mut().remembered.replace(&fresh, packed);
    }
}

// === impl Arriving ===

impl Arriving<'_> {
    /// Marks the rows that recent blocks hold with equal content. A report of unfinished work is known, too, when its end is.
    pub(crate) fn mark(&mut self, shared: &Shared) {
        let has_pending = self.batch.rows().any(|row| row.is_pending());
        if has_pending {
            let mut index = shared.index_mut();
            self.batch.rows().zip(&mut *self.known).for_each(|(row, known)| *known |= index.is_told(row));
        }
        let (mut wanted, blocks) = {
            let index = shared.index();
            let blocks = recent(&index.blocks, shared.settings.known_blocks_max);
            let wanted = self.wanted(&index, blocks);
            if wanted.is_empty() {
                return;
            }
            let blocks = blocks.iter().filter(|block| has_pending || !index.remembers_all_of(block));
            (wanted, blocks.cloned().collect::<Vec<_>>())
        };
        wanted.values_mut().for_each(|rows| rows.sort_unstable());
        for block in blocks.iter().rev() {
            for (id, rows) in wanted.iter().filter(|(id, _)| block.recalls(hash_of(id), id)) {
                // What cannot be read is not known: better twice than never.
                if let Err(error) = self.mark_trace(shared, block, id, rows) {
                    shared.note_damage(block, &error);
                }
            }
        }
    }

    /// The rows that one of the blocks may hold, nearly always none; those that are remembered are marked.
    fn wanted(&mut self, index: &Index, blocks: &[Arc<StoredBlock>]) -> Wanted {
        let mut wanted = Wanted::new();
        if blocks.is_empty() {
            return wanted;
        }
        // Neighbours often are of one trace.
        let mut last: Option<(TraceId, Suspicion)> = None;
        for (row, is_known) in self.batch.rows().zip(&mut *self.known).filter(|(_, is_known)| !**is_known) {
            let id = row.trace_id();
            let suspicion = match last {
                Some((known, suspicion)) if known == id => suspicion,
                _ => suspicion(index, blocks, &id),
            };
            last = Some((id, suspicion));
            if suspicion == Suspicion::None {
                continue;
            }
            *is_known = index.remembers(self.fingerprints[row.index()]);
            // Of a report the end is looked for, which is another span.
            if !*is_known && (suspicion == Suspicion::Unremembered || row.is_pending()) {
                wanted.entry(id).or_default().push((row.span_id(), row.index()));
            }
        }
        wanted
    }

    fn mark_trace(
        &mut self,
        shared: &Shared,
        block: &StoredBlock,
        id: &TraceId,
        rows: &[(SpanId, usize)],
    ) -> Result<(), BlockError> {
        let open = block.reader()?;
        let Some(number) = open.spans.find(id)? else { return Ok(()) };
        let of_trace = open.spans.rows_of_trace(number)?;
        let mut next = of_trace.start;
        while next < of_trace.end {
            let group = open.spans.group_of_row(next).ok_or(BlockError::Invalid("row number"))?;
            let of_group = open.spans.rows_of_group(group);
            let end = of_trace.end.min(of_group.end);
            let ids = open.spans.span_ids(group)?;
            let is_wanted = |row: &u32| {
                let id = ids[(*row - of_group.start) as usize];
                rows.binary_search_by_key(&id, |(wanted, _)| *wanted).is_ok()
            };
            let mut found = (next..end).filter(is_wanted);
            if let Some(first) = found.next() {
                let last = found.next_back().unwrap_or(first);
                self.compare(shared, &open.spans.spans(first..last + 1)?, rows);
            }
            next = end;
        }
        Ok(())
    }

    fn compare(&mut self, shared: &Shared, stored: &SpanBatch, rows: &[(SpanId, usize)]) {
        let fingerprints = shared.fingerprints.of_batch(stored);
        for (known, fingerprint) in stored.rows().zip(fingerprints) {
            let first = rows.partition_point(|(id, _)| *id < known.span_id());
            for (_, row) in rows[first..].iter().take_while(|(id, _)| *id == known.span_id()) {
                let is_equal = self.fingerprints[*row] == fingerprint;
                self.known[*row] |= is_equal || ends(known, self.batch.row(*row));
            }
        }
    }
}

/// Which blocks may hold a trace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Suspicion {
    None,
    /// Only such whose spans are all remembered.
    Remembered,
    /// Others, too.
    Unremembered,
}

fn suspicion(index: &Index, blocks: &[Arc<StoredBlock>], id: &TraceId) -> Suspicion {
    // What is said of a trace in memory holds as long as it is there.
    if index.traces.get(id).is_some_and(|trace| !trace.spans().is_empty() && !trace.is_in_blocks) {
        return Suspicion::None;
    }
    let hash = hash_of(id);
    let mut suspicion = Suspicion::None;
    for block in blocks.iter().filter(|block| block.recalls(hash, id)) {
        if !index.remembers_all_of(block) {
            return Suspicion::Unremembered;
        }
        suspicion = Suspicion::Remembered;
    }
    suspicion
}

/// Whether `known` tells how the work ended that `row` reports as unfinished.
fn ends(known: RowView<'_>, row: RowView<'_>) -> bool {
    row.is_pending() && !known.is_pending() && known.kind() == row.kind() && known.service() == row.service()
}
