//! Too much, too little disk, a fault of ours: clients keep their spans and hear when to come back.

use std::sync::Arc;
use std::time::Duration;

use server::config::Config;
use storage::StorageError;
use storage::memory::MemoryStore;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::grpc_call::{EXPORT, call, frame};
use crate::harness::*;
use crate::hostile_store::{Gate, HostileStore, Mood};

/// Base64 of `type.googleapis.com/google.rpc.RetryInfo` at the place where it stands in the details.
const RETRY_INFO: &str = "googleapis.com/google.rpc.RetryInfo";

fn tiny_budget(config: &mut Config) {
    config.ingest.in_flight_bytes_max = 1024;
    config.ingest.in_flight_wait = Duration::ZERO;
}

#[tokio::test]
async fn without_room_a_request_is_told_to_come_back() {
    let running = server_with(tiny_budget, Arc::new(MemoryStore::new())).await;
    let reply = running.export(&[PROTOBUF], request(100)).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (429, "5"));
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[], frame(false, &request(100))).await;
    assert_eq!(ended.code, 8);
    assert!(decoded(&ended.details).contains(RETRY_INFO), "{ended:?}");
    assert_eq!(running.stored(), 0);
    assert_eq!(running.export(&[PROTOBUF], request(1)).await.status.as_u16(), 200, "what fits is taken");
}

#[tokio::test]
async fn an_overloaded_store_is_told_at_each_door_with_a_time_to_come_back() {
    let overloaded = || StorageError::Overloaded("memory is full".to_owned());
    for mood in [Mood::Refuse, Mood::Foresee] {
        let running = server_with(|_| {}, HostileStore::once(mood(overloaded()))).await;
        let reply = running.export(&[JSON], wire::otlp::encode::spans_json(&spans(1))).await;
        assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (429, "5"));
        assert!(reply.said().1.contains("store is overloaded: memory is full"), "{:?}", reply.said());
        assert_eq!(running.export(&[PROTOBUF], request(1)).await.status.as_u16(), 200);

        let running = server_with(|_| {}, HostileStore::once(mood(overloaded()))).await;
        let ended = call(running.addresses.otlp_grpc, EXPORT, &[], frame(false, &request(1))).await;
        assert_eq!(ended.code, 8);
        assert!(decoded(&ended.details).contains(RETRY_INFO), "{ended:?}");
    }
}

#[tokio::test]
async fn what_the_store_would_refuse_is_not_decoded() {
    let foreseen = Mood::Foresee(StorageError::Overloaded("memory is full".to_owned()));
    let running = server_with(|_| {}, HostileStore::once(foreseen)).await;
    assert_eq!(running.export(&[PROTOBUF], "this is no protobuf").await.status.as_u16(), 429);
    assert_eq!(running.export(&[PROTOBUF], "this is no protobuf").await.status.as_u16(), 400);
}

#[tokio::test]
async fn a_store_without_disk_refuses_politely_and_says_so_when_asked() {
    let refusing = || HostileStore::once(Mood::Refuse(StorageError::Unavailable("disk is low".to_owned())));
    let running = server_with(|_| {}, refusing()).await;
    let (status, text) = running.get("/ready").await.said();
    assert_eq!((status, text.as_str()), (503, r#"{"ready":false,"reasons":["store is unavailable: disk is low"]}"#));
    assert_eq!(running.get("/health").await.status.as_u16(), 200, "a restart would not help");
    let reply = running.export(&[JSON], wire::otlp::encode::spans_json(&spans(1))).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (503, "5"));
    assert!(reply.said().1.contains(r#""retryDelay":"5s""#), "{:?}", reply.said());
    assert_eq!(running.get("/ready").await.status.as_u16(), 200);

    let running = server_with(|_| {}, refusing()).await;
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[], frame(false, &request(1))).await;
    assert_eq!(ended.code, 14);
    assert!(decoded(&ended.details).contains(RETRY_INFO), "{ended:?}");
}

#[tokio::test]
async fn a_store_that_does_not_come_back_from_its_disk_asks_for_a_restart() {
    let running = server_with(|_| {}, HostileStore::once(Mood::Stall)).await;
    let (status, text) = running.get("/health").await.said();
    assert_eq!(status, 503);
    assert!(text.contains("the store does not answer") && text.contains("flushes since 11 s"), "{text}");
}

#[tokio::test]
async fn a_panic_behind_a_request_is_unavailable_and_the_next_request_is_served() {
    let running = server_with(|_| {}, HostileStore::once(Mood::Panic)).await;
    assert_eq!(running.export(&[PROTOBUF], request(1)).await.status.as_u16(), 503);
    assert_eq!(running.export(&[PROTOBUF], request(1)).await.status.as_u16(), 200);
    let running = server_with(|_| {}, HostileStore::once(Mood::Panic)).await;
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[], frame(false, &request(1))).await;
    assert_eq!(ended.code, 14, "{}", ended.message);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_stop_its_spans_half_way() {
    let gate = Gate::shut();
    let running = server_with(|_| {}, HostileStore::once(Mood::Wait(Arc::clone(&gate)))).await;
    let mut socket = TcpStream::connect(running.addresses.otlp_http.unwrap()).await.unwrap();
    let body = request(3);
    let head = format!(
        "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(&[head.as_bytes(), &body].concat()).await.unwrap();
    gate.arrived().await;
    drop(socket);
    gate.go.add_permits(1);
    let store = Arc::clone(&running.store);
    // Stopping waits for whatever is in flight, so afterwards the answer is final.
    running.stop().await;
    assert_eq!(store.condition().spans, 3);
}

#[tokio::test]
async fn a_request_in_flight_at_the_end_is_finished_and_answered() {
    let gate = Gate::shut();
    let running = server_with(|_| {}, HostileStore::once(Mood::Wait(Arc::clone(&gate)))).await;
    let (addresses, store) = (running.addresses, Arc::clone(&running.store));
    let export = tokio::spawn(async move {
        send(http::Method::POST, addresses.otlp_http, "/v1/traces", &[PROTOBUF], request(3)).await
    });
    gate.arrived().await;
    let stopping = tokio::spawn(running.stop());
    // New connections are turned away while the old request is still worked on.
    while TcpStream::connect(addresses.otlp_http.unwrap()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    gate.go.add_permits(1);
    assert_eq!(export.await.unwrap().status.as_u16(), 200);
    stopping.await.unwrap();
    assert_eq!(store.condition().spans, 3);
}

#[tokio::test]
async fn room_is_given_back_whatever_became_of_the_request() {
    let running = server().await;
    running.export(&[PROTOBUF], request(3)).await;
    running.export(&[PROTOBUF], "this is no protobuf").await;
    running.export(&[PROTOBUF, GZIP], "this is no gzip").await;
    let (_, text) = running.get("/metrics").await.said();
    assert!(text.contains("\ntracewell_in_flight_bytes 0\n"), "{text}");
    assert!(text.contains("\ntracewell_requests_refused_total{reason=\"malformed\"} 2\n"), "{text}");
    assert!(text.contains("\ntracewell_spans_stored_total 3\n"), "{text}");
}

/// Base64 without padding, as gRPC writes binary headers.
fn decoded(base64: &str) -> String {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let bits: Vec<u8> =
        base64.bytes().filter(|c| *c != b'=').flat_map(|c| (0..6).rev().map(move |bit| digit(c) >> bit & 1)).collect();
    let bytes: Vec<u8> = bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
