//! OTLP over HTTP: `POST /v1/traces` in protobuf or JSON. Not here: gRPC on the same port.

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use wire::Rejected;
use wire::otlp::encode::{response_json, response_proto};
use wire::otlp::status::RpcStatus;

use super::body::{Reader, room_for};
use super::{Receivers, content_type, cors};
use crate::ingest::{Compression, Format, Ingest, Payload, Receipt, Refusal, Room};

/// Where clients send traces.
pub const PATH: &str = "/v1/traces";

const PROTOBUF: &str = "application/x-protobuf";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// One request, from its head to its answer.
pub(super) async fn answer(receivers: &Receivers, request: Request) -> Response<Body> {
    let origin = match cors::check(request.headers(), &receivers.cors_origins) {
        Ok(origin) => origin,
        Err(refusal) => return refuse(&receivers.ingest, None, &refusal),
    };
    if let (Some(origin), Method::OPTIONS) = (&origin, request.method().clone()) {
        return cors::preflight(request.headers(), origin.clone());
    }
    let mut response = match format_of(&request) {
        Ok(format) => export(&receivers.ingest, format, request).await,
        Err(refusal) => {
            let response = refuse(&receivers.ingest, None, &refusal);
            Reader::new(request.into_body()).discard(receivers.ingest.limits().request_bytes_max as u64).await;
            response
        }
    };
    if let Some(origin) = origin {
        cors::allow(&mut response, origin);
    }
    response
}

/// The answer that says no. In the request's form where that is known, else as text.
pub(super) fn refuse(ingest: &Ingest, format: Option<Format>, refusal: &Refusal) -> Response<Body> {
    ingest.note_refusal(refusal);
    let answer = refusal.answer();
    let status =
        RpcStatus { code: answer.grpc, message: refusal.message(), retry_after_seconds: answer.retry_after_secs };
    let (media_type, body) = match format {
        Some(Format::OtlpProto) => (PROTOBUF, Bytes::from(status.proto())),
        Some(Format::OtlpJson) => (JSON, Bytes::from(status.json())),
        None => (TEXT, Bytes::from(refusal.message().to_owned())),
    };
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

/// Path, method and content type, in this order.
fn format_of(request: &Request) -> Result<Format, Refusal> {
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
        return Err(Refusal::MethodUnknown("405 method not allowed, supported: [POST]".to_owned()));
    }
    let media_type = content_type(request);
    if media_type.eq_ignore_ascii_case(PROTOBUF) {
        Ok(Format::OtlpProto)
    } else if media_type.eq_ignore_ascii_case(JSON) {
        Ok(Format::OtlpJson)
    } else {
        let text = "415 unsupported media type, supported: [application/json, application/x-protobuf]";
        Err(Refusal::MediaTypeUnknown(text.to_owned()))
    }
}

async fn export(ingest: &std::sync::Arc<Ingest>, format: Format, request: Request) -> Response<Body> {
    let (head, body) = request.into_parts();
    let mut reader = Reader::new(body);
    let (payload, room) = match read(ingest, format, &head.headers, &mut reader).await {
        Ok(read) => read,
        Err(refusal) => {
            reader.discard(ingest.limits().request_bytes_max as u64).await;
            return refuse(ingest, Some(format), &refusal);
        }
    };
    match ingest.accept(payload, room).await {
        Ok(receipt) => accept(format, &receipt),
        Err(refusal) => refuse(ingest, Some(format), &refusal),
    }
}

async fn read(
    ingest: &Ingest,
    format: Format,
    headers: &HeaderMap,
    reader: &mut Reader,
) -> Result<(Payload, Room), Refusal> {
    let compression = compression(headers)?;
    let bytes_max = match compression {
        Compression::Identity => ingest.limits().request_bytes_max,
        _ => ingest.limits().request_compressed_bytes_max,
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let (mut room, buffer) = room_for(ingest.admission(), announced, bytes_max).await?;
    let bytes = reader.rest(buffer, bytes_max, ingest.admission(), &mut room).await?;
    Ok((Payload { format, compression, bytes }, room))
}

/// One encoding at most: each further one multiplies what a bomb unpacks to.
fn compression(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let mut values = headers.get_all(CONTENT_ENCODING).iter();
    let Some(value) = values.next() else { return Ok(Compression::Identity) };
    if values.next().is_some() {
        return Err(Refusal::EncodingUnknown("unsupported content encoding: only one is taken".to_owned()));
    }
    Compression::from_name(&String::from_utf8_lossy(value.as_bytes()))
}

fn accept(format: Format, receipt: &Receipt) -> Response<Body> {
    let message = receipt.rejected.message();
    let rejected = partial_success(&receipt.rejected, &message);
    match format {
        Format::OtlpProto => reply(StatusCode::OK, PROTOBUF, response_proto(rejected).into()),
        Format::OtlpJson => reply(StatusCode::OK, JSON, response_json(rejected).into()),
    }
}

/// Count and reasons, when anything was rejected.
pub(super) fn partial_success<'a>(rejected: &Rejected, message: &'a str) -> Option<(u64, &'a str)> {
    (!rejected.is_empty()).then_some((rejected.count, message))
}

fn reply(status: StatusCode, media_type: &'static str, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
