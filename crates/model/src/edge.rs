//! Who calls whom: nodes, the edges between them and what is counted on an edge in a minute.
//!
//! Not here: which attributes name the other side (`peer`), sums over time and their bytes (`rollup`), drawing.

mod fold;
mod matcher;
mod node;
mod places;
pub mod plain;
mod slots;
#[cfg(test)]
mod tests;

pub use matcher::{EDGE_CELLS_MAX, GENERATIONS_WAITED, HALVES_MAGIC, LINKS_MAX, Matcher, SPANS_MAX, WALK_STEPS_MAX};
pub use node::{NODE_NAME_BYTES_MAX, NODES_MAX, Node, NodeKind};

use crate::exemplar::Exemplars;
use crate::id::TraceId;
use crate::red::LatencyHistogram;
use crate::time::SpanDuration;

/// How one node reaches another. The number is stored, so it is never reused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Connection {
    /// It asks and waits.
    #[default]
    Call = 0,
    /// It hands over a message, or takes one.
    Messaging = 1,
    /// Its span is named by a link: a cause outside the caller's latency.
    Link = 2,
}

/// One edge of the map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdgeKey {
    /// Who asks, or hands over.
    pub client: Node,
    /// Who answers, or takes.
    pub server: Node,
    /// How.
    pub connection: Connection,
}

/// The calls over an edge that began within one minute. Cells of disjoint calls merge by addition.
///
/// A call whose client half and server half were both seen has a duration on both sides; the difference is network and queueing.
/// `calls - client.count()` calls were seen by the server only, `calls - server.count()` by the client only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EdgeCell {
    /// Number of calls.
    pub calls: u64,
    /// Calls of which either half failed.
    pub errors: u64,
    /// Durations as the client saw them.
    pub client: LatencyHistogram,
    /// Durations as the server saw them.
    pub server: LatencyHistogram,
    /// Traces to look at.
    pub exemplars: Exemplars,
}

/// One call over an edge: the halves that were seen, at least one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its trace.
    pub trace_id: TraceId,
    /// How long the client waited.
    pub client: Option<SpanDuration>,
    /// How long the server worked.
    pub server: Option<SpanDuration>,
    /// Whether either half failed.
    pub is_error: bool,
}

// === impl Connection ===

impl Connection {
    /// Every connection, by ascending number.
    pub const ALL: [Connection; 3] = [Connection::Call, Connection::Messaging, Connection::Link];

    /// From the stored number.
    pub fn from_number(number: u8) -> Option<Connection> {
        Connection::ALL.get(usize::from(number)).copied()
    }

    /// Lower-case word, as answers write it.
    pub fn word(self) -> &'static str {
        match self {
            Connection::Call => "call",
            Connection::Messaging => "messaging",
            Connection::Link => "link",
        }
    }
}

// === impl EdgeCell ===

impl EdgeCell {
    /// Counts one call.
    pub fn add(&mut self, call: &Call) {
        self.count(call);
        if let Some(duration) = call.client {
            self.client.add(duration);
        }
        if let Some(duration) = call.server {
            self.server.add(duration);
        }
    }

    /// Counts one call whose durations go another way into the histograms.
    fn count(&mut self, call: &Call) {
        self.calls += 1;
        self.errors += u64::from(call.is_error);
        // What the caller waited is what people look for; a call without a client half has only the other.
        if let Some(duration) = call.client.or(call.server) {
            self.exemplars.add(call.trace_id, duration, call.is_error);
        }
    }

    /// Adds disjoint calls that were counted elsewhere.
    pub fn merge(&mut self, other: &EdgeCell) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.client.merge(&other.client);
        self.server.merge(&other.server);
        self.exemplars.merge(&other.exemplars);
    }
}
