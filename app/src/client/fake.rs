//! A client that answers from what a test put into it.

use std::sync::Arc;

use api::{
    ApiError, ErrorCode, OperationList, SearchRequest, ServiceList, ServicesRequest, SpanDetails, StoreStatus,
    TraceColumns, TraceHead, TraceList,
};
use model::{SpanId, TraceId};

use super::{Client, Pending};

/// Answers with copies of its fields; a missing one is an error.
#[derive(Clone, Debug, Default)]
pub struct FakeClient {
    /// Answer to each search.
    pub traces: Option<TraceList>,
    /// Answer to each question for services.
    pub services: Option<ServiceList>,
    /// Answer to each question for span names.
    pub operations: Option<OperationList>,
    /// First answer about each trace.
    pub head: Option<TraceHead>,
    /// Rows of each trace.
    pub columns: Option<Arc<TraceColumns>>,
    /// Details of each span.
    pub spans: Option<Vec<SpanDetails>>,
    /// How the server is.
    pub status: Option<StoreStatus>,
}

impl Client for FakeClient {
    fn search(&self, _request: SearchRequest) -> Pending<TraceList> {
        answer(&self.traces)
    }

    fn services(&self, _request: ServicesRequest) -> Pending<ServiceList> {
        answer(&self.services)
    }

    fn operations(&self, _service: Option<String>) -> Pending<OperationList> {
        answer(&self.operations)
    }

    fn trace_head(&self, _id: TraceId, _selected: Option<SpanId>) -> Pending<TraceHead> {
        answer(&self.head)
    }

    fn columns(&self, _id: TraceId) -> Pending<Arc<TraceColumns>> {
        answer(&self.columns)
    }

    fn spans(&self, _id: TraceId, _first: u32, _end: u32, _at: u64) -> Pending<Vec<SpanDetails>> {
        answer(&self.spans)
    }

    fn status(&self) -> Pending<StoreStatus> {
        answer(&self.status)
    }
}

fn answer<T: Clone + Send + 'static>(prepared: &Option<T>) -> Pending<T> {
    let answer =
        prepared.clone().ok_or_else(|| ApiError::new(ErrorCode::Unavailable, "the store did not answer in 10 s"));
    Box::pin(std::future::ready(answer))
}
