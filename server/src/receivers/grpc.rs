//! Unary gRPC as every door does it: one message in, one out, refusals as statuses. Not here: which methods there are.
//!
//! The frame is read here rather than by tonic's codec: that one makes room for whatever length a client claims,
//! and answers OUT_OF_RANGE, which clients repeat for ever. tonic's types write the answers.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use bytes::{BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use tonic::{Code, Status};
use wire::otlp::status::RpcStatus;

use super::body::{Reader, room_for};
use crate::ingest::{Compression, Format, Ingest, Payload, Receipt, Refusal, Room};

/// One byte that says whether the message is compressed, four that say how long it is.
const PREFIX_BYTES: usize = 5;
const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");

/// One call of the method at `path`, which takes `format` and is answered with the message that `reply` makes.
pub(super) async fn call(
    ingest: &Arc<Ingest>,
    path: &str,
    format: Format,
    request: Request,
    reply: impl FnOnce(&Receipt) -> Vec<u8>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    if head.uri.path() != path {
        let text = format!("unknown method, only {path} is served: {}", head.uri.path());
        return refuse(ingest, &Refusal::PathUnknown(text));
    }
    let (payload, room) = match read(ingest, format, &head.headers, Reader::new(body)).await {
        Ok(read) => read,
        Err(refusal) => return refuse(ingest, &refusal),
    };
    match ingest.accept(payload, room).await {
        Ok(receipt) => accept(&reply(&receipt)),
        Err(refusal) => refuse(ingest, &refusal),
    }
}

/// The answer that says no: headers only. A retry hint travels as `google.rpc.RetryInfo`.
pub(super) fn refuse(ingest: &Ingest, refusal: &Refusal) -> Response<Body> {
    ingest.note_refusal(refusal);
    let answer = refusal.answer();
    let status =
        RpcStatus { code: answer.grpc, message: refusal.message(), retry_after_seconds: answer.retry_after_secs };
    let code = Code::from_i32(answer.grpc as i32);
    let status = match answer.retry_after_secs {
        Some(_) => Status::with_details(code, refusal.message(), status.proto().into()),
        None => Status::new(code, refusal.message()),
    };
    status.into_http::<Body>()
}

async fn read(
    ingest: &Ingest,
    format: Format,
    headers: &HeaderMap,
    mut reader: Reader,
) -> Result<(Payload, Room), Refusal> {
    let mut bytes = Vec::new();
    while bytes.len() < PREFIX_BYTES {
        match reader.next().await? {
            Some(data) => bytes.extend_from_slice(&data),
            None => return Err(Refusal::Malformed("the call ended before its message began".to_owned())),
        }
    }
    let (compressed, announced) = (bytes[0], u32::from_be_bytes([bytes[1], bytes[2], bytes[3], bytes[4]]) as usize);
    let (compression, bytes_max) = match compressed {
        0 => (Compression::Identity, ingest.limits().request_bytes_max),
        1 => (compression(headers)?, ingest.limits().request_compressed_bytes_max),
        _ => return Err(Refusal::Malformed("the first byte of a message must be 0 or 1".to_owned())),
    };
    let (mut room, mut message) = room_for(ingest.admission(), Some(announced), bytes_max).await?;
    message.extend_from_slice(&bytes[PREFIX_BYTES..]);
    let message = reader.rest(message, bytes_max, ingest.admission(), &mut room).await?;
    if message.len() != announced {
        let text = format!("the call announced {announced} bytes and brought {}", message.len());
        return Err(Refusal::Malformed(text));
    }
    Ok((Payload { format, compression, bytes: message }, room))
}

fn compression(headers: &HeaderMap) -> Result<Compression, Refusal> {
    let name = headers.get("grpc-encoding").and_then(|value| value.to_str().ok()).unwrap_or_default();
    Compression::from_name(name)
}

fn accept(message: &[u8]) -> Response<Body> {
    let mut frame = BytesMut::with_capacity(PREFIX_BYTES + message.len());
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).expect("wire keeps replies below 64 kB"));
    frame.put_slice(message);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static("0"));
    let body = Full::<Bytes>::new(frame.freeze()).with_trailers(async move { Some(Ok(trailers)) });
    let mut response = Response::new(Body::new(body));
    response.headers_mut().insert(CONTENT_TYPE, GRPC);
    response
}
