//! Paths of the server, spelled once.

use model::TraceId;

/// Prefix of Tracewell's own API.
pub const API: &str = "/api/tracewell/v1";
/// `GET`: [`crate::ServiceList`] for [`crate::ServicesRequest`].
pub const SERVICES: &str = "/api/tracewell/v1/services";
/// `GET`: [`crate::EdgeList`] for [`crate::EdgesRequest`].
pub const EDGES: &str = "/api/tracewell/v1/edges";
/// `GET ?service=`: [`crate::OperationList`].
pub const OPERATIONS: &str = "/api/tracewell/v1/operations";
/// `GET`: [`crate::TraceList`] for [`crate::SearchRequest`].
pub const TRACES: &str = "/api/tracewell/v1/traces";
/// `GET`: [`crate::StoreStatus`].
pub const STATUS: &str = "/api/tracewell/v1/status";
/// Websocket of [`crate::live`] frames.
pub const LIVE: &str = "/api/tracewell/v1/live";

/// `GET`: [`crate::TraceHead`].
pub fn trace(id: TraceId) -> String {
    format!("{TRACES}/{id}")
}

/// `GET`: `columns v1` bytes of [`crate::TraceColumns`].
pub fn columns(id: TraceId) -> String {
    format!("{TRACES}/{id}/columns")
}

/// `GET`: [`crate::SpanDetails`] of the rows `first..end`, as numbered in the columns with sequence `at`.
pub fn spans(id: TraceId, first: u32, end: u32, at: u64) -> String {
    format!("{TRACES}/{id}/spans?rows={first}..{end}&at={at}")
}

/// `GET`: the trace as strict OTLP JSON, to keep or to send elsewhere.
pub fn otlp(id: TraceId) -> String {
    format!("{TRACES}/{id}/otlp.json")
}
