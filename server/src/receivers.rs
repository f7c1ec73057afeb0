//! Ways in for spans. Every OTLP port takes gRPC and HTTP alike; which one a request is, its content type says.
//!
//! Not here: what becomes of a request's bytes (`ingest`).

mod body;
mod cors;
pub mod otlp_grpc;
pub mod otlp_http;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::FutureExt;

use crate::ingest::{Ingest, Refusal};

/// What an OTLP port answers from.
#[derive(Clone)]
pub struct Receivers {
    /// Where requests go.
    pub ingest: Arc<Ingest>,
    /// Web pages that may report.
    pub cors_origins: Arc<[String]>,
}

/// Everything an OTLP port answers.
pub fn router(receivers: Receivers) -> Router {
    Router::new().fallback(move |request: Request| answer(receivers.clone(), request))
}

async fn answer(receivers: Receivers, request: Request) -> Response<Body> {
    let grpc = content_type(&request).starts_with("application/grpc");
    if grpc {
        let answered = AssertUnwindSafe(otlp_grpc::answer(&receivers, request)).catch_unwind().await;
        return answered.unwrap_or_else(|_panic| otlp_grpc::refuse(&receivers.ingest, &Refusal::fault()));
    }
    let answered = AssertUnwindSafe(otlp_http::answer(&receivers, request)).catch_unwind().await;
    answered.unwrap_or_else(|_panic| otlp_http::refuse(&receivers.ingest, None, &Refusal::fault()))
}

/// The media type without its parameters.
fn content_type<B>(request: &http::Request<B>) -> &str {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}
