//! OTLP over HTTP: `POST /v1/traces` in protobuf or JSON. Not here: gRPC on the same port.

use std::ops::ControlFlow;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use wire::Rejected;
use wire::otlp::encode::{response_json, response_proto};
use wire::otlp::status::RpcStatus;

use super::{Receivers, content_type, cors, plain, upload};
use crate::ingest::{Format, Ingest, Receipt, Refusal};

/// Where clients send traces.
pub const PATH: &str = "/v1/traces";

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";

/// The form of a request, and of its answer.
#[derive(Clone, Copy)]
enum Form {
    Protobuf,
    Json,
}

/// One request, from its head to its answer.
pub(super) async fn answer(receivers: &Receivers, request: Request) -> Response<Body> {
    let ingest = &receivers.ingest;
    let origin = match cors::greet(receivers, &request) {
        ControlFlow::Continue(origin) => origin,
        ControlFlow::Break(answer) => return answer,
    };
    let response = match form_of(&request) {
        Ok(form) => match upload::accept(ingest, form.format(), request).await {
            Ok(receipt) => accept(form, &receipt),
            Err(refusal) => refuse(ingest, form, &refusal),
        },
        Err(refusal) => {
            // In no form of ours, as none is known.
            let body = Bytes::from(refusal.message().to_owned());
            let response = plain::refuse_with(ingest, &refusal, plain::TEXT, body);
            upload::discard(ingest, request).await;
            response
        }
    };
    cors::allow(response, origin)
}

/// The answer that says no, in the request's form.
fn refuse(ingest: &Ingest, form: Form, refusal: &Refusal) -> Response<Body> {
    let answer = refusal.answer();
    let status =
        RpcStatus { code: answer.grpc, message: refusal.message(), retry_after_seconds: answer.retry_after_secs };
    let body = match form {
        Form::Protobuf => Bytes::from(status.proto()),
        Form::Json => Bytes::from(status.json()),
    };
    plain::refuse_with(ingest, refusal, form.media_type(), body)
}

/// Path, method and content type, in this order.
fn form_of(request: &Request) -> Result<Form, Refusal> {
    match request.uri().path().trim_end_matches('/') {
        PATH => {}
        "/v1/metrics" | "/v1/logs" => {
            return Err(Refusal::PathUnknown(
                "404 not found: only traces are taken, at POST /v1/traces; \
                 set OTEL_METRICS_EXPORTER=none and OTEL_LOGS_EXPORTER=none"
                    .to_owned(),
            ));
        }
        _ => return Err(Refusal::PathUnknown("404 not found: spans are taken at POST /v1/traces".to_owned())),
    }
    if request.method() != Method::POST {
        return Err(Refusal::post_only());
    }
    let media_type = content_type(request);
    if media_type.eq_ignore_ascii_case(PROTOBUF) {
        Ok(Form::Protobuf)
    } else if media_type.eq_ignore_ascii_case(JSON) {
        Ok(Form::Json)
    } else {
        let text = "415 unsupported media type, supported: [application/json, application/x-protobuf]";
        Err(Refusal::MediaTypeUnknown(text.to_owned()))
    }
}

fn accept(form: Form, receipt: &Receipt) -> Response<Body> {
    let message = receipt.rejected.message();
    let rejected = partial_success(&receipt.rejected, &message);
    let body = match form {
        Form::Protobuf => Bytes::from(response_proto(rejected)),
        Form::Json => Bytes::from(response_json(rejected)),
    };
    plain::reply(StatusCode::OK, form.media_type(), body)
}

/// Count and reasons, when anything was rejected.
pub(super) fn partial_success<'a>(rejected: &Rejected, message: &'a str) -> Option<(u64, &'a str)> {
    (!rejected.is_empty()).then_some((rejected.count, message))
}

// === impl Form ===

impl Form {
    fn format(self) -> Format {
        match self {
            Form::Protobuf => Format::OtlpProto,
            Form::Json => Format::OtlpJson,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Form::Protobuf => PROTOBUF,
            Form::Json => JSON,
        }
    }
}
