//! Edges in our own API.

use api::EdgesRequest;
use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use axum::response::Response;

use super::HttpState;
use super::error::Failure;
use super::names::query_of;
use super::reply;

/// `GET /api/tracewell/v1/edges`
pub async fn edges(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Result<Response, Failure> {
    let request: EdgesRequest = query_of(&uri)?;
    reply::answer(&headers, &state.query.edges(&request).await?).await
}
