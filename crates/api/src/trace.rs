//! The trace page: its head for the first paint, and the details of single spans on demand. The spans themselves travel as `columns`.

use serde::{Deserialize, Serialize};

use crate::nanos;
use crate::search::TraceItem;

/// Answer of `GET /api/tracewell/v1/traces/{trace_id}`: small, part of the first HTML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceHead {
    /// The trace in one line.
    pub trace: TraceItem,
    /// Greatest depth, a root has 0.
    pub depth: u32,
    /// State of the trace; row numbers hold for this one only.
    #[serde(with = "nanos")]
    pub sequence: u64,
    /// Spans whose parent was not received.
    pub orphans: u64,
    /// Spans about which something was noticed.
    pub warnings: u64,
    /// Whether everything stored was read.
    pub complete: bool,
    /// Why not.
    #[serde(default)]
    pub reason: Option<String>,
    /// Row of the span that the link names, when it exists.
    #[serde(default)]
    pub selected_row: Option<u32>,
}

/// Everything about one span, row by row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpanDetails {
    /// Its row in the columns.
    pub row: u32,
    /// 16 hex digits.
    pub span_id: String,
    /// 16 hex digits, absent for a root.
    #[serde(default)]
    pub parent_span_id: Option<String>,
    /// Service that ran it.
    pub service: String,
    /// What ran.
    pub name: String,
    /// `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: String,
    /// Start, unix nanoseconds.
    #[serde(with = "nanos")]
    pub start: u64,
    /// Duration, nanoseconds.
    #[serde(with = "nanos")]
    pub duration: u64,
    /// `unset`, `ok` or `error`.
    pub status: String,
    /// Message of the status, or empty.
    pub status_message: String,
    /// W3C trace state, or empty.
    pub trace_state: String,
    /// OTLP flags.
    pub flags: u32,
    /// Attributes of the span.
    pub attributes: Vec<AttributeItem>,
    /// How many were left out.
    pub attributes_dropped: u32,
    /// Events by time.
    pub events: Vec<EventItem>,
    /// How many were left out.
    pub events_dropped: u32,
    /// Links.
    pub links: Vec<LinkItem>,
    /// How many were left out.
    pub links_dropped: u32,
    /// Attributes of the resource.
    pub resource: Vec<AttributeItem>,
    /// Name of the instrumentation scope, or empty.
    pub scope_name: String,
    /// Its version, or empty.
    pub scope_version: String,
    /// Its attributes.
    pub scope_attributes: Vec<AttributeItem>,
    /// What was noticed, in sentences.
    pub warnings: Vec<String>,
}

/// A typed pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttributeItem {
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: TypedValue,
}

/// A value with its type, `{"int": "5"}` in JSON; numbers as text, so that nothing is rounded on the way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TypedValue {
    /// Present without a value.
    Empty,
    /// Text.
    String(String),
    /// Truth value.
    Bool(bool),
    /// Integer in decimal.
    Int(String),
    /// Double in the shortest form that reads back, or `NaN`, `inf`, `-inf`.
    Double(String),
    /// Bytes in standard base64.
    Bytes(String),
    /// Values of any type.
    Array(Vec<TypedValue>),
    /// Nested pairs.
    Map(Vec<AttributeItem>),
}

/// An event of a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventItem {
    /// Unix nanoseconds.
    #[serde(with = "nanos")]
    pub time: u64,
    /// What happened.
    pub name: String,
    /// What is known of it.
    pub attributes: Vec<AttributeItem>,
    /// How many were left out.
    pub attributes_dropped: u32,
}

/// A link of a span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LinkItem {
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// W3C trace state, or empty.
    pub trace_state: String,
    /// OTLP flags.
    pub flags: u32,
    /// What is known of it.
    pub attributes: Vec<AttributeItem>,
    /// How many were left out.
    pub attributes_dropped: u32,
}
