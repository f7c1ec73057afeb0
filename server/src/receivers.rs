//! Ways in for spans, one file for each protocol. Every OTLP port takes gRPC and HTTP alike; which one a request is, its content type says.
//!
//! Not here: what becomes of a request's bytes (`ingest`).

mod body;
mod cors;
mod grpc;
pub mod jaeger_grpc;
pub mod jaeger_http;
pub mod jaeger_udp;
pub mod otlp_grpc;
pub mod otlp_http;
mod plain;
pub mod sampling;
mod upload;
pub mod zipkin;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use futures_util::FutureExt;

use crate::ingest::{Ingest, Refusal};
use crate::sampling::Strategies;

/// What the doors answer from.
#[derive(Clone)]
pub struct Receivers {
    /// Where requests go.
    pub ingest: Arc<Ingest>,
    /// Web pages that may report.
    pub cors_origins: Arc<[String]>,
    /// What Jaeger's clients are told about sampling.
    pub strategies: Arc<Strategies>,
}

/// What a door speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// OTLP, over gRPC and HTTP.
    Otlp,
    /// Jaeger's batches in Thrift over HTTP.
    JaegerHttp,
    /// Jaeger's batches in protobuf over gRPC.
    JaegerGrpc,
    /// Questions of Jaeger's clients about sampling.
    Sampling,
    /// Zipkin's spans over HTTP.
    Zipkin,
}

/// Everything that a door of this protocol answers.
pub fn router(protocol: Protocol, receivers: Receivers) -> Router {
    Router::new().fallback(move |request: Request| answer(protocol, receivers.clone(), request))
}

/// A panic is a fault of ours: the client hears that it should come back, in the words of its protocol.
async fn answer(protocol: Protocol, receivers: Receivers, request: Request) -> Response<Body> {
    let speaks_grpc = content_type(&request).starts_with("application/grpc");
    let answered = AssertUnwindSafe(answer_in(protocol, speaks_grpc, &receivers, request)).catch_unwind().await;
    answered.unwrap_or_else(|_panic| match speaks_grpc {
        true => grpc::refuse(&receivers.ingest, &Refusal::fault()),
        false => plain::refuse(&receivers.ingest, &Refusal::fault()),
    })
}

async fn answer_in(protocol: Protocol, speaks_grpc: bool, receivers: &Receivers, request: Request) -> Response<Body> {
    match (protocol, speaks_grpc) {
        (Protocol::Otlp, true) => otlp_grpc::answer(receivers, request).await,
        (Protocol::Otlp, false) => otlp_http::answer(receivers, request).await,
        (Protocol::JaegerHttp, _) => jaeger_http::answer(receivers, request).await,
        (Protocol::JaegerGrpc, _) => jaeger_grpc::answer(receivers, request).await,
        (Protocol::Sampling, _) => sampling::answer(receivers, &request),
        (Protocol::Zipkin, _) => zipkin::answer(receivers, request).await,
    }
}

/// The media type without its parameters.
fn content_type<B>(request: &http::Request<B>) -> &str {
    let value = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}
