//! Spans that are fine, in every form that clients send.

use http::Method;

use crate::harness::*;

#[tokio::test]
async fn protobuf_is_stored_and_answered_with_an_empty_message_of_its_type() {
    let running = server().await;
    let reply = running.export(&[PROTOBUF], request(3)).await;
    assert_eq!(reply.said(), (200, String::new()));
    assert_eq!(reply.header("content-type"), "application/x-protobuf");
    assert_eq!(running.trace(7).await, spans(3));
}

#[tokio::test]
async fn json_is_stored_and_answered_with_an_empty_object() {
    let running = server().await;
    let body = wire::otlp::encode::spans_json(&spans(3));
    let reply = running.export(&[("content-type", "Application/JSON; charset=utf-8")], body).await;
    assert_eq!(reply.said(), (200, "{}".to_owned()));
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(running.trace(7).await, spans(3));
}

#[tokio::test]
async fn every_content_encoding_brings_the_same_spans() {
    let zstd = zstd::stream::encode_all(&request(3)[..], 1).unwrap();
    for (encoding, body) in [("gzip", gzip(&request(3))), ("identity", request(3)), ("zstd", zstd)] {
        let running = server().await;
        let reply = running.export(&[PROTOBUF, ("content-encoding", encoding)], body).await;
        assert_eq!(reply.said(), (200, String::new()), "{encoding}");
        assert_eq!(running.stored(), 3, "{encoding}");
    }
}

#[tokio::test]
async fn the_grpc_port_takes_http_too() {
    let running = server().await;
    let reply = send(Method::POST, running.addresses.otlp_grpc, "/v1/traces", &[PROTOBUF], request(2)).await;
    assert_eq!((reply.status.as_u16(), running.stored()), (200, 2));
}

#[tokio::test]
async fn spans_sent_twice_are_stored_once_and_both_are_counted() {
    let running = server().await;
    running.export(&[PROTOBUF], request(3)).await;
    assert_eq!(running.export(&[PROTOBUF], request(3)).await.status.as_u16(), 200);
    let counts = running.server.counters.spans();
    assert_eq!((counts.received, counts.accepted, counts.stored, counts.deduplicated), (6, 6, 3, 3));
    assert_eq!(running.stored(), 3);
}

#[tokio::test]
async fn pages_of_configured_origins_may_report_and_others_may_not() {
    let allow = |config: &mut server::config::Config| config.cors_origins = vec!["https://shop.example".to_owned()];
    let running = server_with(allow, std::sync::Arc::new(storage::memory::MemoryStore::new())).await;
    let ours = [("origin", "https://shop.example"), ("access-control-request-headers", "content-type, x-key, cookie")];
    let reply = send(Method::OPTIONS, running.addresses.otlp_http, "/v1/traces", &ours, "").await;
    assert_eq!(reply.status.as_u16(), 204);
    assert_eq!(reply.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(reply.header("access-control-allow-headers"), "content-type, x-key");
    let reply = running.export(&[JSON, ("origin", "https://shop.example")], "{}").await;
    assert_eq!((reply.status.as_u16(), reply.header("access-control-allow-origin")), (200, "https://shop.example"));

    let reply = running.export(&[PROTOBUF, ("origin", "https://evil.example")], request(1)).await;
    assert_eq!(reply.status.as_u16(), 403);
    assert_eq!((reply.header("access-control-allow-origin"), running.stored()), ("", 0));
}
