//! Questions to the server with the answers that are right, kept beside the requests as JSON.
//! Times count from the begin of the workload; whoever asks moves them.

pub(super) mod choose;
mod edges;
pub(super) mod evaluate;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::corpus::hash;

/// What is known about a workload.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Truth {
    pub(super) spans: u64,
    pub(super) traces: u64,
    pub(super) requests: u64,
    /// Of all plain bodies.
    pub(super) bytes: u64,
    /// Of all plain bodies: equal on every machine.
    pub(super) hash: u64,
    /// First millisecond after the last span.
    pub(super) end_millis: u64,
    pub(super) questions: Vec<Question>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Question {
    /// Questions of one name are one line of the report.
    pub(super) name: String,
    pub(super) ask: Ask,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    Trace { id: String, answer: Option<TraceAnswer> },
    Search { search: Search, answer: SearchAnswer },
    Services { from_millis: u64, to_millis: u64, answer: Vec<ServiceAnswer> },
    Edges { from_millis: u64, to_millis: u64, answer: Vec<EdgeAnswer> },
    Operations { service: String, answer: Vec<OperationAnswer> },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Search {
    pub(super) from_millis: u64,
    pub(super) to_millis: u64,
    pub(super) service: Option<String>,
    pub(super) name: Option<String>,
    pub(super) attribute: Option<(String, String)>,
    pub(super) errors: bool,
    /// Of the trace, nanoseconds.
    pub(super) duration_min: Option<u64>,
    pub(super) longest_first: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SearchAnswer {
    pub(super) matched: u64,
    /// The first [`PAGE`] in order.
    pub(super) first: Vec<Listed>,
}

/// Traces on a page.
pub(super) const PAGE: usize = 20;

/// A trace as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) start: u64,
    pub(super) duration: u64,
    pub(super) spans: u64,
    pub(super) errors: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TraceAnswer {
    pub(super) listed: Listed,
    pub(super) root_service: String,
    pub(super) root_name: String,
    /// Sum of [`span_hash`].
    pub(super) span_set: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServiceAnswer {
    pub(super) service: String,
    pub(super) spans: u64,
    pub(super) errors: u64,
    /// Entry spans: those of kind server, and roots.
    pub(super) requests: u64,
    pub(super) request_errors: u64,
    /// 50, 95 and 99 % of entry spans, exactly.
    pub(super) quantiles: [u64; 3],
    /// Minute since the begin, entry spans, failed ones; minutes without are left out.
    pub(super) minutes: Vec<(u64, u64, u64)>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct OperationAnswer {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) spans: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct EdgeAnswer {
    pub(super) client: NodeAnswer,
    pub(super) server: NodeAnswer,
    pub(super) connection: String,
    pub(super) calls: u64,
    pub(super) errors: u64,
    pub(super) client_side: SideAnswer,
    pub(super) server_side: SideAnswer,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct NodeAnswer {
    pub(super) kind: String,
    pub(super) name: String,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct SideAnswer {
    /// Calls of which this half was seen.
    pub(super) calls: u64,
    /// 50, 95 and 99 % of their durations, exactly.
    pub(super) quantiles: [u64; 3],
}

/// One number for what a span is. Sums of them tell whether two sets of spans are equal, in whatever order.
pub(super) fn span_hash(span_id: u64, parent: u64, start: u64, end: u64, name: &str) -> u64 {
    let numbers = [span_id, parent, start, end].iter().fold(0, |state, number| hash(state, &number.to_le_bytes()));
    hash(numbers, name.as_bytes())
}
