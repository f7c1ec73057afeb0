//! The question of Jaeger's clients how much they should sample: `GET /sampling?service=`, and `/api/sampling` at the door for batches.
//!
//! Not here: the strategies.

use axum::body::Body;
use axum::extract::{Query, Request};
use axum::http::header::ALLOW;
use axum::http::{HeaderValue, Method, StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;

use super::{Receivers, plain};
use crate::ingest::Refusal;

/// Where clients ask at the door of their own.
pub const PATH: &str = "/sampling";

const JSON: &str = "application/json";

/// A question that Jaeger's clients have.
enum Question {
    /// How much of a service is kept.
    Sampling,
    /// Which baggage may be set: all of it.
    Baggage,
}

/// Whether the door for batches leaves this path to us.
pub(super) fn is_asked(path: &str) -> bool {
    matches!(path, "/api/sampling" | "/api/baggageRestrictions")
}

/// One question, from its head to its answer.
pub(super) fn answer(receivers: &Receivers, request: &Request) -> Response<Body> {
    match reply(receivers, request) {
        Ok(json) => plain::reply(StatusCode::OK, JSON, json),
        Err(refusal) => {
            let mut response = plain::refuse(&receivers.ingest, &refusal);
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET"));
            }
            response
        }
    }
}

fn reply(receivers: &Receivers, request: &Request) -> Result<Bytes, Refusal> {
    let question = match request.uri().path() {
        "/" | PATH | "/api/sampling" => Question::Sampling,
        "/baggageRestrictions" | "/api/baggageRestrictions" => Question::Baggage,
        _ => return Err(Refusal::PathUnknown("404 not found: ask GET /sampling?service=".to_owned())),
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Refusal::MethodUnknown("405 method not allowed, supported: [GET]".to_owned()));
    }
    let service = service_of(request.uri())?;
    match question {
        Question::Sampling => {
            let json = serde_json::to_vec(receivers.strategies.of(&service));
            Ok(json.expect("strategies are made of texts and finite numbers").into())
        }
        Question::Baggage => Ok(Bytes::from_static(b"[]")),
    }
}

/// The one `service` of a query.
fn service_of(uri: &Uri) -> Result<String, Refusal> {
    let pairs = Query::<Vec<(String, String)>>::try_from_uri(uri).map_or_else(|_| Vec::new(), |Query(pairs)| pairs);
    let mut services = pairs.into_iter().filter(|(key, _)| key == "service");
    match (services.next(), services.next()) {
        (Some((_, service)), None) => Ok(service),
        _ => Err(Refusal::Malformed("'service' parameter must be provided once".to_owned())),
    }
}
