//! What the index keeps of a span and of a trace.

use model::batch::RowView;
use model::summary::SpanFacts;
use model::{SpanDuration, SpanId, SpanKind, StatusCode, TraceId, TraceSummary, UnixNanos};

use super::Interner;

/// A span, 48 bytes of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanEntry {
    pub(crate) start: UnixNanos,
    pub(crate) end: UnixNanos,
    pub(crate) span_id: SpanId,
    pub(crate) service: u32,
    pub(crate) name: u32,
    /// The number of its batch.
    pub(crate) batch: u32,
    /// Its row there.
    pub(crate) row: u32,
    pub(crate) kind: SpanKind,
    pub(crate) status: StatusCode,
    pub(crate) has_parent: bool,
}

/// The spans of a trace, in the order in which they were stored.
#[derive(Clone, Debug)]
pub(crate) struct TraceEntry {
    spans: Vec<SpanEntry>,
    /// Invariant: no span starts earlier.
    start_min: UnixNanos,
    /// Invariant: no span starts later.
    start_max: UnixNanos,
}

// === impl SpanEntry ===

impl SpanEntry {
    pub(crate) fn new(row: RowView<'_>, batch: u32, service: u32, name: u32) -> SpanEntry {
        SpanEntry {
            start: row.start(),
            end: row.end(),
            span_id: row.span_id(),
            service,
            name,
            batch,
            row: u32::try_from(row.index()).expect("rows of a batch are counted in 32 bits"),
            kind: row.kind(),
            status: row.status_code(),
            has_parent: row.parent_span_id().is_some(),
        }
    }

    pub(crate) fn duration(&self) -> SpanDuration {
        self.end.since(self.start)
    }

    pub(crate) fn is_error(&self) -> bool {
        self.status == StatusCode::Error
    }

    fn facts<'a>(&self, trace_id: TraceId, names: &'a Interner) -> SpanFacts<'a> {
        SpanFacts {
            trace_id,
            span_id: self.span_id,
            has_parent: self.has_parent,
            start: self.start,
            end: self.end,
            service: names.text(self.service),
            name: names.text(self.name),
            status: self.status,
        }
    }
}

// === impl TraceEntry ===

impl Default for TraceEntry {
    fn default() -> TraceEntry {
        TraceEntry { spans: Vec::new(), start_min: UnixNanos(u64::MAX), start_max: UnixNanos(0) }
    }
}

impl TraceEntry {
    pub(crate) fn push(&mut self, span: SpanEntry) {
        self.start_min = self.start_min.min(span.start);
        self.start_max = self.start_max.max(span.start);
        self.spans.push(span);
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&SpanEntry) -> bool) {
        self.spans.retain(keep);
    }

    pub(crate) fn spans(&self) -> &[SpanEntry] {
        &self.spans
    }

    /// `false` only when no span starts inside.
    pub(crate) fn may_start_in(&self, range: &model::TimeRange) -> bool {
        self.start_min < range.to && range.from <= self.start_max
    }
}

/// The summary of these spans of a trace; `None` when there are none.
pub(crate) fn summary<'a>(
    trace_id: TraceId,
    spans: impl Iterator<Item = &'a SpanEntry>,
    names: &Interner,
) -> Option<TraceSummary> {
    let mut summary: Option<TraceSummary> = None;
    for span in spans {
        let facts = span.facts(trace_id, names);
        match &mut summary {
            Some(summary) => summary.add_facts(&facts),
            none => *none = Some(TraceSummary::of_facts(&facts)),
        }
    }
    summary
}
