//! Zipkin over HTTP: `POST /api/v2/spans` in JSON or protobuf, `POST /api/v1/spans` in JSON or Thrift.
//!
//! Not here: Zipkin's query API.

use std::ops::ControlFlow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;

use super::{Receivers, content_type, cors, plain, upload};
use crate::ingest::{Format, Refusal};

/// Where clients of the second version send spans.
pub const PATH: &str = "/api/v2/spans";
/// Where clients of the first version do.
const PATH_V1: &str = "/api/v1/spans";
/// Zipkin's pages live below it, so some clients were given addresses that have it.
const BASE: &str = "/zipkin";

/// One request, from its head to its answer.
pub(super) async fn answer(receivers: &Receivers, request: Request) -> Response<Body> {
    let ingest = &receivers.ingest;
    let origin = match cors::greet(receivers, &request) {
        ControlFlow::Continue(origin) => origin,
        ControlFlow::Break(answer) => return answer,
    };
    let settled = match format_of(&request) {
        Ok(format) => upload::accept(ingest, format, request).await,
        Err(refusal) => {
            upload::discard(ingest, request).await;
            Err(refusal)
        }
    };
    cors::allow(plain::answer(ingest, settled), origin)
}

/// Path and method, then the content type. What names no form of its own is JSON, as Zipkin's server has it:
/// several clients leave the type out, or let their HTTP library say that the body is a form.
fn format_of(request: &Request) -> Result<Format, Refusal> {
    let path = request.uri().path().trim_end_matches('/');
    let path = path.strip_prefix(BASE).unwrap_or(path);
    if !matches!(path, PATH | PATH_V1) {
        let text = "404 not found: spans are taken at POST /api/v2/spans and POST /api/v1/spans";
        return Err(Refusal::PathUnknown(text.to_owned()));
    }
    if request.method() != Method::POST {
        return Err(Refusal::post_only());
    }
    let media_type = content_type(request).to_ascii_lowercase();
    match (path, media_type.as_str()) {
        (PATH, "application/x-protobuf" | "application/protobuf") => Ok(Format::ZipkinProto),
        (PATH, "application/x-thrift") => Err(wrong_version("Thrift", "/api/v1/spans")),
        (PATH, _) => Ok(Format::ZipkinJson),
        (_, "application/x-thrift") => Ok(Format::ZipkinThriftV1),
        (_, "application/x-protobuf" | "application/protobuf") => Err(wrong_version("protobuf", "/api/v2/spans")),
        (_, _) => Ok(Format::ZipkinJsonV1),
    }
}

fn wrong_version(form: &str, path: &str) -> Refusal {
    Refusal::MediaTypeUnknown(format!("415 unsupported media type: {form} is taken at POST {path}"))
}
