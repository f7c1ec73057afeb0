//! Traces that stand for a number: whoever sees a slow or failing cell can open one of them. Not here: the numbers.

use crate::id::TraceId;
use crate::time::SpanDuration;

/// One trace and how long its call took.
///
/// Ordered by duration, then by id, so that the choice between two never depends on who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exemplar {
    /// How long the call took.
    pub duration: SpanDuration,
    /// The trace it belongs to.
    pub trace_id: TraceId,
}

/// The slowest call of a cell and its slowest failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exemplars {
    /// The slowest of all.
    pub slowest: Option<Exemplar>,
    /// The slowest that failed.
    pub failed: Option<Exemplar>,
}

impl Exemplars {
    /// Considers one call.
    #[inline]
    pub fn add(&mut self, trace_id: TraceId, duration: SpanDuration, is_error: bool) {
        let exemplar = Some(Exemplar { duration, trace_id });
        // `None` is less than any exemplar.
        self.slowest = self.slowest.max(exemplar);
        if is_error {
            self.failed = self.failed.max(exemplar);
        }
    }

    /// Considers the calls of another cell.
    pub fn merge(&mut self, other: &Exemplars) {
        self.slowest = self.slowest.max(other.slowest);
        self.failed = self.failed.max(other.failed);
    }
}
