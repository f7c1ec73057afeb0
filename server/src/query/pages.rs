//! What pages ask while the server renders them: the client of `app`, answered by the query service in this process.

use std::sync::Arc;

use api::{
    ApiError, OperationList, SearchRequest, ServiceList, ServicesRequest, SpanDetails, StoreStatus, TraceColumns,
    TraceHead, TraceList,
};
use app::client::{Client, Pending};
use model::{SpanId, TraceId};

use super::service::QueryService;

/// The server body of the pages' client.
#[derive(Clone)]
pub struct PageClient {
    query: Arc<QueryService>,
    on_failure: Arc<dyn Fn(&ApiError) + Send + Sync>,
}

// === impl PageClient ===

impl PageClient {
    /// Answers from `query`.
    pub fn new(query: Arc<QueryService>) -> PageClient {
        PageClient { query, on_failure: Arc::new(|_error| {}) }
    }

    /// Tells `on_failure` when the thing that a page is about is not there, so that its answer can have that status.
    pub fn telling(self, on_failure: impl Fn(&ApiError) + Send + Sync + 'static) -> PageClient {
        PageClient { on_failure: Arc::new(on_failure), ..self }
    }
}

impl Client for PageClient {
    fn search(&self, request: SearchRequest) -> Pending<TraceList> {
        let query = Arc::clone(&self.query);
        Box::pin(async move { query.search(&request).await })
    }

    fn services(&self, request: ServicesRequest) -> Pending<ServiceList> {
        let query = Arc::clone(&self.query);
        Box::pin(async move { query.services(&request).await })
    }

    fn operations(&self, service: Option<String>) -> Pending<OperationList> {
        let query = Arc::clone(&self.query);
        Box::pin(async move { query.operations(service, None).await })
    }

    fn trace_head(&self, id: TraceId, selected: Option<SpanId>) -> Pending<TraceHead> {
        let query = Arc::clone(&self.query);
        let on_failure = Arc::clone(&self.on_failure);
        Box::pin(async move { query.trace_head(id, selected).await.inspect_err(|error| on_failure(error)) })
    }

    fn columns(&self, id: TraceId) -> Pending<Arc<TraceColumns>> {
        let query = Arc::clone(&self.query);
        Box::pin(async move { query.columns(id).await })
    }

    fn spans(&self, id: TraceId, first: u32, end: u32, at: u64) -> Pending<Vec<SpanDetails>> {
        let query = Arc::clone(&self.query);
        Box::pin(async move { query.spans(id, first..end, at).await })
    }

    fn status(&self) -> Pending<StoreStatus> {
        let query = Arc::clone(&self.query);
        Box::pin(async move { Ok(query.status()) })
    }
}
