//! A trace by its id.

use std::sync::Arc;

use model::batch::SharedParts;
use model::{Span, SpanBatch, Trace, TraceId};
use storage::{Answer, StoredTrace};

use crate::block::BlockError;
use crate::blocks::StoredBlock;
use crate::index::TraceEntry;
use crate::shared::Shared;

/// All its spans. Spans that do not read back are left out, and the answer says so.
pub(crate) fn trace(shared: &Shared, id: TraceId) -> Answer<Option<StoredTrace>> {
    let mut rows: Vec<(Arc<SpanBatch>, u32)> = Vec::new();
    let (mut sequence, watermark, blocks) = {
        let index = shared.index();
        let entries = index.traces.get(&id).map_or(&[][..], TraceEntry::spans);
        let slots = entries.iter().filter_map(|span| Some((index.batch(span.batch)?, span.row)));
        let mut sequence = 0;
        for (slot, row) in slots {
            sequence = sequence.max(slot.sequence);
            rows.push((Arc::clone(&slot.batch), row));
        }
        (sequence, index.watermark, Arc::clone(&index.blocks))
    };
    let mut spans: Vec<Span> = Vec::new();
    for block in blocks.iter().filter(|block| block.may_hold(&id)) {
        match of_block(block, &id) {
            Ok(None) => {}
            Ok(Some((batch, last))) => {
                let mut parts = SharedParts::default();
                spans.extend(batch.rows().map(|row| row.to_span(&mut parts)));
                sequence = sequence.max(last);
            }
            Err(error) => shared.note_damage(block, &error),
        }
    }
    for of_batch in rows.chunk_by(|left, right| Arc::ptr_eq(&left.0, &right.0)) {
        let mut parts = SharedParts::default();
        spans.extend(of_batch.iter().map(|(batch, row)| batch.row(*row as usize).to_span(&mut parts)));
    }
    let matched = spans.len() as u64;
    let value = Trace::new(id, spans).map(|trace| StoredTrace { trace, sequence });
    Answer { value, completeness: shared.completeness(matched, matched, watermark) }
}

/// The spans of the trace in this block, and the latest group of one of them.
fn of_block(block: &StoredBlock, id: &TraceId) -> Result<Option<(SpanBatch, u64)>, BlockError> {
    let open = block.reader()?;
    let Some(number) = open.spans.find(id)? else { return Ok(None) };
    let rows = open.spans.rows_of_trace(number)?;
    let mut last = 0;
    let mut row = rows.start;
    while row < rows.end {
        let group = open.spans.group_of_row(row).ok_or(BlockError::Invalid("row number"))?;
        let all = open.spans.rows_of_group(group);
        let groups = open.annex.groups(group, all.len())?;
        let end = rows.end.min(all.end);
        let of_trace = &groups[(row - all.start) as usize..(end - all.start) as usize];
        last = of_trace.iter().copied().fold(last, u64::max);
        row = end;
    }
    Ok(Some((open.spans.spans(rows)?, block.record.group_first.saturating_add(last))))
}
