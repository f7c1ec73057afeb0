//! Every request of the pages, in one trait with three bodies: fetch in the browser, the query service in the server, a fake in tests.

#[cfg(feature = "hydrate")]
pub mod browser;
#[cfg(test)]
pub mod fake;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use api::{
    ApiError, OperationList, SearchRequest, ServiceList, ServicesRequest, SpanDetails, StoreStatus, TraceColumns,
    TraceHead, TraceList,
};
use leptos::prelude::{expect_context, provide_context};
use model::{SpanId, TraceId};

/// An answer on its way. `Send`, so that the server may render on any thread.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send>>;

/// Where pages get their data. Whoever mounts the app hands one to [`provide_client`].
pub trait Client: Send + Sync + 'static {
    /// One page of traces.
    fn search(&self, request: SearchRequest) -> Pending<TraceList>;
    /// Services with rate, errors and durations.
    fn services(&self, request: ServicesRequest) -> Pending<ServiceList>;
    /// Span names of one service, or of all.
    fn operations(&self, service: Option<String>) -> Pending<OperationList>;
    /// What the trace page shows first. `selected`: the span that the link names.
    fn trace_head(&self, id: TraceId, selected: Option<SpanId>) -> Pending<TraceHead>;
    /// All rows of a trace.
    fn columns(&self, id: TraceId) -> Pending<Arc<TraceColumns>>;
    /// Details of the rows `first..end` of the trace in its state `at`.
    fn spans(&self, id: TraceId, first: u32, end: u32, at: u64) -> Pending<Vec<SpanDetails>>;
    /// How the server is.
    fn status(&self) -> Pending<StoreStatus>;
}

#[derive(Clone)]
struct ClientContext(Arc<dyn Client>);

/// Makes the pages ask `client`.
pub fn provide_client(client: Arc<dyn Client>) {
    provide_context(ClientContext(client));
}

/// The client of this page.
pub fn use_client() -> Arc<dyn Client> {
    expect_context::<ClientContext>().0
}
