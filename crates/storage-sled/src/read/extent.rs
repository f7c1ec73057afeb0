//! From the earliest start to the latest end of a trace, wherever its spans are.

use std::sync::Arc;

use model::{SpanDuration, TraceId, UnixNanos};

use crate::block::BlockError;
use crate::blocks::{OpenBlock, StoredBlock};
use crate::shared::Shared;

/// Of some spans; joined in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: UnixNanos,
    pub(super) end: UnixNanos,
}

impl Extent {
    /// Of no spans.
    pub(super) const NONE: Extent = Extent { start: UnixNanos(u64::MAX), end: UnixNanos(0) };

    pub(super) fn add(&mut self, start: UnixNanos, end: UnixNanos) {
        self.start = self.start.min(start);
        self.end = self.end.max(end).max(start);
    }

    pub(super) fn join(&mut self, other: Extent) {
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
    }

    pub(super) fn is_none(&self) -> bool {
        *self == Extent::NONE
    }

    pub(super) fn duration(&self) -> SpanDuration {
        self.end.since(self.start)
    }
}

/// Of all spans of the trace in groups up to `watermark`.
pub(super) fn of_trace(shared: &Shared, id: &TraceId, watermark: u64) -> Extent {
    let mut extent = Extent::NONE;
    let blocks = {
        let index = shared.index();
        for span in index.spans_of(id).filter(|span| index.sequence_of(span) <= watermark) {
            extent.add(span.start, span.end);
        }
        Arc::clone(&index.blocks)
    };
    for block in blocks.iter().filter(|block| block.may_hold(id)) {
        match of_block(block, id, watermark) {
            Ok(part) => extent.join(part),
            Err(error) => shared.note_damage(block, &error),
        }
    }
    extent
}

fn of_block(block: &StoredBlock, id: &TraceId, watermark: u64) -> Result<Extent, BlockError> {
    let open = block.reader()?;
    match open.spans.find(id)? {
        Some(number) => of_number(block, &open, number, watermark),
        None => Ok(Extent::NONE),
    }
}

/// Of the spans of one trace in one block.
pub(super) fn of_number(
    block: &StoredBlock,
    open: &OpenBlock,
    number: u32,
    watermark: u64,
) -> Result<Extent, BlockError> {
    if block.is_seen_whole(watermark) {
        let (start, end) = open.spans.trace_times(number)?;
        return Ok(Extent { start, end });
    }
    let mut extent = Extent::NONE;
    let rows = open.spans.rows_of_trace(number)?;
    let mut row = rows.start;
    while row < rows.end {
        let group = open.spans.group_of_row(row).ok_or(BlockError::Invalid("row number"))?;
        let all = open.spans.rows_of_group(group);
        let (starts, durations) = (open.spans.starts(group)?, open.spans.durations(group)?);
        let groups = open.annex.groups(group, all.len())?;
        let end = rows.end.min(all.end);
        for place in (row - all.start) as usize..(end - all.start) as usize {
            if block.record.group_first.saturating_add(groups[place]) <= watermark {
                extent.add(starts[place], starts[place].after(SpanDuration(durations[place])));
            }
        }
        row = end;
    }
    Ok(extent)
}
