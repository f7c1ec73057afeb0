//! The one place that turns questions of people into questions to the store. Not here: HTTP, and any dialect but our own contract.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use api::{
    ApiError, Door, EdgeList, EdgesRequest, ErrorCode, OperationItem, OperationList, SearchRequest, ServiceList,
    ServicesRequest, SpanDetails, StoreStatus, TraceColumns, TraceHead, TraceItem,
};
use model::{SpanId, SpanKind, TraceId, UnixNanos, Warning};
use storage::{Answer, Clock, EdgeSeries, EdgesQuery, Names, NamesQuery, ServiceName, Store, TraceList, TraceQuery};

use super::adjust::{Arranged, warnings_of};
use super::cache::TraceCache;
use super::details::details_of;
use super::edges::EdgesQuestion;
use super::search::{Search, check_capabilities, completeness_of, invalid};
use super::services::ServicesQuestion;
use super::turnstile::{Turnstile, api_error_from_storage, compute};

/// Most rows whose details are given at once.
pub const DETAILS_ROWS_MAX: u32 = 500;

/// Bounds on questions.
#[derive(Clone, Copy, Debug)]
pub struct QueryLimits {
    /// Questions worked on at once.
    pub at_once: usize,
    /// How long a question may wait for its turn before it is refused.
    pub wait: Duration,
    /// How long a question may take.
    pub time: Duration,
    /// Assembled traces kept for the next request of the same page …
    pub cache_traces: usize,
    /// … and their spans in all.
    pub cache_spans: usize,
}

/// Answers questions about stored spans.
pub struct QueryService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    turnstile: Turnstile,
    cache: TraceCache,
    doors: Vec<Door>,
}

impl Default for QueryLimits {
    fn default() -> QueryLimits {
        QueryLimits {
            at_once: 16,
            wait: Duration::from_secs(1),
            time: Duration::from_secs(30),
            cache_traces: 4,
            cache_spans: 2_000_000,
        }
    }
}

// === impl QueryService ===

