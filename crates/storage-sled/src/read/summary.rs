//! One line about a trace, from its spans in memory and the hot columns of its blocks.

use std::sync::Arc;

use model::summary::SpanFacts;
use model::{SpanDuration, TraceId, TraceSummary, UnixNanos};

use crate::block::{BlockError, Parent};
use crate::blocks::{OpenBlock, StoredBlock};
use crate::hot::{self, Hot};
use crate::index;
use crate::shared::Shared;

use super::pending;

/// Of all spans of the trace in groups up to `watermark`; `None` when there is none.
pub(super) fn summary_of(shared: &Shared, id: &TraceId, watermark: u64) -> Option<TraceSummary> {
    if pending::is_unsettled(shared, id) {
        return pending::summary_of(shared, id, watermark);
    }
    let (mut summary, blocks) = {
        let index = shared.index();
        let seen = index.spans_of(id).filter(|span| index.sequence_of(span) <= watermark);
        (index::summary(*id, seen, &index.texts()), Arc::clone(&index.blocks))
    };
    for block in blocks.iter().filter(|block| block.may_hold(id)) {
        if let Err(error) = add_block(shared, &mut summary, block, id, watermark) {
            shared.note_damage(block, &error);
        }
    }
    summary
}

/// Of the spans of one trace in one block, in groups up to `watermark`: for a trace that has no others.
pub(super) fn summary_in_block(
    shared: &Shared,
    block: &StoredBlock,
    id: TraceId,
    number: u32,
    watermark: u64,
) -> Option<TraceSummary> {
    let mut summary = None;
    let added = block.reader().and_then(|open| add_trace(shared, &mut summary, block, &open, (id, number), watermark));
    if let Err(error) = added {
        shared.note_damage(block, &error);
    }
    summary
}

fn add_block(
    shared: &Shared,
    summary: &mut Option<TraceSummary>,
    block: &StoredBlock,
    id: &TraceId,
    watermark: u64,
) -> Result<(), BlockError> {
    let open = block.reader()?;
    match open.spans.find(id)? {
        Some(number) => add_trace(shared, summary, block, &open, (*id, number), watermark),
        None => Ok(()),
    }
}

fn add_trace(
    shared: &Shared,
    summary: &mut Option<TraceSummary>,
    block: &StoredBlock,
    open: &OpenBlock,
    (trace_id, number): (TraceId, u32),
    watermark: u64,
) -> Result<(), BlockError> {
    let spans = &open.spans;
    let rows = spans.rows_of_trace(number)?;
    let mut row = rows.start;
    while row < rows.end {
        let group = spans.group_of_row(row).ok_or(BlockError::Invalid("row number"))?;
        let all = spans.rows_of_group(group);
        let end = rows.end.min(all.end);
        let (parents, ids) = (spans.parents(group)?, spans.span_ids(group)?);
        let column = |column| hot::column(shared, block, open, column, group);
        let (shapes, starts, durations) = (column(Hot::Shape)?, column(Hot::Start)?, column(Hot::Duration)?);
        let groups = match block.is_seen_whole(watermark) {
            true => Vec::new(),
            false => open.annex.groups(group, all.len())?,
        };
        for place in (row - all.start) as usize..(end - all.start) as usize {
            if groups.get(place).is_some_and(|group| block.record.group_first.saturating_add(*group) > watermark) {
                continue;
            }
            let shape = spans.shape_view(shapes.get(place) as u32)?;
            let facts = SpanFacts {
                trace_id,
                span_id: ids[place],
                has_parent: parents[place] != Parent::None,
                start: UnixNanos(starts.get(place)),
                end: UnixNanos(starts.get(place)).after(SpanDuration(durations.get(place))),
                service: shape.service,
                name: shape.name,
                status: shape.status,
            };
            match &mut *summary {
                Some(summary) => summary.add_facts(&facts),
                none => *none = Some(TraceSummary::of_facts(&facts)),
            }
        }
        row = end;
    }
    Ok(())
}
