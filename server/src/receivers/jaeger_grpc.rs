//! Jaeger over gRPC: `CollectorService/PostSpans`, as OpenTelemetry's Jaeger exporters and Jaeger's agents call it.
//!
//! Not here: frames and statuses (`grpc`).

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;

use super::{Receivers, grpc};
use crate::ingest::Format;

/// The one method.
pub const PATH: &str = "/jaeger.api_v2.CollectorService/PostSpans";

/// One call, from its head to its trailers. The protocol has no place for rejected spans: they are counted here only.
pub(super) async fn answer(receivers: &Receivers, request: Request) -> Response<Body> {
    grpc::call(&receivers.ingest, PATH, Format::JaegerProto, request, |_receipt| Vec::new()).await
}
