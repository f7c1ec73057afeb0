//! Jaeger over HTTP: `POST /api/traces` with a batch in Thrift's binary form. Not here: what is asked about sampling on the same port (`sampling`).

use std::ops::ControlFlow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;

use super::{Receivers, content_type, cors, plain, sampling, upload};
use crate::ingest::{Format, Refusal};

/// Where clients send batches. Older ones add `?format=jaeger.thrift`, which says nothing new.
pub const PATH: &str = "/api/traces";

const THRIFT: [&str; 2] = ["application/x-thrift", "application/vnd.apache.thrift.binary"];

/// One request, from its head to its answer.
pub(super) async fn answer(receivers: &Receivers, request: Request) -> Response<Body> {
    let ingest = &receivers.ingest;
    let origin = match cors::greet(receivers, &request) {
        ControlFlow::Continue(origin) => origin,
        ControlFlow::Break(answer) => return answer,
    };
    if sampling::is_asked(request.uri().path()) {
        return cors::allow(sampling::answer(receivers, &request), origin);
    }
    let settled = match check(&request) {
        Ok(()) => upload::accept(ingest, Format::JaegerThrift, request).await,
        Err(refusal) => {
            upload::discard(ingest, request).await;
            Err(refusal)
        }
    };
    cors::allow(plain::answer(ingest, settled), origin)
}

/// Path, method and content type, in this order. A wrong type is 400, as Jaeger's collector answers.
fn check(request: &Request) -> Result<(), Refusal> {
    if request.uri().path().trim_end_matches('/') != PATH {
        let text = "404 not found: spans are taken at POST /api/traces, sampling is told at GET /api/sampling?service=";
        return Err(Refusal::PathUnknown(text.to_owned()));
    }
    if request.method() != Method::POST {
        return Err(Refusal::post_only());
    }
    let media_type = content_type(request);
    if media_type.is_empty() {
        let text = format!("Cannot parse content type: there is none, supported: {}", THRIFT.join(", "));
        return Err(Refusal::Malformed(text));
    }
    if !THRIFT.iter().any(|known| media_type.eq_ignore_ascii_case(known)) {
        let text = format!("Unsupported content type, supported: {}: {media_type}", THRIFT.join(", "));
        return Err(Refusal::Malformed(text));
    }
    Ok(())
}
