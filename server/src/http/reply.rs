//! Bodies of answers: JSON, what our own pages read faster, or bytes; compressed when that helps and the client can read it.

use std::io::Write as _;

use api::{ApiError, ErrorCode, binary};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::Serialize;

use super::error::Failure;

/// Smaller bodies are not worth the work.
const COMPRESS_BYTES_MIN: usize = 1_024;
/// Larger bodies are compressed on a thread of their own.
const COMPRESS_INLINE_BYTES_MAX: usize = 64 * 1_024;

/// An answer of our own API, as JSON unless a page of ours asks.
pub async fn answer<T: Serialize>(request: &HeaderMap, value: &T) -> Result<Response, Failure> {
    let (content_type, bytes) = if reads_binary(request) {
        (binary::CONTENT_TYPE, to_binary(value)?)
    } else {
        ("application/json", to_json(value)?)
    };
    let mut response = bytes_as(request, HeaderValue::from_static(content_type), bytes).await;
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept, accept-encoding"));
    Ok(response)
}

/// Whether the client is a page that has the same types as this server.
pub fn reads_binary(request: &HeaderMap) -> bool {
    request.get(header::ACCEPT).is_some_and(|accepted| accepted == binary::CONTENT_TYPE)
}

fn to_binary<T: Serialize>(value: &T) -> Result<Vec<u8>, ApiError> {
    binary::encode(value)
        .map_err(|error| ApiError::new(ErrorCode::Internal, format!("answer cannot be written: {error}")))
}

/// The JSON text of an answer.
pub fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(value)
        .map_err(|error| ApiError::new(ErrorCode::Internal, format!("answer cannot be written as JSON: {error}")))
}

/// An answer of any type.
pub async fn bytes_as(request: &HeaderMap, content_type: HeaderValue, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if bytes.len() < COMPRESS_BYTES_MIN || !accepts(request, "gzip") {
        *response.body_mut() = Body::from(bytes);
        return response;
    }
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let packed = if bytes.len() <= COMPRESS_INLINE_BYTES_MAX {
        gzip(&bytes)
    } else {
        tokio::task::spawn_blocking(move || gzip(&bytes)).await.expect("compressing into memory does not panic")
    };
    *response.body_mut() = Body::from(packed);
    response
}

/// Whether the client reads this content coding; one with `q=0` is refused by name.
pub fn accepts(request: &HeaderMap, coding: &str) -> bool {
    let offers = request.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| {
        let mut parts = offer.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let is_refused = parts.any(|part| part.strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0));
        is_named && !is_refused
    })
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes).expect("a vector takes every byte");
    encoder.finish().expect("a vector takes every byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_coding_is_used_only_when_it_is_offered() {
        assert!(accepts(&accepting("deflate, GZIP;q=0.5"), "gzip"));
        assert!(!accepts(&accepting("gzip;q=0, br"), "gzip"));
        assert!(!accepts(&accepting("x-gzip"), "gzip"));
        assert!(!accepts(&HeaderMap::new(), "gzip"));
    }
}
