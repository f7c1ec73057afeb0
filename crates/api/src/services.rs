//! Services and their span names, with rate, errors and durations.

use serde::{Deserialize, Serialize};

use crate::complete::Completeness;
use crate::nanos;
use crate::time::TimePoint;

/// Query string of `GET /api/tracewell/v1/services`, and of the services page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicesRequest {
    /// Spans that start from here …
    pub from: TimePoint,
    /// … up to here; both are widened to whole minutes.
    pub to: TimePoint,
}

/// Every service that has spans in the range, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceList {
    /// One row each.
    pub services: Vec<ServiceItem>,
    /// How complete the list is.
    pub completeness: Completeness,
    /// Start of the range that was counted, unix milliseconds, on a whole minute.
    pub from_millis: u64,
    /// First millisecond after it.
    pub to_millis: u64,
    /// Width of one element of [`ServiceItem::requests_over_time`], seconds.
    pub step_secs: u64,
}

/// One service in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceItem {
    /// Its name.
    pub service: String,
    /// All its spans.
    pub spans: u64,
    /// Its failed spans.
    pub errors: u64,
    /// Its entry spans: what it was asked to do.
    pub requests: u64,
    /// Failed ones of them.
    pub request_errors: u64,
    /// Median duration of entry spans, nanoseconds, at most 1.6 % off; 0 without entry spans.
    #[serde(with = "nanos")]
    pub p50: u64,
    /// 95th percentile of the same.
    #[serde(with = "nanos")]
    pub p95: u64,
    /// 99th percentile of the same.
    #[serde(with = "nanos")]
    pub p99: u64,
    /// Entry spans of each step of the range, zeros included, for a sparkline.
    pub requests_over_time: Vec<u64>,
    /// Failed ones of them.
    pub errors_over_time: Vec<u64>,
}

/// Span names of one service, or of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationList {
    /// Sorted by service, name, kind.
    pub operations: Vec<OperationItem>,
    /// How complete the list is.
    pub completeness: Completeness,
}

/// One span name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationItem {
    /// The service.
    pub service: String,
    /// The span name.
    pub name: String,
    /// `internal`, `server`, `client`, `producer` or `consumer`.
    pub kind: String,
    /// Stored spans.
    pub spans: u64,
}

impl Default for ServicesRequest {
    fn default() -> ServicesRequest {
        ServicesRequest { from: TimePoint::BeforeNow { secs: 900 }, to: TimePoint::NOW }
    }
}
