//! What the index keeps of a span and of a trace.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use model::batch::RowView;
use model::summary::SpanFacts;
use model::{SpanDuration, SpanId, SpanKind, StatusCode, TraceId, TraceSummary, UnixNanos};

use super::Texts;

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
    /// Whether it had not ended when it was reported.
    pub(crate) is_pending: bool,
}

/// The spans of a trace, in the order in which they were stored.
#[derive(Clone, Debug)]
pub(crate) struct TraceEntry {
    spans: Vec<SpanEntry>,
    /// Invariant: no span starts earlier.
    start_min: UnixNanos,
    /// Invariant: no span starts later.
    start_max: UnixNanos,
    /// Pending spans whose place was not taken.
    pub(super) open: u32,
    /// Whether a block may hold spans of it too.
    pub(crate) is_in_blocks: bool,
    /// Places of its spans by their ids; made when it is first needed and large.
    by_id: Option<Box<ById>>,
}

/// Which spans have an id: a trace may have a million of them, and a report that ends one must not look at all.
#[derive(Clone, Debug, Default)]
struct ById {
    hasher: DefaultHashBuilder,
    places: HashTable<u32>,
    /// So many of the spans are in the table.
    spans: usize,
}

/// In a trace with fewer spans it is quicker to look at each.
const SPANS_LOOKED_AT_MAX: usize = 64;

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
            is_pending: row.is_pending(),
        }
    }

    pub(crate) fn duration(&self) -> SpanDuration {
        self.end.since(self.start)
    }

    pub(crate) fn is_error(&self) -> bool {
        self.status == StatusCode::Error
    }

    fn facts<'a>(&self, trace_id: TraceId, texts: &Texts<'a>) -> SpanFacts<'a> {
        SpanFacts {
            trace_id,
            span_id: self.span_id,
            has_parent: self.has_parent,
            start: self.start,
            end: self.end,
            service: texts.service(self),
            name: texts.name(self),
            status: self.status,
        }
    }
}

// === impl TraceEntry ===

impl Default for TraceEntry {
    fn default() -> TraceEntry {
        TraceEntry {
            spans: Vec::new(),
            start_min: UnixNanos(u64::MAX),
            start_max: UnixNanos(0),
            open: 0,
            is_in_blocks: false,
            by_id: None,
        }
    }
}

impl TraceEntry {
    pub(crate) fn push(&mut self, span: SpanEntry) {
        self.start_min = self.start_min.min(span.start);
        self.start_max = self.start_max.max(span.start);
        self.open += u32::from(span.is_pending);
        self.spans.push(span);
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&SpanEntry) -> bool) {
        self.spans.retain(keep);
        self.by_id = None;
    }

    /// The spans that report the same work as `span` of this service, pending or not.
    pub(super) fn same_work(&mut self, span: &SpanEntry, service: &str, texts: &Texts<'_>) -> Vec<SpanEntry> {
        // By texts and not by their numbers: one of the two may have none.
        let is_same = |known: &&SpanEntry| {
            known.span_id == span.span_id && known.kind == span.kind && texts.service(known) == service
        };
        if self.spans.len() <= SPANS_LOOKED_AT_MAX {
            return self.spans.iter().filter(is_same).copied().collect();
        }
        let by_id = self.by_id.get_or_insert_default();
        by_id.catch_up(&self.spans);
        by_id.find(&self.spans, &span.span_id).filter(is_same).copied().collect()
    }

    pub(crate) fn spans(&self) -> &[SpanEntry] {
        &self.spans
    }

    /// `false` only when no span starts inside.
    pub(crate) fn may_start_in(&self, range: &model::TimeRange) -> bool {
        self.start_min < range.to && range.from <= self.start_max
    }
}

// === impl ById ===

impl ById {
    fn catch_up(&mut self, spans: &[SpanEntry]) {
        let hash = |place: &u32| self.hasher.hash_one(spans[*place as usize].span_id);
        for place in self.spans..spans.len() {
            let place = u32::try_from(place).expect("spans of a memtable are counted in 32 bits");
            self.places.insert_unique(hash(&place), place, hash);
        }
        self.spans = spans.len();
    }

    fn find<'a>(&'a self, spans: &'a [SpanEntry], id: &'a SpanId) -> impl Iterator<Item = &'a SpanEntry> {
        let near = self.places.iter_hash(self.hasher.hash_one(id));
        near.map(|place| &spans[*place as usize]).filter(move |span| span.span_id == *id)
    }
}

/// The summary of these spans of a trace; `None` when there are none.
pub(crate) fn summary<'a>(
    trace_id: TraceId,
    spans: impl Iterator<Item = &'a SpanEntry>,
    texts: &Texts<'_>,
) -> Option<TraceSummary> {
    let mut summary: Option<TraceSummary> = None;
    for span in spans {
        let facts = span.facts(trace_id, texts);
        match &mut summary {
            Some(summary) => summary.add_facts(&facts),
            none => *none = Some(TraceSummary::of_facts(&facts)),
        }
    }
    summary
}
