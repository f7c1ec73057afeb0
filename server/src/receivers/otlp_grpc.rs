//! OTLP over gRPC: `TraceService/Export`. Not here: frames and statuses (`grpc`).

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use wire::otlp::encode::response_proto;

use super::otlp_http::partial_success;
use super::{Receivers, grpc};
use crate::ingest::Format;

/// The one method.
pub const PATH: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// One call, from its head to its trailers.
pub(super) async fn answer(receivers: &Receivers, request: Request) -> Response<Body> {
    grpc::call(&receivers.ingest, PATH, Format::OtlpProto, request, |receipt| {
        let text = receipt.rejected.message();
        response_proto(partial_success(&receipt.rejected, &text))
    })
    .await
}
