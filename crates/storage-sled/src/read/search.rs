//! Traces that match, in order. Not here: how one memtable or one block is asked, and what a page keeps.
//!
//! Blocks and their row groups are visited from the greatest key that a trace in them can have downwards. Without a count that
//! ends when nothing unread can enter the page; with a count everything is read, and the page's part of it first.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;
use model::TraceId;
use storage::{Answer, Count, Order, TraceList, TraceQuery};

use super::extent::{self, Extent};
use super::memtable;
use super::page::{self, Page, Place};
use super::pending;
use super::scan::{BlockScan, Seen};
use super::summary::{summary_in_block, summary_of};
use crate::block::BlockError;
use crate::blocks::{OpenBlock, StoredBlock, hash_of};
use crate::patience::Patience;
use crate::shared::Shared;

/// One page, and the number of all that match.
pub(crate) fn search(shared: &Shared, query: &TraceQuery, patience: &Patience) -> Answer<TraceList> {
    let (in_memory, blocks, scanned, watermark) = {
        let index = shared.index();
        let watermark = query.after.map_or(index.watermark, |after| after.watermark.min(index.watermark));
        let in_memory = memtable::candidates(&index, query, watermark);
        (in_memory, Arc::clone(&index.blocks), index.spans, watermark)
    };
    let mut search = Search {
        shared,
        query,
        watermark,
        patience,
        page: Page::new(query),
        split: BTreeSet::new(),
        leftovers: HashMap::new(),
        is_begun: false,
    };
    for candidate in in_memory.with_fields(&query.fields) {
        if candidate.is_split {
            search.add_split(candidate.trace_id);
        } else {
            search.add_extent(candidate.trace_id, candidate.extent, || Place::Anywhere);
        }
    }
    let stopped = search.visit(&blocks);
    let Search { page, .. } = search;
    let mut completeness = shared.completeness(page.matched, scanned, watermark);
    if stopped.is_some() {
        completeness.complete = false;
        completeness.reason = Some(patience.reason());
    }
    let (found, next) = page.finish(stopped.and_then(|stopped| stopped.unread), watermark);
    let summary = |(trace_id, place): (TraceId, Place)| match place {
        Place::Anywhere => summary_of(shared, &trace_id, watermark),
        Place::Block(block, number) => summary_in_block(shared, &block, trace_id, number, watermark),
    };
    Answer { value: TraceList { traces: found.into_iter().filter_map(summary).collect(), next }, completeness }
}

/// What the first pass leaves of a block for the second one.
struct Leftover {
    /// Row groups that begin after the cursor. Decided once: a trace may go on meanwhile.
    groups: Vec<usize>,
    /// A large trace lies in groups of both passes.
    seen: Seen,
}

/// Which row groups of the blocks are visited.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    All,
    /// Those that may have a trace after the cursor.
    AfterCursor,
    /// The others, which are only counted.
    BeforeCursor,
}

/// Patience ended.
struct Stopped {
    /// The greatest key that an unread trace can have; `None` when only counting was left.
    unread: Option<u64>,
}

struct Search<'a> {
    shared: &'a Shared,
    query: &'a TraceQuery,
    watermark: u64,
    patience: &'a Patience,
    page: Page<'a>,
    /// Traces with spans in several places that were looked at: each is joined and counted once.
    split: BTreeSet<TraceId>,
    /// By partition and block.
    leftovers: HashMap<(u32, u32), Leftover>,
    /// A row group was read: the least that an answer is given for, so that its cursor leads on.
    is_begun: bool,
}

