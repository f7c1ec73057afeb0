//! A trace by its id.

use std::sync::Arc;

use model::batch::SharedParts;
use model::{Span, SpanBatch, TimeRange, Trace, TraceId};
use storage::{Answer, StoredTrace};

use super::pending;
use crate::block::BlockError;
use crate::blocks::StoredBlock;
use crate::patience::Patience;
use crate::shared::Shared;

/// Spans of a trace.
struct Found {
    /// Each after its group.
    spans: Vec<(u64, Span)>,
    /// The group up to which they were read.
    watermark: u64,
    /// Patience ended before the last block.
    is_cut: bool,
}

/// All its spans. Spans that do not read back are left out, and the answer says so.
/// Blocks of the hinted time come first: what patience ends before is most likely not of the trace.
pub(crate) fn trace(
    shared: &Shared,
    id: TraceId,
    hint: Option<TimeRange>,
    patience: &Patience,
) -> Answer<Option<StoredTrace>> {
    let Found { spans: mut found, watermark, is_cut } = find(shared, &id, hint, Some(patience));
    pending::leave_out_replaced(&mut found);
    let sequence = found.iter().map(|(sequence, _)| *sequence).max().unwrap_or(0);
    let matched = found.len() as u64;
    let spans = found.into_iter().map(|(_, span)| span).collect();
    let value = Trace::new(id, spans).map(|trace| StoredTrace { trace, sequence });
    let mut completeness = shared.completeness(matched, matched, watermark);
    if is_cut {
        completeness.complete = false;
        completeness.reason = Some(patience.reason());
    }
    Answer { value, completeness }
}

/// Every span of the trace, each after its group.
pub(super) fn spans_of(shared: &Shared, id: &TraceId) -> Vec<(u64, Span)> {
    find(shared, id, None, None).spans
}

fn find(shared: &Shared, id: &TraceId, hint: Option<TimeRange>, patience: Option<&Patience>) -> Found {
    let (rows, watermark, blocks) = {
        let index = shared.index();
        let slot_of = |span: &crate::index::SpanEntry| Some((index.batch(span.batch)?, span.row));
        let slots = index.spans_of(id).filter_map(slot_of);
        let rows: Vec<_> = slots.map(|(slot, row)| (slot.sequence, Arc::clone(&slot.batch), row)).collect();
        (rows, index.watermark, Arc::clone(&index.blocks))
    };
    let mut spans: Vec<(u64, Span)> = Vec::new();
    let mut blocks: Vec<&Arc<StoredBlock>> = blocks.iter().filter(|block| block.may_hold(id)).collect();
    let is_hinted = |block: &StoredBlock| hint.is_none_or(|hint| block.record.starts.may_meet(&hint));
    blocks.sort_by_key(|block| !is_hinted(block));
    let mut is_cut = false;
    for block in blocks {
        // The first one is always read, so that asking again is not in vain.
        if !spans.is_empty() && patience.is_some_and(Patience::is_over) {
            is_cut = true;
            break;
        }
        match of_block(block, id) {
            Ok(None) => {}
            Ok(Some((batch, groups))) => {
                let mut parts = SharedParts::default();
                spans.extend(groups.into_iter().zip(batch.rows().map(|row| row.to_span(&mut parts))));
            }
            Err(error) => shared.note_damage(block, &error),
        }
    }
    for of_batch in rows.chunk_by(|left, right| Arc::ptr_eq(&left.1, &right.1)) {
        let mut parts = SharedParts::default();
        let read = |(sequence, batch, row): &(u64, Arc<SpanBatch>, u32)| {
            (*sequence, batch.row(*row as usize).to_span(&mut parts))
        };
        spans.extend(of_batch.iter().map(read));
    }
    Found { spans, watermark, is_cut }
}

/// The spans of the trace in this block, and the group of each.
fn of_block(block: &StoredBlock, id: &TraceId) -> Result<Option<(SpanBatch, Vec<u64>)>, BlockError> {
    let open = block.reader()?;
    let Some(number) = open.spans.find(id)? else { return Ok(None) };
    let rows = open.spans.rows_of_trace(number)?;
    let mut groups_of_rows = Vec::with_capacity(rows.len());
    let mut row = rows.start;
    while row < rows.end {
        let group = open.spans.group_of_row(row).ok_or(BlockError::Invalid("row number"))?;
        let all = open.spans.rows_of_group(group);
        let groups = open.annex.groups(group, all.len())?;
        let end = rows.end.min(all.end);
        let of_trace = &groups[(row - all.start) as usize..(end - all.start) as usize];
        groups_of_rows.extend(of_trace.iter().map(|group| block.record.group_first.saturating_add(*group)));
        row = end;
    }
    Ok(Some((open.spans.spans(rows)?, groups_of_rows)))
}
