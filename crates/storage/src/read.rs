//! Reading traces.

use model::{TimeRange, Trace, TraceId};

use crate::BoxFuture;
use crate::capabilities::SearchCapabilities;
use crate::error::StorageError;
use crate::names::{Names, NamesQuery};
use crate::query::{Answer, TraceList, TraceQuery};
use crate::rollup::{RedQuery, RedSeries};

/// A trace as stored, with the group up to which it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTrace {
    /// Its spans, each stored span once, in no promised order.
    pub trace: Trace,
    /// The latest group that holds a span of it: a reader who has seen this number has seen the whole trace.
    pub sequence: u64,
}

/// The reading half of an engine. Each read sees at least everything that was acknowledged before it began.
pub trait TraceReader: Send + Sync {
    /// What this engine answers exactly; whatever it does not claim it refuses as `Unsupported`.
    fn capabilities(&self) -> SearchCapabilities;

    /// All spans of a trace, whatever their age. `hint` may speed the search up and never hides a span.
    /// `None` when no span of it is stored.
    fn trace(
        &self,
        id: TraceId,
        hint: Option<TimeRange>,
    ) -> BoxFuture<'_, Result<Answer<Option<StoredTrace>>, StorageError>>;

    /// Traces that match, in order, with the exact number of all that match.
    /// A summary covers the whole trace, not only the matching spans.
    fn search(&self, query: TraceQuery) -> BoxFuture<'_, Result<Answer<TraceList>, StorageError>>;

    /// Rate, errors and durations over time. Counts are exact, series are sorted by service and name.
    fn red(&self, query: RedQuery) -> BoxFuture<'_, Result<Answer<Vec<RedSeries>>, StorageError>>;

    /// Services or span names that are stored, sorted, with exact counts.
    fn names(&self, query: NamesQuery) -> BoxFuture<'_, Result<Answer<Names>, StorageError>>;
}
