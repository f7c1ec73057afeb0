//! Who calls whom: edges between services, and to what reports no spans of its own. Not here: where nodes are drawn.

use serde::{Deserialize, Serialize};

use crate::complete::Completeness;
use crate::nanos;
use crate::time::TimePoint;

/// Query string of `GET /api/tracewell/v1/edges`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EdgesRequest {
    /// Calls that begin from here …
    pub from: TimePoint,
    /// … up to here; both are widened to whole minutes.
    pub to: TimePoint,
    /// Only edges from or to the node with this name …
    pub node: Option<String>,
    /// … and of this kind; a service unless it says otherwise.
    pub kind: Option<String>,
    /// Whether calls count of which the other half may still come.
    pub provisional: bool,
    /// At most so many edges, those with the most calls.
    pub limit: u32,
}

/// Edges with calls in the range, by client, server and connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeList {
    /// One line each.
    pub edges: Vec<EdgeItem>,
    /// Number of edges that there are; more than are listed when the limit is below it.
    pub total: u64,
    /// How complete the list is; what matched are calls.
    pub completeness: Completeness,
    /// Start of the range that was counted, unix milliseconds, on a whole minute.
    pub from_millis: u64,
    /// First millisecond after it.
    pub to_millis: u64,
}

/// One edge in the range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeItem {
    /// Who asks, or hands over.
    pub client: NodeItem,
    /// Who answers, or takes.
    pub server: NodeItem,
    /// `call`, `messaging`, or `link`: a cause outside the caller's latency.
    pub connection: String,
    /// Calls, each once, whether one half was seen or both.
    pub calls: u64,
    /// Calls of which either half failed.
    pub errors: u64,
    /// Calls of which the other half may still come, and move them to another edge.
    pub calls_provisional: u64,
    /// As clients saw it; the difference to the other side is network and waiting.
    pub client_side: EdgeSide,
    /// As servers saw it.
    pub server_side: EdgeSide,
    /// Trace of the slowest call.
    pub slowest_trace_id: Option<String>,
    /// Trace of the slowest call that failed.
    pub failed_trace_id: Option<String>,
}

/// What stands at an end of an edge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NodeItem {
    /// `service`, `database`, `cache`, `messaging`, `cloud`, `gen_ai`, `function`, `rpc`, `external`, `user` or `unknown`.
    pub kind: String,
    /// What it is called, unique within its kind.
    pub name: String,
}

/// The calls of an edge as one side saw them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeSide {
    /// Calls that it saw.
    pub calls: u64,
    /// Median duration of these, nanoseconds, at most 1.6 % off; 0 without calls.
    #[serde(with = "nanos")]
    pub p50: u64,
    /// 95th percentile of the same.
    #[serde(with = "nanos")]
    pub p95: u64,
    /// 99th percentile of the same.
    #[serde(with = "nanos")]
    pub p99: u64,
}

impl EdgesRequest {
    /// Most edges in one answer.
    pub const LIMIT_MAX: u32 = 10_000;
}

impl Default for EdgesRequest {
    fn default() -> EdgesRequest {
        EdgesRequest {
            from: TimePoint::BeforeNow { secs: 900 },
            to: TimePoint::NOW,
            node: None,
            kind: None,
            provisional: true,
            limit: 1_000,
        }
    }
}
