//! Input that no honest client sends, and what each is answered over HTTP. Neighbours of bad spans are never lost.

use http::Method;
use model::{SpanDuration, Warning};

use crate::harness::*;

/// The body of a refusal as JSON.
fn status_json(code: u32, message: &str) -> String {
    format!(r#"{{"code":{code},"message":"{message}"}}"#)
}

#[tokio::test]
async fn an_empty_body_is_a_request_without_spans() {
    let running = server().await;
    assert_eq!(running.export(&[PROTOBUF], "").await.said(), (200, String::new()));
    assert_eq!(running.export(&[JSON], "").await.said(), (200, "{}".to_owned()));
    assert_eq!(running.server.counters.spans().received, 0);
}

#[tokio::test]
async fn bytes_that_are_no_request_are_refused_in_the_form_of_the_request() {
    let running = server().await;
    let reply = running.export(&[PROTOBUF], "this is no protobuf").await;
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (400, "application/x-protobuf"));
    assert_eq!(reply.body[..2], [8, 3], "google.rpc.Status with code INVALID_ARGUMENT");
    let reply = running.export(&[JSON], "{\"resourceSpans\": [").await;
    let (status, text) = reply.said();
    assert_eq!((status, reply.header("content-type")), (400, "application/json"));
    assert!(text.starts_with(r#"{"code":3,"message":"cannot read the request as OTLP JSON: "#), "{text}");
}

#[tokio::test]
async fn a_cut_request_keeps_the_spans_before_the_cut_or_is_refused() {
    let running = server().await;
    let whole = request(1);
    let reply = running.export(&[PROTOBUF], whole[..whole.len() / 2].to_vec()).await;
    assert_eq!((reply.status.as_u16(), reply.body[..2].to_vec()), (400, vec![8, 3]));
    assert_eq!(running.stored(), 0);
}

#[tokio::test]
async fn a_hundred_mebibytes_of_packed_zeros_are_too_large() {
    let running = server().await;
    let bomb = gzip(&vec![0; 100 << 20]);
    let reply = running.export(&[JSON, GZIP], bomb).await;
    let message = status_json(8, "the request is larger than 67108864 bytes, send smaller batches");
    assert_eq!(reply.said(), (413, message));
    assert_eq!(reply.header("retry-after"), "", "a retry would fail as well");
    assert_eq!(running.server.counters.spans().received, 0);
}

#[tokio::test]
async fn a_body_longer_than_the_limit_is_too_large_before_it_is_read() {
    let small = |config: &mut server::config::Config| config.ingest.request_bytes_max = 100;
    let running = server_with(small, std::sync::Arc::new(storage::memory::MemoryStore::new())).await;
    assert_eq!(running.export(&[PROTOBUF], request(3)).await.status.as_u16(), 413);
    assert_eq!(running.stored(), 0);
}

#[tokio::test]
async fn nulls_in_json_stand_for_nothing() {
    let running = server().await;
    let body = r#"{"resourceSpans":[null,{"resource":null,"scopeSpans":[{"scope":null,"spans":[null,{
        "traceId":"07070707070707070707070707070707","spanId":"0101010101010101","parentSpanId":null,"name":null,
        "kind":null,"startTimeUnixNano":"1000","endTimeUnixNano":"1500","attributes":null,"events":[null],
        "links":null,"status":null,"traceState":null,"flags":null}]}]}]}"#;
    let reply = running.export(&[JSON], body).await;
    assert_eq!(reply.status.as_u16(), 200, "{:?}", reply.said());
    assert_eq!(running.span(1).await.duration(), SpanDuration(500));
}

