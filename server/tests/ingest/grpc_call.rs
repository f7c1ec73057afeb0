//! A gRPC client of a few lines, so that frames can be wrong in every way.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

pub(crate) const EXPORT: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// The end of a call.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: u32,
    pub(crate) message: String,
    /// `grpc-status-details-bin`, or empty.
    pub(crate) details: String,
    pub(crate) body: Bytes,
}

/// A message with its prefix.
pub(crate) fn frame(compressed: bool, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[u8::from(compressed)][..], &length, message].concat()
}

/// Calls `path` with these bytes as its body.
pub(crate) async fn call(
    address: Option<SocketAddr>,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Ended {
    let client: Client<HttpConnector, Full<Bytes>> =
        Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let mut request = Request::post(format!("http://{}{path}", address.expect("the door is on")))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 200, "gRPC always answers 200");
    let head = response.headers().clone();
    let collected = response.into_body().collect().await.unwrap();
    let trailers = collected.trailers().cloned().unwrap_or(head);
    Ended {
        code: text(&trailers, "grpc-status").parse().expect("every call ends with a status"),
        message: text(&trailers, "grpc-message"),
        details: text(&trailers, "grpc-status-details-bin"),
        body: collected.to_bytes(),
    }
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}
