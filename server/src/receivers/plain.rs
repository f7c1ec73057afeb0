//! Answers of doors whose protocols say no more than a status and a text. Not here: OTLP's own messages.

use axum::body::Body;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::ingest::{Ingest, Receipt, Refusal};

/// For people.
pub(super) const TEXT: &str = "text/plain; charset=utf-8";

/// What Jaeger and Zipkin clients are told: taken, with nothing to read; or why not, as a line of text.
pub(super) fn answer(ingest: &Ingest, settled: Result<Receipt, Refusal>) -> Response<Body> {
    match settled {
        Ok(_receipt) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::ACCEPTED;
            response
        }
        Err(refusal) => refuse(ingest, &refusal),
    }
}

/// The answer that says no, as text.
pub(super) fn refuse(ingest: &Ingest, refusal: &Refusal) -> Response<Body> {
    refuse_with(ingest, refusal, TEXT, format!("{}\n", refusal.message()).into())
}

/// The same with a body of the door's own form.
pub(super) fn refuse_with(ingest: &Ingest, refusal: &Refusal, media_type: &'static str, body: Bytes) -> Response<Body> {
    ingest.note_refusal(refusal);
    let answer = refusal.answer();
    let code = StatusCode::from_u16(answer.http).expect("the table of answers holds HTTP statuses");
    let mut response = reply(code, media_type, body);
    if let Some(seconds) = answer.retry_after_secs {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    if code == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

/// A whole answer.
pub(super) fn reply(status: StatusCode, media_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
