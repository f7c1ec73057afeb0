//! What pages ask while the server renders them: the client of `app`, answered by the query service in this process.

use std::sync::Arc;

use api::{
    OperationList, SearchRequest, ServiceList, ServicesRequest, SpanDetails, StoreStatus, TraceColumns, TraceHead,
    TraceList,
};
use app::client::{Client, Pending};
use model::{SpanId, TraceId};

use super::service::QueryService;

/// The server body of the pages' client.
#[derive(Clone)]
pub struct PageClient {
    query: Arc<QueryService>,
}

// === impl PageClient ===

impl PageClient {
    /// Answers from `query`.
    pub fn new(query: Arc<QueryService>) -> PageClient {
        PageClient { query }
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
        Box::pin(async move { query.trace_head(id, selected).await })
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
