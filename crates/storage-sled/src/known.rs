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
use crate::index::Index;
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
    let blocks = Arc::clone(&shared.index().blocks);
    let recent = recent(&blocks, shared.settings.known_blocks_max);
    for block in recent.iter().filter(|block| !block.has_learned()) {
        if let Err(error) = block.learn() {
            shared.note_damage(block, &error);
        }
    }
    blocks[..blocks.len() - recent.len()].iter().for_each(|block| block.unlearn());
}

// === impl Arriving ===

impl Arriving<'_> {
    /// Marks the rows that recent blocks hold with equal content. A report of unfinished work is known, too, when its end is.
    pub(crate) fn mark(&mut self, shared: &Shared) {
        if self.batch.rows().any(|row| row.is_pending()) {
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
            (wanted, blocks.to_vec())
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

    /// The rows whose trace may be in one of the blocks; nearly always none.
    fn wanted(&self, index: &Index, blocks: &[Arc<StoredBlock>]) -> Wanted {
        let mut wanted = Wanted::new();
        if blocks.is_empty() {
            return wanted;
        }
        // Neighbours often are of one trace.
        let mut last: Option<(TraceId, bool)> = None;
        for (row, _) in self.batch.rows().zip(&*self.known).filter(|(_, known)| !**known) {
            let id = row.trace_id();
            let is_suspect = match last {
                Some((known, is_suspect)) if known == id => is_suspect,
                _ => may_be_in(index, blocks, &id),
            };
            last = Some((id, is_suspect));
            if is_suspect {
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

/// Whether the trace may be in one of the blocks.
fn may_be_in(index: &Index, blocks: &[Arc<StoredBlock>], id: &TraceId) -> bool {
    // What is said of a trace in memory holds as long as it is there.
    if index.traces.get(id).is_some_and(|trace| !trace.spans().is_empty() && !trace.is_in_blocks) {
        return false;
    }
    let hash = hash_of(id);
    blocks.iter().any(|block| block.recalls(hash, id))
}

/// Whether `known` tells how the work ended that `row` reports as unfinished.
fn ends(known: RowView<'_>, row: RowView<'_>) -> bool {
    row.is_pending() && !known.is_pending() && known.kind() == row.kind() && known.service() == row.service()
}