#[tokio::test]
async fn a_span_without_an_id_is_rejected_and_its_ninety_nine_neighbours_are_stored() {
    let running = server().await;
    let mut body = request(100);
    patch(&mut body, &[50; 8], &[0; 8]);
    let reply = running.export(&[PROTOBUF], body).await;
    assert_eq!(reply.status.as_u16(), 200);
    assert_eq!(reply.body[2..4], [8, 1], "rejected_spans is 1: {:?}", reply.body);
    assert_eq!(running.stored(), 99);
    let counts = running.server.counters.spans();
    assert_eq!((counts.received, counts.accepted, counts.rejected), (100, 99, 1));

    let json = wire::otlp::encode::spans_json(&spans(2)).replace("0101010101010101", "0000000000000000");
    let (status, text) = running.export(&[JSON], json).await.said();
    assert_eq!(status, 200);
    assert!(text.starts_with(r#"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"1 span refused: "#), "{text}");
}

#[tokio::test]
async fn a_text_that_is_not_utf8_costs_nobody_a_span() {
    let running = server().await;
    let mut body = request(100);
    patch(&mut body, b"op 51", b"op \xff1");
    assert_eq!(running.export(&[PROTOBUF], body).await.said(), (200, String::new()));
    assert_eq!(running.stored(), 100);
    let marked = running.span(51).await;
    assert_eq!(marked.name, "op \u{fffd}1");
    assert!(marked.warnings.has(Warning::InvalidUtf8));
    assert!(running.span(50).await.warnings.is_empty());
}

#[tokio::test]
async fn a_span_that_ends_before_it_starts_is_stored_and_marked() {
    let running = server().await;
    let mut reversed = spans(1);
    reversed[0].end = model::UnixNanos(1);
    let reply = running.export(&[PROTOBUF], wire::otlp::encode::request_proto(&reversed)).await;
    assert_eq!(reply.said(), (200, String::new()));
    let span = running.span(1).await;
    assert_eq!(span.duration(), SpanDuration(0));
    assert!(span.warnings.has(Warning::EndBeforeStart));
}

#[tokio::test]
async fn a_span_without_a_start_begins_when_it_came_in() {
    let running = server().await;
    let mut unstarted = spans(1);
    (unstarted[0].start, unstarted[0].end) = (model::UnixNanos(0), model::UnixNanos(0));
    running.export(&[PROTOBUF], wire::otlp::encode::request_proto(&unstarted)).await;
    let span = running.span(1).await;
    assert!(span.start > model::UnixNanos::from_millis(1_600_000_000_000), "{:?}", span.start);
    assert!(span.warnings.has(Warning::StartMissing));
}

#[tokio::test]
async fn log_records_sent_as_traces_are_rejected_one_by_one() {
    let running = server().await;
    let body = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"},{"name":"b"}]}]}]}"#;
    let (status, text) = running.export(&[JSON], body).await.said();
    assert!(status == 200 && text.contains(r#""rejectedSpans":"2""#), "{status} {text}");
}

#[tokio::test]
async fn unknown_paths_methods_types_and_encodings_are_told_what_is_known() {
    let running = server().await;
    let at = |method: Method, path: &'static str| send(method, running.addresses.otlp_http, path, &[PROTOBUF], "spans");
    let unknown = "404 not found: spans are taken at POST /v1/traces".to_owned();
    assert_eq!(at(Method::POST, "/v2/traces").await.said(), (404, unknown));
    let (status, text) = at(Method::POST, "/v1/metrics").await.said();
    assert!(status == 404 && text.contains("OTEL_METRICS_EXPORTER=none"), "{status} {text}");
    let reply = at(Method::PUT, "/v1/traces").await;
    assert_eq!(reply.said(), (405, "405 method not allowed, supported: [POST]".to_owned()));
    assert_eq!(reply.header("allow"), "POST");
    let unsupported = "415 unsupported media type, supported: [application/json, application/x-protobuf]".to_owned();
    assert_eq!(running.export(&[("content-type", "text/plain")], "spans").await.said(), (415, unsupported.clone()));
    assert_eq!(running.export(&[], "spans").await.said(), (415, unsupported));
    let (status, text) = running.export(&[JSON, ("content-encoding", "br")], "{}").await.said();
    assert!(status == 400 && text.contains("[gzip, deflate, zstd, snappy, lz4, identity]: br"), "{status} {text}");
    assert_eq!(running.export(&[JSON, ("content-encoding", "gzip, gzip")], "{}").await.status.as_u16(), 400);
}
