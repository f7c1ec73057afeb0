//! Which web pages may report. A request with a foreign `Origin` is refused, also when the browser would not ask first.

use std::ops::ControlFlow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;

use super::{Receivers, plain};
use crate::ingest::Refusal;

/// Headers that exporters in browsers send, beside `x-...`.
const HEADERS: [&str; 5] = ["content-type", "content-encoding", "traceparent", "tracestate", "baggage"];
/// How long a browser remembers the answer, seconds.
const MAX_AGE: &str = "7200";

/// The first word to a request: the origin to be named in the answer, `None` for clients that are no browser;
/// or the whole answer, to a page that may not report and to a browser's question before it sends spans.
pub(super) fn greet(receivers: &Receivers, request: &Request) -> ControlFlow<Response<Body>, Option<HeaderValue>> {
    match check(request.headers(), &receivers.cors_origins) {
        Err(refusal) => ControlFlow::Break(plain::refuse(&receivers.ingest, &refusal)),
        Ok(Some(origin)) if request.method() == Method::OPTIONS => {
            ControlFlow::Break(preflight(request.headers(), origin))
        }
        Ok(origin) => ControlFlow::Continue(origin),
    }
}

fn check(headers: &HeaderMap, allowed: &[String]) -> Result<Option<HeaderValue>, Refusal> {
    let Some(origin) = headers.get(ORIGIN) else { return Ok(None) };
    if allowed.iter().any(|known| known.as_bytes() == origin.as_bytes()) {
        return Ok(Some(origin.clone()));
    }
    let origin = String::from_utf8_lossy(origin.as_bytes());
    Err(Refusal::Forbidden(format!("pages of this origin may not report, add it to cors_origins: {origin}")))
}

fn preflight(headers: &HeaderMap, origin: HeaderValue) -> Response<Body> {
    let asked = headers.get(ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let known = |header: &&str| HEADERS.contains(header) || header.starts_with("x-");
    let granted: Vec<_> = asked.split(',').map(str::trim).filter(known).collect();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    if let Ok(granted) = HeaderValue::from_str(&granted.join(", ")) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, granted);
    }
    allow(response, Some(origin))
}

/// Lets the page read the answer.
pub(super) fn allow(mut response: Response<Body>, origin: Option<HeaderValue>) -> Response<Body> {
    if let Some(origin) = origin {
        response.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    }
    response
}