impl Search<'_> {
    /// Visits everything, or up to where patience ends.
    fn visit(&mut self, blocks: &[Arc<StoredBlock>]) -> Option<Stopped> {
        let mut blocks: Vec<&Arc<StoredBlock>> = blocks.iter().filter(|block| self.may_match(block)).collect();
        blocks.sort_by_key(|block| (Reverse(self.bound_of(block)), Reverse(block.record.starts.max)));
        let passes: &[Pass] = match (self.query.after, self.query.order, self.query.count) {
            (Some(_), Order::NewestFirst, Count::Exact) => &[Pass::AfterCursor, Pass::BeforeCursor],
            (Some(_), Order::NewestFirst, Count::None) => &[Pass::AfterCursor],
            _ => &[Pass::All],
        };
        for pass in passes {
            for (number, block) in blocks.iter().enumerate() {
                let bound = self.bound_of(block);
                if self.page.is_done_at(bound) {
                    break;
                }
                let stopped = match self.visit_block(block, *pass) {
                    Ok(stopped) => stopped,
                    Err(error) => {
                        self.shared.note_damage(block, &error);
                        None
                    }
                };
                if let Some(unread) = stopped {
                    let next = blocks.get(number + 1).map_or(0, |next| self.bound_of(next));
                    return Some(Stopped { unread: (*pass != Pass::BeforeCursor).then_some(unread.max(next)) });
                }
            }
        }
        None
    }

    /// The greatest key that a trace with a matching span in the block can have.
    fn bound_of(&self, block: &StoredBlock) -> u64 {
        match self.query.order {
            Order::NewestFirst => block.record.starts.last_before(self.query.range.to).0,
            Order::LongestFirst => u64::MAX,
        }
    }

    fn may_match(&self, block: &StoredBlock) -> bool {
        block.record.group_first <= self.watermark && block.record.starts.may_meet(&self.query.range)
    }

    /// As far as patience lasts: then the greatest key of what is unread in the block.
    fn visit_block(&mut self, block: &Arc<StoredBlock>, pass: Pass) -> Result<Option<u64>, BlockError> {
        let open = block.reader()?;
        let Some(mut scan) = BlockScan::new(self.shared, block, &open, self.query, self.watermark)? else {
            return Ok(None);
        };
        let key = (block.partition.number, block.number);
        let (mut groups, mut seen) = (scan.candidates(), Seen::new(open.spans.trace_count()));
        match pass {
            Pass::All => {}
            Pass::AfterCursor => {
                let (after, before) = self.parted_by_cursor(&open, groups)?;
                groups = after;
                self.leftovers.insert(key, Leftover { groups: before, seen: Seen::new(0) });
            }
            Pass::BeforeCursor => {
                let Some(leftover) = self.leftovers.remove(&key) else { return Ok(None) };
                (groups, seen) = (leftover.groups, leftover.seen);
            }
        }
        let groups = self.ordered(&open, groups)?;
        let mut numbers = Vec::new();
        for (bound, group) in groups {
            if self.page.is_done_at(bound) {
                break;
            }
            if self.is_begun && self.patience.is_over() {
                return Ok(Some(bound));
            }
            self.is_begun = true;
            numbers.clear();
            scan.matching_traces(group, &mut seen, &mut numbers)?;
            self.add_numbers(block, &open, &numbers)?;
        }
        if let Some(leftover) = self.leftovers.get_mut(&key) {
            leftover.seen = seen;
        }
        Ok(None)
    }

    /// The row groups that may have a trace after the cursor, and the others.
    fn parted_by_cursor(&self, open: &OpenBlock, groups: Vec<usize>) -> Result<(Vec<usize>, Vec<usize>), BlockError> {
        if groups.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let may_follow = |key| self.query.after.is_none_or(|after| page::may_follow(&after, key));
        let split = self.split_groups(open)?;
        let firsts = open.spans.first_starts()?;
        // Traces lie by their starts: when the first one of a group begins before the page does, in the order of the answer,
        // so do all of them, except those that began elsewhere.
        Ok(groups.into_iter().partition(|group| split >> group & 1 == 1 || may_follow(firsts[*group])))
    }

    /// These row groups with the greatest key of a trace in them, greatest first.
    fn ordered(&self, open: &OpenBlock, groups: Vec<usize>) -> Result<Vec<(u64, usize)>, BlockError> {
        let zones = open.spans.zones();
        let bounds: Vec<u64> = match self.query.order {
            Order::NewestFirst => {
                let last = self.query.range.to.0.saturating_sub(1);
                zones.iter().map(|zone| zone.start_max.0.min(last)).collect()
            }
            // Everything is read anyway: in the order in which it lies.
            Order::LongestFirst if self.query.count == Count::Exact || groups.is_empty() => vec![u64::MAX; zones.len()],
            Order::LongestFirst => {
                let split = self.split_groups(open)?;
                let longest = open.spans.longest_traces()?.into_iter().enumerate();
                longest.map(|(group, longest)| if split >> group & 1 == 1 { u64::MAX } else { longest }).collect()
            }
        };
        let mut groups: Vec<(u64, usize)> = groups.into_iter().map(|group| (bounds[group], group)).collect();
        groups.sort_by_key(|(bound, group)| (Reverse(*bound), *group));
        Ok(groups)
    }

    /// Row groups with a trace that has, or may have, spans elsewhere.
    fn split_groups(&self, open: &OpenBlock) -> Result<u64, BlockError> {
        let ids = open.spans.trace_ids()?;
        let mut numbers = Vec::new();
        {
            let index = self.shared.index();
            if index.split.is_empty() {
                return Ok(0);
            }
            numbers.extend((0u32..).zip(ids).filter(|(_, id)| index.split.contains(&hash_of(id))).map(|(at, _)| at));
        }
        let mut groups = 0;
        for number in numbers {
            let rows = open.spans.rows_of_trace(number)?;
            let group = |row| open.spans.group_of_row(row).ok_or(BlockError::Invalid("row number"));
            for group in group(rows.start)?..=group(rows.end - 1)? {
                groups |= 1u64 << group;
            }
        }
        Ok(groups)
    }

    fn add_numbers(&mut self, block: &Arc<StoredBlock>, open: &OpenBlock, numbers: &[u32]) -> Result<(), BlockError> {
        if numbers.is_empty() {
            return Ok(());
        }
        let ids = open.spans.trace_ids()?;
        let id = |number: u32| ids.get(number as usize).copied().ok_or(BlockError::Invalid("trace directory"));
        let mut split = Vec::new();
        {
            // Asked after the scan: a trace that went on meanwhile is joined with what there is, up to the watermark.
            let index = self.shared.index();
            if !index.split.is_empty() {
                for number in numbers {
                    let id = id(*number)?;
                    split.extend(index.split.contains(&hash_of(&id)).then_some((*number, id)));
                }
            }
        }
        let mut elsewhere = split.iter().peekable();
        for number in numbers {
            if elsewhere.next_if(|(split, _)| split == number).is_some() {
                continue;
            }
            let extent = self.extent_in_block(block, open, *number)?;
            self.add_extent(id(*number)?, extent, || Place::Block(Arc::clone(block), *number));
        }
        split.into_iter().for_each(|(_, id)| self.add_split(id));
        Ok(())
    }

    /// Of a trace that is in this block only. Where nothing asks for its end, it is not looked up.
    fn extent_in_block(&self, block: &StoredBlock, open: &OpenBlock, number: u32) -> Result<Extent, BlockError> {
        let query = self.query;
        let needs_end = query.order == Order::LongestFirst
            || query.trace_duration_min.is_some()
            || query.trace_duration_max.is_some();
        if needs_end || !block.is_seen_whole(self.watermark) {
            return extent::of_number(block, open, number, self.watermark);
        }
        let start = open.spans.trace_start(number)?;
        Ok(Extent { start, end: start })
    }

    fn add_split(&mut self, trace_id: TraceId) {
        if !self.split.insert(trace_id) {
            return;
        }
        if pending::is_unsettled(self.shared, &trace_id) {
            // Its rows only say that it may match. A span that does and is shown is in a row group or in memory itself,
            // so the trace is met no later than its start allows.
            let summary = pending::matching_summary(self.shared, self.query, &trace_id, self.watermark);
            if let Some(summary) = summary {
                let extent = Extent { start: summary.start, end: summary.end };
                self.add_extent(trace_id, extent, || Place::Anywhere);
            }
            return;
        }
        let extent = extent::of_trace(self.shared, &trace_id, self.watermark);
        // Retention may have dropped it since.
        if !extent.is_none() {
            self.add_extent(trace_id, extent, || Place::Anywhere);
        }
    }

    fn add_extent(&mut self, trace_id: TraceId, extent: Extent, place: impl FnOnce() -> Place) {
        if self.query.accepts_duration(extent.duration()) {
            self.page.add(self.query.order.key(extent.start, extent.duration()), trace_id, place);
        }
    }
}
