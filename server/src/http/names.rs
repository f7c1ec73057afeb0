//! Services, span names and the state of the server, in our own API.

use api::ServicesRequest;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::HttpState;
use super::error::{Failure, invalid};
use super::reply;

/// `GET /api/tracewell/v1/services`
pub async fn services(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Result<Response, Failure> {
    let request: ServicesRequest = query_of(&uri)?;
    reply::answer(&headers, &state.query.services(&request).await?).await
}

#[derive(Deserialize)]
struct OperationsRequest {
    service: Option<String>,
}

/// `GET /api/tracewell/v1/operations`
pub async fn operations(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Result<Response, Failure> {
    let request: OperationsRequest = query_of(&uri)?;
    reply::answer(&headers, &state.query.operations(request.service, None).await?).await
}

/// `GET /api/tracewell/v1/status`
pub async fn status(State(state): State<HttpState>, headers: HeaderMap) -> Result<Response, Failure> {
    reply::answer(&headers, &state.query.status()).await
}

/// The query string, or a sentence about what is wrong with it.
pub fn query_of<T: DeserializeOwned>(uri: &Uri) -> Result<T, Failure> {
    match Query::try_from_uri(uri) {
        Ok(Query(request)) => Ok(request),
        Err(rejection) => Err(Failure(invalid(rejection.body_text()))),
    }
}
