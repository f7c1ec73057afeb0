//! One line about a trace, from its spans in memory and the hot columns of its blocks.

use std::sync::Arc;

use model::summary::SpanFacts;
use model::{SpanDuration, TraceId, TraceSummary};

use crate::block::{BlockError, Parent};
use crate::blocks::StoredBlock;
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
        (index::summary(*id, seen, &index.names), Arc::clone(&index.blocks))
    };
    for block in blocks.iter().filter(|block| block.may_hold(id)) {
        if let Err(error) = add_block(&mut summary, block, id, watermark) {
            shared.note_damage(block, &error);
        }
    }
    summary
}

fn add_block(
    summary: &mut Option<TraceSummary>,
    block: &StoredBlock,
    id: &TraceId,
    watermark: u64,
) -> Result<(), BlockError> {
    let open = block.reader()?;
    let spans = &open.spans;
    let Some(number) = spans.find(id)? else { return Ok(()) };
    let shapes_of_block = spans.shape_views()?;
    let rows = spans.rows_of_trace(number)?;
    let mut row = rows.start;
    while row < rows.end {
        let group = spans.group_of_row(row).ok_or(BlockError::Invalid("row number"))?;
        let all = spans.rows_of_group(group);
        let end = rows.end.min(all.end);
        let (shapes, parents, ids) = (spans.shapes(group)?, spans.parents(group)?, spans.span_ids(group)?);
        let (starts, durations) = (spans.starts(group)?, spans.durations(group)?);
        let groups = match block.is_seen_whole(watermark) {
            true => Vec::new(),
            false => open.annex.groups(group, all.len())?,
        };
        for place in (row - all.start) as usize..(end - all.start) as usize {
            if groups.get(place).is_some_and(|group| block.record.group_first.saturating_add(*group) > watermark) {
                continue;
            }
            let shape = &shapes_of_block[shapes[place] as usize];
            let facts = SpanFacts {
                trace_id: *id,
                span_id: ids[place],
                has_parent: parents[place] != Parent::None,
                start: starts[place],
                end: starts[place].after(SpanDuration(durations[place])),
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
