//! A trace by its id.

use std::sync::Arc;

use model::batch::SharedParts;
use model::{Span, SpanBatch, Trace, TraceId};
use storage::{Answer, StoredTrace};

use super::pending;
use crate::block::BlockError;
use crate::blocks::StoredBlock;
use crate::shared::Shared;

/// All its spans. Spans that do not read back are left out, and the answer says so.
pub(crate) fn trace(shared: &Shared, id: TraceId) -> Answer<Option<StoredTrace>> {
    let (mut found, watermark) = spans_of(shared, &id);
    pending::leave_out_replaced(&mut found);
    let sequence = found.iter().map(|(sequence, _)| *sequence).max().unwrap_or(0);
    let matched = found.len() as u64;
    let spans = found.into_iter().map(|(_, span)| span).collect();
    let value = Trace::new(id, spans).map(|trace| StoredTrace { trace, sequence });
    Answer { value, completeness: shared.completeness(matched, matched, watermark) }
}

/// Every span of the trace, each after its group, and the group up to which they were read.
pub(super) fn spans_of(shared: &Shared, id: &TraceId) -> (Vec<(u64, Span)>, u64) {
    let (rows, watermark, blocks) = {
        let index = shared.index();
        let slot_of = |span: &crate::index::SpanEntry| Some((index.batch(span.batch)?, span.row));
        let slots = index.spans_of(id).filter_map(slot_of);
        let rows: Vec<_> = slots.map(|(slot, row)| (slot.sequence, Arc::clone(&slot.batch), row)).collect();
        (rows, index.watermark, Arc::clone(&index.blocks))
    };
    let mut spans: Vec<(u64, Span)> = Vec::new();
    for block in blocks.iter().filter(|block| block.may_hold(id)) {
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
    (spans, watermark)
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
