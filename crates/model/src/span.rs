//! One operation of a trace, as its client reported it. Not here: how spans hang together (`tree`).

use std::sync::Arc;

use crate::attribute::Attributes;
use crate::id::{SpanId, TraceId};
use crate::resource::{Resource, Scope};
use crate::time::{SpanDuration, TimeRange, UnixNanos};
use crate::warning::{Warning, Warnings};

/// One operation: what ran, when, for how long, below which other one.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id, unique inside the trace.
    pub span_id: SpanId,
    /// The span that caused it; `None` for a root.
    pub parent_span_id: Option<SpanId>,
    /// W3C `tracestate` as received, or empty.
    pub trace_state: String,
    /// OTLP flags: bits 0-7 W3C trace flags, 0x100 has-is-remote, 0x200 is-remote.
    pub flags: u32,
    /// What ran, for example `GET /cart/{id}`.
    pub name: String,
    /// Its role in a call.
    pub kind: SpanKind,
    /// When it began.
    pub start: UnixNanos,
    /// When it ended; may precede `start`, because clocks lie.
    pub end: UnixNanos,
    /// What is known of it.
    pub attributes: Attributes,
    /// Attributes which were left out by the client or by our limits.
    pub attributes_dropped: u32,
    /// Facts at points in time, in the order received.
    pub events: Vec<Event>,
    /// Events which were left out.
    pub events_dropped: u32,
    /// Causal relations beside the parent.
    pub links: Vec<Link>,
    /// Links which were left out.
    pub links_dropped: u32,
    /// How it ended.
    pub status: Status,
    /// Who ran it.
    pub resource: Arc<Resource>,
    /// Which library recorded it.
    pub scope: Arc<Scope>,
    /// What we noticed about it.
    pub warnings: Warnings,
}

/// The role of a span in a call between processes. The number is OTLP's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum SpanKind {
    /// Inside one process; also when the client did not say.
    #[default]
    Internal = 1,
    /// Handles a request.
    Server = 2,
    /// Makes a request and waits.
    Client = 3,
    /// Hands a message over and does not wait.
    Producer = 4,
    /// Handles a message.
    Consumer = 5,
}

/// How a span ended. The number is OTLP's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum StatusCode {
    /// Nobody judged.
    #[default]
    Unset = 0,
    /// Declared a success.
    Ok = 1,
    /// Failed.
    Error = 2,
}

/// Status code and the message that came with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Unset, ok or error.
    pub code: StatusCode,
    /// For people; empty when there is none.
    pub message: String,
}

/// A fact at a point in time during a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it happened; may lie outside the span.
    pub time: UnixNanos,
    /// What happened, for example `exception`.
    pub name: String,
    /// What is known of it.
    pub attributes: Attributes,
    /// Attributes which were left out.
    pub attributes_dropped: u32,
}

/// A causal relation to a span, often of another trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The trace of the other span.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// W3C `tracestate` of the other span, or empty.
    pub trace_state: String,
    /// OTLP flags as in [`Span::flags`].
    pub flags: u32,
    /// What is known of the relation.
    pub attributes: Attributes,
    /// Attributes which were left out.
    pub attributes_dropped: u32,
}

// === impl Span ===

impl Span {
    /// From start to end; zero when the end precedes the start.
    pub fn duration(&self) -> SpanDuration {
        self.end.since(self.start)
    }

    /// The time it covers, at least one nanosecond.
    pub fn range(&self) -> TimeRange {
        TimeRange { from: self.start, to: UnixNanos(self.end.max(self.start).0.saturating_add(1)) }
    }

    /// The service that ran it.
    pub fn service(&self) -> &str {
        self.resource.service()
    }

    /// Whether a service was asked to do it: kind server or consumer, or without a parent.
    pub fn is_entry(&self) -> bool {
        self.kind.is_entry() || self.parent_span_id.is_none()
    }

    /// Whether it is the report of a span that had not ended yet. It is found and shown, and counts in nothing.
    pub fn is_pending(&self) -> bool {
        self.warnings.has(Warning::EndMissing)
    }

    /// Whether the two report the same piece of work, at whatever stage. A client that runs both sides of a call may give them
    /// one id, so kind and service belong to it; a start does not, it may be told more exactly later.
    pub fn is_same_work(&self, other: &Span) -> bool {
        let identity = |span: &Span| (span.trace_id, span.span_id, span.kind);
        identity(self) == identity(other) && self.service() == other.service()
    }

    /// Whether it failed.
    pub fn is_error(&self) -> bool {
        self.status.code == StatusCode::Error
    }
}

// === impl SpanKind ===

impl SpanKind {
    /// From OTLP's number; 0 and unknown numbers are `Internal`.
    pub fn from_number(number: i64) -> SpanKind {
        match number {
            2 => SpanKind::Server,
            3 => SpanKind::Client,
            4 => SpanKind::Producer,
            5 => SpanKind::Consumer,
            _ => SpanKind::Internal,
        }
    }

    /// Whether a span of this kind answers a request from elsewhere.
    pub fn is_entry(self) -> bool {
        matches!(self, SpanKind::Server | SpanKind::Consumer)
    }

    /// Lower-case word, as Jaeger and TraceQL write it.
    pub fn word(self) -> &'static str {
        match self {
            SpanKind::Internal => "internal",
            SpanKind::Server => "server",
            SpanKind::Client => "client",
            SpanKind::Producer => "producer",
            SpanKind::Consumer => "consumer",
        }
    }

    /// From the lower-case word.
    pub fn from_word(word: &str) -> Option<SpanKind> {
        [SpanKind::Internal, SpanKind::Server, SpanKind::Client, SpanKind::Producer, SpanKind::Consumer]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

// === impl StatusCode ===

impl StatusCode {
    /// From OTLP's number; unknown numbers are `Unset`.
    pub fn from_number(number: i64) -> StatusCode {
        match number {
            1 => StatusCode::Ok,
            2 => StatusCode::Error,
            _ => StatusCode::Unset,
        }
    }

    /// Lower-case word.
    pub fn word(self) -> &'static str {
        match self {
            StatusCode::Unset => "unset",
            StatusCode::Ok => "ok",
            StatusCode::Error => "error",
        }
    }
}
