//! Questions about traces, and the form of every answer. Not here: the query language of users.

use model::{SpanDuration, SpanKind, TimeRange, TraceId, TraceSummary, UnixNanos};

use crate::condition::FieldCondition;

/// Which traces, in which order, how many.
///
/// A trace matches when at least one of its spans meets all span conditions at once, and the trace meets all trace conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceQuery {
    /// Span condition: it starts inside.
    pub range: TimeRange,
    /// Span condition: its service.
    pub service: Option<String>,
    /// Span condition: its name.
    pub name: Option<String>,
    /// Span condition: its kind.
    pub kind: Option<SpanKind>,
    /// Span condition: it failed.
    pub errors_only: bool,
    /// Span condition: it lasts at least this long.
    pub span_duration_min: Option<SpanDuration>,
    /// Span condition: it lasts at most this long.
    pub span_duration_max: Option<SpanDuration>,
    /// Span condition: each of them holds.
    pub fields: Vec<FieldCondition>,
    /// Trace condition: from its first start to its last end it lasts at least this long.
    pub trace_duration_min: Option<SpanDuration>,
    /// Trace condition: it lasts at most this long.
    pub trace_duration_max: Option<SpanDuration>,
    /// Order of the answer.
    pub order: Order,
    /// At most this many traces.
    pub limit: usize,
    /// Whether all that match are counted.
    pub count: Count,
    /// Continue after this place.
    pub after: Option<Cursor>,
}

/// Order of traces; ties are broken by trace id, ascending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Latest first start of the trace first.
    #[default]
    NewestFirst,
    /// Longest trace first.
    LongestFirst,
}

/// Whether a search counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// `matched` is exact.
    #[default]
    Exact,
    /// `matched` is a lower bound, also of a complete answer: nothing is read that cannot change the page.
    None,
}

/// The place of the last trace of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Start in nanoseconds, or duration in nanoseconds, by the order of the query.
    pub key: u64,
    /// The trace.
    pub trace_id: TraceId,
    /// Only groups up to this one were read, so that pages stay stable while spans arrive.
    pub watermark: u64,
}

/// How much of the truth an answer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completeness {
    /// What matched in all, not only on this page; a lower bound when not `complete`, and when not counted ([`Count::None`]).
    pub matched: u64,
    /// Spans that were considered.
    pub scanned: u64,
    /// Whether everything stored up to the watermark was considered, as far as it can change the answer.
    pub complete: bool,
    /// The latest group that was considered.
    pub watermark: u64,
    /// Why it is not complete, for people.
    pub reason: Option<String>,
}

/// A value and how much of the truth it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// How complete it is.
    pub completeness: Completeness,
}

/// One page of traces.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceList {
    /// In the order asked for.
    pub traces: Vec<TraceSummary>,
    /// Where the next page begins; `None` on the last one. After an answer that is not complete it leads on where it ended,
    /// if that can be said.
    pub next: Option<Cursor>,
}

// === impl TraceQuery ===

impl TraceQuery {
    /// The newest `limit` traces of `range`, without further conditions.
    pub fn newest(range: TimeRange, limit: usize) -> TraceQuery {
        TraceQuery {
            range,
            service: None,
            name: None,
            kind: None,
            errors_only: false,
            span_duration_min: None,
            span_duration_max: None,
            fields: Vec::new(),
            trace_duration_min: None,
            trace_duration_max: None,
            order: Order::NewestFirst,
            limit,
            count: Count::Exact,
            after: None,
        }
    }

    /// Whether a trace of this duration meets the trace conditions.
    pub fn accepts_duration(&self, duration: SpanDuration) -> bool {
        self.trace_duration_min.is_none_or(|min| duration >= min)
            && self.trace_duration_max.is_none_or(|max| duration <= max)
    }
}

// === impl TraceList ===

impl TraceList {
    /// The page of `query` out of everything that matched, which is in the order of the query and was read up to `watermark`.
    pub fn page(mut found: Vec<TraceSummary>, query: &TraceQuery, watermark: u64) -> TraceList {
        let place = |summary: &TraceSummary| (query.order.key(summary.start, summary.duration()), summary.trace_id);
        let begin = query.after.map_or(0, |after| found.partition_point(|summary| !after.precedes(place(summary))));
        found.drain(..begin);
        let is_last = found.len() <= query.limit;
        found.truncate(query.limit);
        let last = found.last().filter(|_| !is_last).map(place);
        let next = last.map(|(key, trace_id)| Cursor { key, trace_id, watermark });
        TraceList { traces: found, next }
    }
}

// === impl Cursor ===

impl Cursor {
    /// Whether a trace with this key and id comes after the cursor: smaller keys do, and of equal keys the greater id.
    pub fn precedes(&self, (key, trace_id): (u64, TraceId)) -> bool {
        key < self.key || (key == self.key && trace_id > self.trace_id)
    }
}

// === impl Order ===

impl Order {
    /// The number that decides the order of a trace; the greater one comes first.
    pub fn key(self, start: UnixNanos, duration: SpanDuration) -> u64 {
        match self {
            Order::NewestFirst => start.0,
            Order::LongestFirst => duration.0,
        }
    }
}
