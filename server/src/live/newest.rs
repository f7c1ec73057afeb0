//! The newest traces, put together from the spans that came in lately. Not here: traces whose spans came before the server started.

use std::collections::{BTreeSet, HashMap, HashSet};

use api::TraceItem;
use api::live::NEWEST_TRACES;
use foldhash::fast::RandomState;
use model::batch::RowView;
use model::{SpanBatch, SpanDuration, TraceId, TraceSummary, UnixNanos};

/// Traces that are kept to be completed by late spans.
const TRACES_MAX: usize = 2_000;
/// A trace that starts later than this after now was sent by a broken clock and would stay the newest for ever.
pub(super) const AHEAD_MAX: SpanDuration = SpanDuration(24 * 3_600 * 1_000_000_000);

/// Summaries of the traces seen lately. No span comes twice: a store publishes each one once.
#[derive(Debug, Default)]
pub(super) struct Newest {
    /// Nearly every span is looked up in both tables, and clients choose the ids: a fast hash with a random seed.
    traces: HashMap<TraceId, TraceSummary, RandomState>,
    /// The same traces by start.
    by_start: BTreeSet<(UnixNanos, TraceId)>,
    /// Traces that changed since the last diff.
    changed: HashSet<TraceId, RandomState>,
    /// What listeners hold: the newest, newest first.
    listed: Vec<TraceItem>,
    /// Groups up to this one are in what the store answered.
    known_until: u64,
}

// === impl Newest ===

impl Newest {
    /// Adds the spans of a batch of a group.
    pub(super) fn add(&mut self, sequence: u64, batch: &SpanBatch, now: UnixNanos) {
        if sequence <= self.known_until {
            return;
        }
        let start_max = now.after(AHEAD_MAX);
        for row in batch.rows().filter(|row| row.start() <= start_max) {
            self.add_span(&row);
        }
        while self.traces.len() > TRACES_MAX {
            self.drop_oldest();
        }
    }

    /// Goes over to what the store answered from all groups up to `watermark`.
    pub(super) fn replace(&mut self, traces: Vec<TraceSummary>, watermark: u64) {
        self.by_start = traces.iter().map(|summary| (summary.start, summary.trace_id)).collect();
        self.changed = traces.iter().map(|summary| summary.trace_id).collect();
        self.traces = traces.into_iter().map(|summary| (summary.trace_id, summary)).collect();
        self.known_until = watermark;
    }

    /// What changed in the list since the last call. It holds every trace that entered, changed or left by a change.
    pub(super) fn take_changes(&mut self) -> Vec<TraceItem> {
        if self.changed.is_empty() {
            return Vec::new();
        }
        let changed = std::mem::take(&mut self.changed);
        let newest: Vec<TraceId> = self.by_start.iter().rev().take(NEWEST_TRACES).map(|(_, id)| *id).collect();
        let listed: Vec<TraceItem> = newest.iter().map(|id| self.item(*id)).collect();
        let was_listed: HashSet<&str> = self.listed.iter().map(|item| item.trace_id.as_str()).collect();
        let entered = newest
            .iter()
            .zip(&listed)
            .filter(|(id, item)| changed.contains(*id) || !was_listed.contains(item.trace_id.as_str()));
        let mut diff: Vec<TraceItem> = entered.map(|(_, item)| item.clone()).collect();
        // A listed trace whose late root makes it older must be told too, or listeners would keep it.
        let is_listed: HashSet<&TraceId> = newest.iter().collect();
        for old in &self.listed {
            let id = TraceId::from_hex(&old.trace_id).filter(|id| changed.contains(id) && !is_listed.contains(id));
            diff.extend(id.filter(|id| self.traces.contains_key(id)).map(|id| self.item(id)));
        }
        self.listed = listed;
        diff
    }

    /// The list as listeners hold it after all diffs.
    pub(super) fn listed(&self) -> &[TraceItem] {
        &self.listed
    }

    fn item(&self, id: TraceId) -> TraceItem {
        TraceItem::from(self.traces.get(&id).expect("both orders hold the same traces"))
    }

    fn add_span(&mut self, row: &RowView<'_>) {
        let id = row.trace_id();
        self.changed.insert(id);
        let Some(summary) = self.traces.get_mut(&id) else {
            let summary = TraceSummary::of_facts(&row.facts());
            self.by_start.insert((summary.start, id));
            self.traces.insert(id, summary);
            return;
        };
        let start = summary.start;
        summary.add_facts(&row.facts());
        if summary.start != start {
            self.by_start.remove(&(start, id));
            self.by_start.insert((summary.start, id));
        }
    }

    fn drop_oldest(&mut self) {
        let Some((_, id)) = self.by_start.pop_first() else { return };
        self.traces.remove(&id);
        self.changed.remove(&id);
    }
}

#[cfg(test)]
mod tests;
