//! Traces that match, in order. The index decides all conditions but those on attributes; those are tested on batches.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use model::batch::{AttributeView, RowView};
use model::{SpanBatch, TraceId, UnixNanos};
use storage::{Answer, AttributeFilter, Cursor, TraceList, TraceQuery};

use crate::index::{Index, SpanEntry, TraceEntry, summary};
use crate::shared::Shared;

/// A trace that meets every condition the index can decide.
struct Candidate {
    /// What the order goes by.
    key: u64,
    trace_id: TraceId,
    /// Spans of which one must have the attributes, as batch and row; empty when none is asked for.
    rows: Vec<(u32, u32)>,
}

/// The span conditions, with texts as numbers of the index.
struct SpanConditions<'a> {
    query: &'a TraceQuery,
    service: Option<u32>,
    name: Option<u32>,
}

/// One page, and the exact number of all that match.
pub(crate) fn search(shared: &Shared, query: &TraceQuery) -> Answer<TraceList> {
    let (mut found, scanned, watermark) = {
        let index = shared.index();
        let watermark = query.after.map_or(index.watermark, |after| after.watermark.min(index.watermark));
        (candidates(&index, query, watermark), index.spans, watermark)
    };
    if !query.attributes.is_empty() {
        found = with_attributes(shared, query, found);
    }
    found.sort_unstable_by_key(|candidate| (Reverse(candidate.key), candidate.trace_id));
    let matched = found.len() as u64;
    let value = page(shared, query, &found, watermark);
    Answer { value, completeness: shared.completeness(matched, scanned, watermark) }
}

fn candidates(index: &Index, query: &TraceQuery, watermark: u64) -> Vec<Candidate> {
    let Some(conditions) = SpanConditions::new(query, index) else { return Vec::new() };
    // Most questions see everything: then no span needs its group looked up.
    let sees_all = watermark >= index.watermark;
    let mut found = Vec::new();
    for (trace_id, trace) in &index.traces {
        if trace.may_start_in(&query.range) {
            let is_seen = |span: &&SpanEntry| sees_all || index.sequence_of(span) <= watermark;
            found.extend(conditions.candidate(*trace_id, trace, is_seen));
        }
    }
    found
}

impl<'a> SpanConditions<'a> {
    /// `None` when a name is asked for that no span has.
    fn new(query: &'a TraceQuery, index: &Index) -> Option<SpanConditions<'a>> {
        let number = |text: &Option<String>| match text {
            None => Some(None),
            Some(text) => index.names.find(text).map(Some),
        };
        Some(SpanConditions { query, service: number(&query.service)?, name: number(&query.name)? })
    }

    fn candidate(
        &self,
        trace_id: TraceId,
        trace: &TraceEntry,
        is_seen: impl Fn(&&SpanEntry) -> bool,
    ) -> Option<Candidate> {
        let (mut start, mut end) = (UnixNanos(u64::MAX), UnixNanos(0));
        let mut matches = false;
        let mut rows = Vec::new();
        let by_attributes = !self.query.attributes.is_empty();
        for span in trace.spans().iter().filter(is_seen) {
            start = start.min(span.start);
            end = end.max(span.end).max(span.start);
            if (by_attributes || !matches) && self.meets(span) {
                matches = true;
                if by_attributes {
                    rows.push((span.batch, span.row));
                }
            }
        }
        let duration = end.since(start);
        (matches && self.query.accepts_duration(duration)).then(|| {
            let key = self.query.order.key(start, duration);
            Candidate { key, trace_id, rows }
        })
    }

    fn meets(&self, span: &SpanEntry) -> bool {
        let query = self.query;
        query.range.contains(span.start)
            && self.service.is_none_or(|service| span.service == service)
            && self.name.is_none_or(|name| span.name == name)
            && query.kind.is_none_or(|kind| span.kind == kind)
            && (!query.errors_only || span.is_error())
            && query.span_duration_min.is_none_or(|min| span.duration() >= min)
            && query.span_duration_max.is_none_or(|max| span.duration() <= max)
    }
}

/// Keeps the candidates of which one span has all attributes. Each batch is read once.
fn with_attributes(shared: &Shared, query: &TraceQuery, candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut rows_by_batch: BTreeMap<u32, Vec<(u32, usize)>> = BTreeMap::new();
    for (place, candidate) in candidates.iter().enumerate() {
        for (batch, row) in &candidate.rows {
            rows_by_batch.entry(*batch).or_default().push((*row, place));
        }
    }
    let mut matches = vec![false; candidates.len()];
    for (batch, rows) in rows_by_batch {
        if rows.iter().all(|(_, place)| matches[*place]) {
            continue;
        }
        // An error was noted as damage: the answer will say that it is not complete.
        let Ok(Some(batch)) = shared.batch(batch) else { continue };
        mark_matches(&batch, &rows, &query.attributes, &mut matches);
    }
    candidates.into_iter().zip(matches).filter_map(|(candidate, matches)| matches.then_some(candidate)).collect()
}

fn mark_matches(batch: &Arc<SpanBatch>, rows: &[(u32, usize)], filters: &[AttributeFilter], matches: &mut [bool]) {
    for (row, place) in rows {
        if !matches[*place] {
            let row = batch.row(*row as usize);
            matches[*place] = filters.iter().all(|filter| row_has(row, filter));
        }
    }
}

fn row_has(row: RowView<'_>, filter: &AttributeFilter) -> bool {
    let holds = |(key, value): (&str, AttributeView<'_>)| key == filter.key && has_form(value, &filter.value);
    row.attributes().any(holds) || row.event_attributes().any(holds) || row.resource_attributes().any(holds)
}

/// Whether the string form of `value` is `form`.
fn has_form(value: AttributeView<'_>, form: &str) -> bool {
    match value {
        AttributeView::String(text) => text == form,
        AttributeView::Bool(value) => form == if value { "true" } else { "false" },
        AttributeView::Int(value) => value.to_string() == form,
        AttributeView::Double(value) => value.to_string() == form,
        AttributeView::Empty | AttributeView::Other(_) => false,
    }
}

/// The page after the cursor; only its traces get a summary.
fn page(shared: &Shared, query: &TraceQuery, found: &[Candidate], watermark: u64) -> TraceList {
    let place = |candidate: &Candidate| (candidate.key, candidate.trace_id);
    let begin = query.after.map_or(0, |after| found.partition_point(|candidate| !after.precedes(place(candidate))));
    let rest = &found[begin..];
    let on_page = &rest[..query.limit.min(rest.len())];
    let last = on_page.last().filter(|_| on_page.len() < rest.len());
    let next = last.map(|last| Cursor { key: last.key, trace_id: last.trace_id, watermark });
    let index = shared.index();
    let summaries = on_page.iter().filter_map(|candidate| {
        // Retention may have dropped it since.
        let trace = index.traces.get(&candidate.trace_id)?;
        let seen = trace.spans().iter().filter(|span| index.sequence_of(span) <= watermark);
        summary(candidate.trace_id, seen, &index.names)
    });
    TraceList { traces: summaries.collect(), next }
}