impl QueryService {
    /// `doors`: where clients can report, told to people who have not sent anything yet.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        limits: QueryLimits,
        doors: Vec<Door>,
    ) -> Arc<QueryService> {
        let turnstile = Turnstile::new(&limits);
        let cache = TraceCache::new(limits.cache_traces, limits.cache_spans);
        Arc::new(QueryService { store, clock, turnstile, cache, doors })
    }

    /// The time at which a question is asked.
    pub fn now(&self) -> UnixNanos {
        self.clock.now()
    }

    /// One page of traces.
    pub async fn search(&self, request: &SearchRequest) -> Result<api::TraceList, ApiError> {
        let search = Search::new(request, self.now())?;
        let answer = self.find(search.query.clone()).await?;
        Ok(search.page(answer, self.store.capabilities()))
    }

    /// One page of traces, for a question that is already in the store's words.
    pub async fn find(&self, query: TraceQuery) -> Result<Answer<TraceList>, ApiError> {
        check_capabilities(&query, self.store.capabilities())?;
        self.turnstile.ask(async { self.store.search(query).await.map_err(api_error_from_storage) }).await
    }

    /// Services with rate, errors and durations.
    pub async fn services(&self, request: &ServicesRequest) -> Result<ServiceList, ApiError> {
        let question = ServicesQuestion::new(request, self.now())?;
        let both = async {
            let all = self.store.red(question.of_all_spans());
            let entries = self.store.red(question.of_entry_spans());
            futures_util::try_join!(all, entries).map_err(api_error_from_storage)
        };
        let (all, entries) = self.turnstile.ask(both).await?;
        Ok(question.list(all, entries))
    }

    /// Who calls whom.
    pub async fn edges(&self, request: &EdgesRequest) -> Result<EdgeList, ApiError> {
        let question = EdgesQuestion::new(request, self.now())?;
        Ok(question.list(self.calls(question.query.clone()).await?))
    }

    /// The same for a question that is already in the store's words.
    pub async fn calls(&self, query: EdgesQuery) -> Result<Answer<Vec<EdgeSeries>>, ApiError> {
        self.turnstile.ask(async { self.store.edges(query).await.map_err(api_error_from_storage) }).await
    }

    /// Every service that has stored spans, sorted.
    pub async fn service_names(&self) -> Result<Answer<Vec<ServiceName>>, ApiError> {
        let answer = self.names(NamesQuery::Services).await?;
        let Names::Services(services) = answer.value else { return Err(wrong_names()) };
        Ok(Answer { value: services, completeness: answer.completeness })
    }

    /// Span names of one service, or of all.
    pub async fn operations(&self, service: Option<String>, kind: Option<SpanKind>) -> Result<OperationList, ApiError> {
        let service = service.filter(|service| !service.is_empty());
        let answer = self.names(NamesQuery::Operations { service, kind }).await?;
        let Names::Operations(names) = answer.value else { return Err(wrong_names()) };
        let item = |name: storage::OperationName| OperationItem {
            service: name.service,
            name: name.name,
            kind: name.kind.word().to_owned(),
            spans: name.spans,
        };
        let operations = names.into_iter().map(item).collect();
        Ok(OperationList { operations, completeness: completeness_of(answer.completeness) })
    }

    /// A whole trace, arranged.
    pub async fn trace(&self, id: TraceId) -> Result<Arc<Arranged>, ApiError> {
        // Asked before the read: what is stored in between makes the kept trace look older than it is, never newer.
        let watermark = self.store.condition().watermark;
        if let Some(trace) = self.cache.get(id, watermark) {
            return Ok(trace);
        }
        let trace = self.turnstile.ask(self.read_trace(id)).await?;
        Ok(self.cache.keep(trace, watermark))
    }

    async fn read_trace(&self, id: TraceId) -> Result<Arranged, ApiError> {
        let answer = self.store.trace(id, None).await.map_err(api_error_from_storage)?;
        let Answer { value: Some(stored), completeness } = answer else {
            return Err(not_found(id, answer.completeness));
        };
        compute(stored.trace.spans().len(), move || Arranged::new(stored, completeness)).await
    }

    /// What the trace page shows first.
    pub async fn trace_head(&self, id: TraceId, selected: Option<SpanId>) -> Result<TraceHead, ApiError> {
        let trace = self.trace(id).await?;
        let row_of = |id: SpanId| (0u32..).zip(trace.rows()).find(|(_, (_, span))| span.span_id == id);
        let rows = trace.tree.rows();
        Ok(TraceHead {
            trace: TraceItem::from(&trace.summary),
            depth: trace.tree.depth(),
            sequence: trace.sequence,
            orphans: rows.iter().filter(|row| row.warnings.has(Warning::ParentMissing)).count() as u64,
            warnings: trace.rows().filter(|(row, span)| !warnings_of(row, span).is_empty()).count() as u64,
            complete: trace.completeness.complete,
            reason: trace.completeness.reason.clone(),
            selected_row: selected.and_then(row_of).map(|(row, _)| row),
        })
    }

    /// All rows of a trace.
    pub async fn columns(&self, id: TraceId) -> Result<Arc<TraceColumns>, ApiError> {
        let trace = self.trace(id).await?;
        compute(trace.trace.spans().len(), move || trace.columns()).await
    }

    /// Details of some rows of the trace in its state `at`. Rows after the last one are left out.
    pub async fn spans(&self, id: TraceId, rows: Range<u32>, at: u64) -> Result<Vec<SpanDetails>, ApiError> {
        if rows.start > rows.end || rows.end - rows.start > DETAILS_ROWS_MAX {
            let Range { start, end } = rows;
            return Err(invalid(format!(
                "rows are first..end with at most {DETAILS_ROWS_MAX} rows, not {start}..{end}"
            )));
        }
        let trace = self.trace(id).await?;
        if trace.sequence != at {
            let detail = format!("trace {id} has changed since its state {at}: load its columns again");
            return Err(ApiError::new(ErrorCode::Outdated, detail));
        }
        let numbered = (0u32..).zip(trace.rows()).skip(rows.start as usize).take(rows.len());
        Ok(numbered.map(|(number, (row, span))| details_of(number, row, span)).collect())
    }

    /// How the server is.
    pub fn status(&self) -> StoreStatus {
        let condition = self.store.condition();
        StoreStatus {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            spans: condition.spans,
            disk_bytes: condition.disk_bytes,
            refuses_writes: condition.refuses_writes,
            quarantined: condition.quarantined,
            doors: self.doors.clone(),
        }
    }

    async fn names(&self, query: NamesQuery) -> Result<Answer<Names>, ApiError> {
        self.turnstile.ask(async { self.store.names(query).await.map_err(api_error_from_storage) }).await
    }
}

/// A trace that was not found in a store of which a part could not be read may still exist.
fn not_found(id: TraceId, completeness: storage::Completeness) -> ApiError {
    if completeness.complete {
        return ApiError::new(ErrorCode::NotFound, format!("trace not found: {id}"));
    }
    let reason = completeness.reason.unwrap_or_else(|| "not everything stored was read".to_owned());
    ApiError::new(ErrorCode::Unavailable, format!("trace not found in what could be read ({reason}): {id}"))
}

fn wrong_names() -> ApiError {
    ApiError::new(ErrorCode::Internal, "store answered a question about names with other names")
}
