//! The frame around every answer of Jaeger's API, and its form of failure.

use api::{ApiError, ErrorCode};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use model::TraceId;
use serde::Serialize;

use super::json::trace_id_text;
use crate::http::error::{add_retry_hint, status_of};
use crate::http::reply;

/// `{"data":…,"total":…,"limit":0,"offset":0,"errors":…}`
#[derive(Debug, Serialize)]
pub(super) struct Envelope<T> {
    data: Option<Vec<T>>,
    total: usize,
    limit: usize,
    offset: usize,
    errors: Option<Vec<JaegerError>>,
}

/// One failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct JaegerError {
    code: u16,
    msg: String,
    #[serde(rename = "traceID", skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// The failure of a whole request.
#[derive(Debug)]
pub(super) struct JaegerFailure {
    code: ErrorCode,
    error: JaegerError,
}

// === impl Envelope ===

impl<T: Serialize> Envelope<T> {
    pub(super) fn of_list(data: Vec<T>) -> Envelope<T> {
        Envelope { total: data.len(), data: Some(data), limit: 0, offset: 0, errors: None }
    }

    pub(super) fn with_errors(self, errors: Vec<JaegerError>) -> Envelope<T> {
        Envelope { errors: (!errors.is_empty()).then_some(errors), ..self }
    }

    pub(super) fn to_json(&self) -> Result<Vec<u8>, ApiError> {
        reply::to_json(self)
    }

    pub(super) async fn reply(&self, headers: &HeaderMap) -> Result<Response, JaegerFailure> {
        let bytes = self.to_json()?;
        Ok(reply_json(headers, bytes).await)
    }
}

pub(super) async fn reply_json(headers: &HeaderMap, bytes: Vec<u8>) -> Response {
    reply::bytes_as(headers, HeaderValue::from_static("application/json"), bytes).await
}

// === impl JaegerError ===

impl JaegerError {
    pub(super) fn trace_not_found(id: TraceId) -> JaegerError {
        let code = ErrorCode::NotFound.status();
        JaegerError { code, msg: "trace not found".to_owned(), trace_id: Some(trace_id_text(id)) }
    }
}

// === impl JaegerFailure ===

impl JaegerFailure {
    pub(super) fn trace_not_found(id: TraceId) -> JaegerFailure {
        JaegerFailure { code: ErrorCode::NotFound, error: JaegerError::trace_not_found(id) }
    }
}

impl From<ApiError> for JaegerFailure {
    fn from(error: ApiError) -> JaegerFailure {
        let ApiError { code, detail } = error;
        JaegerFailure { code, error: JaegerError { code: code.status(), msg: detail, trace_id: None } }
    }
}

impl IntoResponse for JaegerFailure {
    fn into_response(self) -> Response {
        let envelope: Envelope<()> =
            Envelope { data: None, total: 0, limit: 0, offset: 0, errors: Some(vec![self.error]) };
        let body = envelope.to_json().expect("texts and numbers can be written as JSON");
        let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
        let mut response = (status_of(self.code), content_type, body).into_response();
        add_retry_hint(&mut response);
        response
    }
}
