//! Traces that match, in order, with the exact number of all of them. Not here: how one memtable or one block is asked.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use model::TraceId;
use storage::{Answer, Cursor, TraceList, TraceQuery};

use super::extent::{self, Extent};
use super::memtable::{self, Candidates};
use super::pending;
use super::scan;
use super::summary::summary_of;
use crate::block::BlockError;
use crate::blocks::{StoredBlock, hash_of};
use crate::shared::Shared;

/// A trace that matches.
struct Hit {
    /// What the order goes by.
    key: u64,
    trace_id: TraceId,
}

/// One page, and the exact number of all that match.
pub(crate) fn search(shared: &Shared, query: &TraceQuery) -> Answer<TraceList> {
    let (in_memory, blocks, scanned, watermark) = {
        let index = shared.index();
        let watermark = query.after.map_or(index.watermark, |after| after.watermark.min(index.watermark));
        let in_memory = memtable::candidates(&index, query, watermark);
        (in_memory, Arc::clone(&index.blocks), index.spans, watermark)
    };
    let mut found = hits(shared, query, watermark, in_memory, &blocks);
    found.sort_unstable_by_key(|hit| (Reverse(hit.key), hit.trace_id));
    let matched = found.len() as u64;
    let value = page(shared, query, &found, watermark);
    Answer { value, completeness: shared.completeness(matched, scanned, watermark) }
}

fn hits(
    shared: &Shared,
    query: &TraceQuery,
    watermark: u64,
    in_memory: Candidates,
    blocks: &[Arc<StoredBlock>],
) -> Vec<Hit> {
    let mut found = Vec::new();
    // Traces with spans in several places: their extent is joined once, at the end.
    let mut split: BTreeSet<TraceId> = BTreeSet::new();
    let mut add = |trace_id: TraceId, extent: Extent| {
        if query.accepts_duration(extent.duration()) {
            found.push(Hit { key: query.order.key(extent.start, extent.duration()), trace_id });
        }
    };
    for candidate in in_memory.with_fields(&query.fields) {
        if candidate.is_split {
            split.insert(candidate.trace_id);
        } else {
            add(candidate.trace_id, candidate.extent);
        }
    }
    for block in blocks.iter().filter(|block| may_match(block, query, watermark)) {
        match of_block(block, query, watermark) {
            Ok(matches) => {
                // Asked after the scan: a trace that went on meanwhile is joined with what there is, up to the watermark.
                let index = shared.index();
                for (trace_id, extent) in matches {
                    if index.split.contains(&hash_of(&trace_id)) {
                        split.insert(trace_id);
                    } else {
                        add(trace_id, extent);
                    }
                }
            }
            Err(error) => shared.note_damage(block, &error),
        }
    }
    for trace_id in split {
        if pending::is_unsettled(shared, &trace_id) {
            // Its rows only say that it may match.
            let summary = pending::matching_summary(shared, query, &trace_id, watermark);
            summary.into_iter().for_each(|summary| add(trace_id, Extent { start: summary.start, end: summary.end }));
            continue;
        }
        let extent = extent::of_trace(shared, &trace_id, watermark);
        // Retention may have dropped it since.
        if !extent.is_none() {
            add(trace_id, extent);
        }
    }
    found
}

fn may_match(block: &StoredBlock, query: &TraceQuery, watermark: u64) -> bool {
    let record = &block.record;
    record.group_first <= watermark && record.start_min < query.range.to && query.range.from <= record.start_max
}

fn of_block(block: &StoredBlock, query: &TraceQuery, watermark: u64) -> Result<Vec<(TraceId, Extent)>, BlockError> {
    let open = block.reader()?;
    let numbers = scan::matching_traces(block, &open, query, watermark)?;
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let ids = open.spans.trace_ids()?;
    let line = |number: u32| {
        let id = ids.get(number as usize).copied().ok_or(BlockError::Invalid("trace directory"))?;
        Ok((id, extent::of_number(block, &open, number, watermark)?))
    };
    numbers.into_iter().map(line).collect()
}

/// The page after the cursor; only its traces get a summary.
fn page(shared: &Shared, query: &TraceQuery, found: &[Hit], watermark: u64) -> TraceList {
    let place = |hit: &Hit| (hit.key, hit.trace_id);
    let begin = query.after.map_or(0, |after| found.partition_point(|hit| !after.precedes(place(hit))));
    let rest = &found[begin..];
    let on_page = &rest[..query.limit.min(rest.len())];
    let last = on_page.last().filter(|_| on_page.len() < rest.len());
    let next = last.map(|last| Cursor { key: last.key, trace_id: last.trace_id, watermark });
    let traces = on_page.iter().filter_map(|hit| summary_of(shared, &hit.trace_id, watermark)).collect();
    TraceList { traces, next }
}
