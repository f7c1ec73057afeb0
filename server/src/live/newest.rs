//! The newest traces, put together from the spans that came in lately. Not here: traces whose spans came before the server started.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use api::TraceItem;
use api::live::NEWEST_TRACES;
use model::batch::RowView;
use model::{SpanBatch, SpanDuration, TraceId, TraceSummary, UnixNanos};

/// Traces that are kept to be completed by late spans.
const TRACES_MAX: usize = 2_000;
/// Fingerprints of spans kept in all, so that a repeated span is not counted twice.
const FINGERPRINTS_MAX: usize = 400_000;
/// A trace that starts later than this after now was sent by a broken clock and would stay the newest for ever.
const AHEAD_MAX: SpanDuration = SpanDuration(24 * 3_600 * 1_000_000_000);

/// Summaries of the traces seen lately.
#[derive(Debug, Default)]
pub(super) struct Newest {
    traces: HashMap<TraceId, Seen>,
    /// The same traces by start.
    by_start: BTreeSet<(UnixNanos, TraceId)>,
    fingerprints: usize,
    /// Traces that changed since the last diff.
    changed: HashSet<TraceId>,
    /// What listeners hold: the newest, newest first.
    listed: Vec<TraceItem>,
    /// Keyed at random, so that nobody can aim at a collision.
    hasher: RandomState,
}

#[derive(Debug)]
struct Seen {
    summary: TraceSummary,
    fingerprints: HashSet<u64>,
}

// === impl Newest ===

impl Newest {
    /// Adds the spans of a batch that were not seen before.
    pub(super) fn add(&mut self, batch: &SpanBatch, now: UnixNanos) {
        let start_max = now.after(AHEAD_MAX);
        for row in batch.rows().filter(|row| row.start() <= start_max) {
            self.add_span(&row);
        }
        while self.traces.len() > TRACES_MAX
            || (self.fingerprints > FINGERPRINTS_MAX && self.traces.len() > NEWEST_TRACES)
        {
            self.drop_oldest();
        }
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
        TraceItem::from(&self.traces.get(&id).expect("both orders hold the same traces").summary)
    }

    fn add_span(&mut self, row: &RowView<'_>) {
        let id = row.trace_id();
        let fingerprint = self.hasher.hash_one((
            (row.span_id(), row.parent_span_id(), row.start(), row.end()),
            (row.kind(), row.status_code() as u8, row.service(), row.name()),
        ));
        let Some(seen) = self.traces.get_mut(&id) else {
            let summary = TraceSummary::of_facts(&row.facts());
            self.by_start.insert((summary.start, id));
            self.traces.insert(id, Seen { summary, fingerprints: HashSet::from([fingerprint]) });
            self.fingerprints += 1;
            self.changed.insert(id);
            return;
        };
        // One trace may be larger than all fingerprints we keep: from there on its repeats are counted.
        let has_room = seen.fingerprints.len() < FINGERPRINTS_MAX;
        let is_new =
            if has_room { seen.fingerprints.insert(fingerprint) } else { !seen.fingerprints.contains(&fingerprint) };
        if !is_new {
            return;
        }
        self.fingerprints += usize::from(has_room);
        let start = seen.summary.start;
        seen.summary.add_facts(&row.facts());
        if seen.summary.start != start {
            self.by_start.remove(&(start, id));
            self.by_start.insert((seen.summary.start, id));
        }
        self.changed.insert(id);
    }

    fn drop_oldest(&mut self) {
        let Some((_, id)) = self.by_start.pop_first() else { return };
        if let Some(seen) = self.traces.remove(&id) {
            self.fingerprints -= seen.fingerprints.len();
        }
        self.changed.remove(&id);
    }
}

#[cfg(test)]
mod tests;
