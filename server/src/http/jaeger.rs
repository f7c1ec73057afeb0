//! Jaeger's v1 query API over the query service. Words like tag, log, operation and process live here and below only.

mod dependencies;
mod envelope;
mod json;
mod parameters;
mod tag;

use std::sync::Arc;

use api::{ApiError, ErrorCode};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use axum::routing::get;
use model::TraceId;
use storage::EdgesQuery;

use super::HttpState;
use crate::query::{Arranged, compute};
use dependencies::dependencies_of;
use envelope::{Envelope, JaegerError, JaegerFailure};
use json::OperationJson;
use parameters::{Pairs, TraceParameters};

/// Jaeger's paths.
pub fn routes() -> Router<HttpState> {
    Router::new()
        .route("/api/services", get(services))
        .route("/api/services/{service}/operations", get(service_operations))
        .route("/api/operations", get(operations))
        .route("/api/dependencies", get(dependencies))
        .route("/api/traces", get(traces))
        .route("/api/traces/{trace_id}", get(trace))
}

/// `GET /api/services`
async fn services(State(state): State<HttpState>, headers: HeaderMap) -> Result<Response, JaegerFailure> {
    let names = state.query.service_names().await?.value;
    let names: Vec<String> = names.into_iter().map(|name| name.service).collect();
    Envelope::of_list(names).reply(&headers).await
}

/// `GET /api/services/{service}/operations`
async fn service_operations(
    State(state): State<HttpState>,
    Path(service): Path<String>,
    headers: HeaderMap,
) -> Result<Response, JaegerFailure> {
    let mut names: Vec<String> =
        state.query.operations(Some(service), None).await?.operations.into_iter().map(|item| item.name).collect();
    // One name may stand there once per kind.
    names.sort_unstable();
    names.dedup();
    Envelope::of_list(names).reply(&headers).await
}

/// `GET /api/operations?service=&spanKind=`
async fn operations(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Result<Response, JaegerFailure> {
    let pairs = Pairs::of(&uri)?;
    let kind = pairs.span_kind()?;
    let service = pairs.text("service").map(str::to_owned);
    let found = state.query.operations(service, kind).await?.operations;
    let mut list: Vec<OperationJson> =
        found.into_iter().map(|item| OperationJson { name: item.name, span_kind: item.kind }).collect();
    // Without a service, several may have the same operation.
    list.sort_unstable();
    list.dedup();
    Envelope::of_list(list).reply(&headers).await
}

/// `GET /api/dependencies?endTs=&lookback=`
async fn dependencies(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Result<Response, JaegerFailure> {
    let range = Pairs::of(&uri)?.lookback(state.query.now())?;
    let query = EdgesQuery { range, step: None, node: None, provisional: true };
    let found = state.query.calls(query).await?.value;
    Envelope::of_list(dependencies_of(&found)).reply(&headers).await
}

/// `GET /api/traces`
async fn traces(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Result<Response, JaegerFailure> {
    let pairs = Pairs::of(&uri)?;
    let parameters = TraceParameters::read(&pairs, state.query.now())?;
    let ids = match parameters.ids.is_empty() {
        true => found_ids(&state, &parameters).await?,
        false => parameters.ids.clone(),
    };
    let (mut traces, mut errors) = (Vec::new(), Vec::new());
    for id in ids {
        match state.query.trace(id).await {
            Ok(trace) => traces.push(trace),
            Err(error) if error.code == ErrorCode::NotFound => errors.push(JaegerError::trace_not_found(id)),
            Err(error) => return Err(error.into()),
        }
    }
    reply_with(&headers, traces, errors).await
}

/// `GET /api/traces/{trace_id}`
async fn trace(
    State(state): State<HttpState>,
    Path(trace_id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, JaegerFailure> {
    let pairs = Pairs::of(&uri)?;
    let id = parameters::trace_id_of(&trace_id)?;
    // Read for its refusals: spans are stored whole and need no range to be found, and nothing is adjusted that `raw` would undo.
    parameters::check_times(&pairs, state.query.now())?;
    pairs.flag("raw")?;
    let trace = state.query.trace(id).await.map_err(|error| match error.code {
        ErrorCode::NotFound => JaegerFailure::trace_not_found(id),
        _ => JaegerFailure::from(error),
    })?;
    reply_with(&headers, vec![trace], Vec::new()).await
}

/// Ids of the newest traces that match.
async fn found_ids(state: &HttpState, parameters: &TraceParameters) -> Result<Vec<TraceId>, ApiError> {
    let answer = state.query.find(parameters.query.clone()).await?;
    Ok(answer.value.traces.into_iter().map(|summary| summary.trace_id).collect())
}

async fn reply_with(
    headers: &HeaderMap,
    traces: Vec<Arc<Arranged>>,
    errors: Vec<JaegerError>,
) -> Result<Response, JaegerFailure> {
    let spans = traces.iter().map(|trace| trace.trace.spans().len()).sum();
    let write = move || {
        let data: Vec<json::TraceJson<'_>> = traces.iter().map(|trace| json::TraceJson::of(trace)).collect();
        Envelope::of_list(data).with_errors(errors).to_json()
    };
    let bytes = compute(spans, write).await??;
    Ok(envelope::reply_json(headers, bytes).await)
}
