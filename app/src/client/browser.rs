//! The client in the browser: fetch, and answers as bytes. A request that nobody waits for any more is aborted.

use std::pin::Pin;
use std::sync::Arc;

use api::{
    ApiError, ErrorCode, OperationList, SearchRequest, ServiceList, ServicesRequest, SpanDetails, StoreStatus,
    TraceColumns, TraceHead, TraceList, binary, routes,
};
use gloo_net::http::{Request, Response};
use leptos::__reexports::send_wrapper::SendWrapper;
use model::{SpanId, TraceId};
use serde::de::DeserializeOwned;
use web_sys::AbortController;

use super::{Client, Pending};
use crate::{early, url};

/// Asks the server that the page came from.
pub struct BrowserClient;

impl Client for BrowserClient {
    fn search(&self, request: SearchRequest) -> Pending<TraceList> {
        read(format!("{}{}", routes::TRACES, url::query_from_search(&request)))
    }

    fn services(&self, request: ServicesRequest) -> Pending<ServiceList> {
        let query = url::Query::new().with("from", request.from).with("to", request.to);
        read(format!("{}{query}", routes::SERVICES))
    }

    fn operations(&self, service: Option<String>) -> Pending<OperationList> {
        let query = url::Query::new().with_some("service", service.as_deref());
        read(format!("{}{query}", routes::OPERATIONS))
    }

    fn trace_head(&self, id: TraceId, selected: Option<SpanId>) -> Pending<TraceHead> {
        let query = url::Query::new().with_some("span", selected);
        read(format!("{}{query}", routes::trace(id)))
    }

    fn columns(&self, id: TraceId) -> Pending<Arc<TraceColumns>> {
        pending(async move {
            TraceColumns::decode(&body(routes::columns(id)).await?)
                .map(Arc::new)
                .map_err(|error| ApiError::new(ErrorCode::Internal, format!("cannot read the trace: {error}")))
        })
    }

    fn spans(&self, id: TraceId, first: u32, end: u32, at: u64) -> Pending<Vec<SpanDetails>> {
        read(routes::spans(id, first, end, at))
    }

    fn status(&self) -> Pending<StoreStatus> {
        read(routes::STATUS.to_owned())
    }
}

/// Aborts the request when it goes away before the answer came.
struct AbortOnDrop(Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

fn read<T: DeserializeOwned + 'static>(path: String) -> Pending<T> {
    pending(async move { from_bytes(&body(path).await?) })
}

// SendWrapper: the trait promises `Send` for the server's sake; a page has one thread.
fn pending<T: 'static>(answer: impl Future<Output = Result<T, ApiError>> + 'static) -> Pending<T> {
    Box::pin(SendWrapper::new(answer))
}

/// The bytes of a good answer. Boxed and without type parameters, so that the bundle holds this once, not once per answer.
fn body(path: String) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, ApiError>>>> {
    Box::pin(async move {
        let mut guard = AbortOnDrop(AbortController::new().ok());
        let response = match early::take(&path).await {
            Some(response) => Response::from(response),
            None => {
                let signal = guard.0.as_ref().map(AbortController::signal);
                let request = Request::get(&path).header("accept", binary::CONTENT_TYPE);
                let answer = request.abort_signal(signal.as_ref()).send().await;
                answer.map_err(|error| unreachable_server(&error))?
            }
        };
        let bytes = response.binary().await.map_err(|error| unreachable_server(&error));
        guard.0 = None;
        if response.ok() { bytes } else { Err(failure(response.status(), bytes)) }
    })
}

fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    // A server of another version sends JSON, which is nothing that this reads.
    binary::decode(bytes).map_err(|error| {
        ApiError::new(ErrorCode::Internal, format!("page and server do not understand each other, reload: {error}"))
    })
}

/// The server's own words, or the bare status when something in between answered.
fn failure(status: u16, bytes: Result<Vec<u8>, ApiError>) -> ApiError {
    bytes.and_then(|bytes| from_bytes(&bytes)).unwrap_or_else(|_not_ours| {
        ApiError::new(ErrorCode::Unavailable, format!("the server answered with status {status}"))
    })
}

fn unreachable_server(error: &gloo_net::Error) -> ApiError {
    ApiError::new(ErrorCode::Unavailable, format!("cannot reach the server, try again: {error}"))
}
