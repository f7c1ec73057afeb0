//! Traces in our own API: the list, one trace's head, its columns, details of its spans, and its download.

use std::ops::Range;

use api::{SearchRequest, TraceColumns};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use model::{Span, SpanId, TraceId};
use serde::Deserialize;

use super::HttpState;
use super::error::{Failure, invalid};
use super::names::query_of;
use super::reply;
use crate::query::compute;

/// `GET /api/tracewell/v1/traces`
pub async fn search(State(state): State<HttpState>, headers: HeaderMap, uri: Uri) -> Result<Response, Failure> {
    let request: SearchRequest = query_of(&uri)?;
    reply::answer(&headers, &state.query.search(&request).await?).await
}

#[derive(Deserialize)]
struct HeadRequest {
    span: Option<String>,
}

/// `GET /api/tracewell/v1/traces/{trace_id}?span=`
pub async fn head(
    State(state): State<HttpState>,
    Path(trace_id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Failure> {
    let id = trace_id_of(&trace_id)?;
    let request: HeadRequest = query_of(&uri)?;
    // A link with a broken span still shows its trace.
    let selected = request.span.as_deref().and_then(SpanId::from_hex);
    reply::answer(&headers, &state.query.trace_head(id, selected).await?).await
}

/// `GET /api/tracewell/v1/traces/{trace_id}/columns`
pub async fn columns(
    State(state): State<HttpState>,
    Path(trace_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let columns = state.query.columns(trace_id_of(&trace_id)?).await?;
    // Only a whole trace has a state with a name: what was missing may be readable next time.
    let tag = columns.complete.then(|| format!("\"{}\"", columns.sequence));
    if let Some(tag) = tag.as_deref().filter(|tag| is_known(&headers, tag)) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let bytes = compute(columns.len(), move || columns.encode()).await?;
    let content_type = HeaderValue::from_static(TraceColumns::CONTENT_TYPE);
    let mut response = reply::bytes_as(&headers, content_type, bytes).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(tag) = tag {
        let tag = HeaderValue::from_str(&tag).expect("digits in quotes are a header value");
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

#[derive(Deserialize)]
struct SpansRequest {
    rows: String,
    at: u64,
}

/// `GET /api/tracewell/v1/traces/{trace_id}/spans?rows=a..b&at=`
pub async fn spans(
    State(state): State<HttpState>,
    Path(trace_id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Failure> {
    let id = trace_id_of(&trace_id)?;
    let request: SpansRequest = query_of(&uri)?;
    let rows = rows_of(&request.rows)?;
    reply::answer(&headers, &state.query.spans(id, rows, request.at).await?).await
}

/// `GET /api/tracewell/v1/traces/{trace_id}/otlp.json`
pub async fn otlp_json(
    State(state): State<HttpState>,
    Path(trace_id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let id = trace_id_of(&trace_id)?;
    let trace = state.query.trace(id).await?;
    let count = trace.trace.spans().len();
    let in_row_order = move || -> Vec<Span> { trace.rows().map(|(_, span)| span.clone()).collect() };
    let text = compute(count, move || wire::otlp::encode::spans_json(&in_row_order())).await?;
    let json = HeaderValue::from_static("application/json");
    let mut response = reply::bytes_as(&headers, json, text.into_bytes()).await;
    let name = HeaderValue::from_str(&format!("attachment; filename=\"trace-{id}.otlp.json\""));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name.expect("an id is hex digits"));
    Ok(response)
}

fn trace_id_of(text: &str) -> Result<TraceId, Failure> {
    const SHOWN_CHARS: usize = 64;
    TraceId::from_hex(text).ok_or_else(|| {
        let shown: String = text.chars().take(SHOWN_CHARS).collect();
        Failure(invalid(format!("a trace id is 1 to 32 hex digits and not zero, not: {shown}")))
    })
}

fn rows_of(text: &str) -> Result<Range<u32>, Failure> {
    let parsed = text.split_once("..").and_then(|(first, end)| Some(first.parse().ok()?..end.parse().ok()?));
    parsed.ok_or_else(|| Failure(invalid(format!("rows are written first..end, for example 0..50, not: {text}"))))
}

/// Whether the client already holds this state.
fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}
