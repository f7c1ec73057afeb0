//! Reading traces.

use model::{TimeRange, Trace, TraceId, TraceSkeleton};

use crate::BoxFuture;
use crate::capabilities::SearchCapabilities;
use crate::error::StorageError;
use crate::names::{Names, NamesQuery};
use crate::query::{Answer, TraceList, TraceQuery};
use crate::rollup::{EdgeSeries, EdgesQuery, RedQuery, RedSeries};

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

    /// The same spans without what they carry, for traces of which all attributes together would not fit in memory.
    fn skeleton(&self, id: TraceId) -> BoxFuture<'_, Result<Answer<Option<TraceSkeleton>>, StorageError>> {
        Box::pin(async move {
            let Answer { value, completeness } = self.trace(id, None).await?;
            Ok(Answer { value: value.map(|stored| TraceSkeleton::of(&stored.trace)), completeness })
        })
    }

    /// Traces that match, in order, with the exact number of all that match.
    /// A summary covers the whole trace, not only the matching spans.
    fn search(&self, query: TraceQuery) -> BoxFuture<'_, Result<Answer<TraceList>, StorageError>>;

    /// Rate, errors and durations over time. Counts are exact, series are sorted by service and name.
    fn red(&self, query: RedQuery) -> BoxFuture<'_, Result<Answer<Vec<RedSeries>>, StorageError>>;

    /// Who called whom over time, by the rules of [`model::edge`]. Each stored span counts once, sorted by edge.
    ///
    /// The two halves of a call count as one when the second comes while the engine still waits for it; an engine says how
    /// long that is. Later each counts alone, the client half under what its attributes name. Halves that wait are in the
    /// answer when the query wants what is provisional; without them no number of an answer ever becomes less.
    /// Of spans that share an id within a trace only a client half and the server half of one call count both.
    fn edges(&self, query: EdgesQuery) -> BoxFuture<'_, Result<Answer<Vec<EdgeSeries>>, StorageError>>;

    /// Services or span names that are stored, sorted, with exact counts.
    fn names(&self, query: NamesQuery) -> BoxFuture<'_, Result<Answer<Names>, StorageError>>;
}
