//! Search: which traces, and one line for each.

use serde::{Deserialize, Serialize};

use crate::complete::Completeness;
use crate::nanos;
use crate::time::TimePoint;

/// Query string of `GET /api/tracewell/v1/traces`, and of the search page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchRequest {
    /// Spans that start from here …
    pub from: TimePoint,
    /// … up to here.
    pub to: TimePoint,
    /// A span of the trace ran in this service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The same span has this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The same span has these attributes: `key=value` pairs, separated by spaces, values quoted where needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attributes: Option<String>,
    /// The same span failed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub errors: bool,
    /// The trace lasts at least this long, as `100ms`, `1.5s` or `2m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// The trace lasts at most this long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Order of the list.
    #[serde(skip_serializing_if = "ResultOrder::is_default")]
    pub order: ResultOrder,
    /// At most this many, 1 to 500.
    pub limit: u32,
    /// `next` of the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// Order of a list of traces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResultOrder {
    /// Latest start first.
    #[default]
    Newest,
    /// Longest trace first.
    Longest,
}

/// One page of traces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceList {
    /// In the order asked for.
    pub traces: Vec<TraceItem>,
    /// Cursor of the next page; absent on the last one.
    #[serde(default)]
    pub next: Option<String>,
    /// How complete the list is; `matched` counts all pages.
    pub completeness: Completeness,
    /// The range that was searched, resolved: unix milliseconds.
    pub from_millis: u64,
    /// First millisecond after it.
    pub to_millis: u64,
}

/// One trace in a list, in a header or in a live frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceItem {
    /// 32 hex digits.
    pub trace_id: String,
    /// Service of the root, or of the earliest span while the root is missing.
    pub root_service: String,
    /// Name of that span.
    pub root_name: String,
    /// Whether the root was received.
    pub root_received: bool,
    /// Earliest start, unix nanoseconds.
    #[serde(with = "nanos")]
    pub start: u64,
    /// From earliest start to latest end, nanoseconds.
    #[serde(with = "nanos")]
    pub duration: u64,
    /// Number of spans.
    pub spans: u64,
    /// Number of failed spans.
    pub errors: u64,
    /// Services of the trace, most spans first.
    pub services: Vec<ServiceShare>,
}

/// Spans of one service in a trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceShare {
    /// Its name.
    pub service: String,
    /// Number of its spans.
    pub spans: u64,
    /// Number of its failed spans.
    pub errors: u64,
}

impl SearchRequest {
    /// Traces on a page unless the request says otherwise.
    pub const LIMIT_DEFAULT: u32 = 50;
    /// Most traces on a page.
    pub const LIMIT_MAX: u32 = 500;
}

impl Default for SearchRequest {
    fn default() -> SearchRequest {
        SearchRequest {
            from: TimePoint::BeforeNow { secs: 900 },
            to: TimePoint::NOW,
            service: None,
            name: None,
            attributes: None,
            errors: false,
            min: None,
            max: None,
            order: ResultOrder::Newest,
            limit: SearchRequest::LIMIT_DEFAULT,
            after: None,
        }
    }
}

impl ResultOrder {
    fn is_default(&self) -> bool {
        *self == ResultOrder::default()
    }
}

impl From<&model::TraceSummary> for TraceItem {
    fn from(summary: &model::TraceSummary) -> TraceItem {
        let mut services: Vec<ServiceShare> = summary
            .services
            .iter()
            .map(|count| ServiceShare { service: count.service.clone(), spans: count.spans, errors: count.errors })
            .collect();
        services.sort_by(|a, b| b.spans.cmp(&a.spans).then_with(|| a.service.cmp(&b.service)));
        TraceItem {
            trace_id: summary.trace_id.to_string(),
            root_service: summary.root_service.clone(),
            root_name: summary.root_name.clone(),
            root_received: summary.root_received,
            start: summary.start.0,
            duration: summary.duration().0,
            spans: summary.spans,
            errors: summary.errors,
            services,
        }
    }
}
