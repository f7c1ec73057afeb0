//! Questions about counts: which services and span names there are, and their rate, errors and durations.

use model::{RedCell, SpanDuration, SpanKind, TimeRange, UnixNanos};

/// Width of the cells in which counts are kept. Ranges and steps are whole multiples of it.
pub const RED_CELL: SpanDuration = SpanDuration(60_000_000_000);

/// Rate, errors and durations of spans by the time of their start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedQuery {
    /// Widened outwards to whole minutes.
    pub range: TimeRange,
    /// Width of a point, rounded up to whole minutes; `None`: one point for the whole range.
    pub step: Option<SpanDuration>,
    /// Only this service.
    pub service: Option<String>,
    /// One series per service and span name rather than per service.
    pub by_name: bool,
    /// Only entry spans: kind server or consumer, or without a parent. What a service was asked to do, not what it asked of others.
    pub entry_only: bool,
}

/// One line of a chart.
#[derive(Clone, Debug, PartialEq)]
pub struct RedSeries {
    /// The service.
    pub service: String,
    /// The span name; `None` when the query is not by name.
    pub name: Option<String>,
    /// Points that hold at least one span, ascending.
    pub points: Vec<RedPoint>,
}

/// The spans that started within one step.
#[derive(Clone, Debug, PartialEq)]
pub struct RedPoint {
    /// Start of the step.
    pub start: UnixNanos,
    /// What happened in it.
    pub cell: RedCell,
}

/// Which names are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NamesQuery {
    /// All services.
    Services,
    /// Span names of one service, or of all.
    Operations {
        /// Only this service.
        service: Option<String>,
        /// Only this kind.
        kind: Option<SpanKind>,
    },
}

/// The names found, sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Names {
    /// Answer to [`NamesQuery::Services`].
    Services(Vec<ServiceName>),
    /// Answer to [`NamesQuery::Operations`].
    Operations(Vec<OperationName>),
}

/// A service that reported spans.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServiceName {
    /// Its name.
    pub service: String,
    /// Number of its stored spans.
    pub spans: u64,
}

/// A span name of a service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OperationName {
    /// The service.
    pub service: String,
    /// The span name.
    pub name: String,
    /// The kind.
    pub kind: SpanKind,
    /// Number of stored spans of this service, name and kind.
    pub spans: u64,
}
