//! Batches of Jaeger over gRPC: what is stored, and which codes a client hears.

use std::sync::Arc;

use server::config::Door;
use storage::StorageError;

use crate::grpc_call::{EXPORT, call, frame};
use crate::harness::*;
use crate::hostile_store::{HostileStore, Mood};

const POST_SPANS: &str = "/jaeger.api_v2.CollectorService/PostSpans";
/// What OpenTelemetry's Jaeger exporter for Python sent.
const RECORDED: &[u8] = include_bytes!("../../../crates/wire/fixtures/jaeger/otel-python-grpc.pb");

#[tokio::test]
async fn a_call_is_stored_and_answered_with_an_empty_message() {
    let running = server().await;
    let grpc = running.addresses.of(Door::JaegerGrpc);
    let ended = call(grpc, POST_SPANS, &[], frame(false, RECORDED)).await;
    assert_eq!((ended.code, &ended.body[..]), (0, &[0, 0, 0, 0, 0][..]), "{}", ended.message);
    let stored = running.stored();
    assert!(stored > 0);
    let again = call(grpc, POST_SPANS, &[("grpc-encoding", "gzip")], frame(true, &gzip(RECORDED))).await;
    assert_eq!((again.code, running.stored()), (0, stored), "packed, they are the same spans");
    assert_eq!(call(grpc, POST_SPANS, &[], frame(false, b"")).await.code, 0, "an empty call has no spans");
}

#[tokio::test]
async fn damaged_large_and_foreign_calls_hear_a_code_that_is_not_repeated() {
    let running = server().await;
    let grpc = running.addresses.of(Door::JaegerGrpc);
    let ended = call(grpc, POST_SPANS, &[], frame(false, &[0xff; 40])).await;
    assert_eq!(ended.code, 3, "{}", ended.message);
    let deep = [10, 0x7f].repeat(10_000);
    assert_eq!(call(grpc, POST_SPANS, &[], frame(false, &deep)).await.code, 3);
    let claim = [&[0][..], &(64 << 20 | 1_u32).to_be_bytes(), b"abc"].concat();
    let ended = call(grpc, POST_SPANS, &[], claim).await;
    assert_eq!((ended.code, ended.details.as_str()), (8, ""), "{}", ended.message);
    let ended = call(grpc, EXPORT, &[], frame(false, b"")).await;
    assert!(ended.code == 12 && ended.message.contains("PostSpans"), "{}", ended.message);
}

#[tokio::test]
async fn a_store_that_is_full_is_told_with_a_time_to_come_back() {
    let full = Mood::Refuse(StorageError::Overloaded("memory is full".to_owned()));
    let running = server_with(|_| {}, HostileStore::once(full)).await;
    let grpc = running.addresses.of(Door::JaegerGrpc);
    let ended = call(grpc, POST_SPANS, &[], frame(false, RECORDED)).await;
    assert!(ended.code == 8 && !ended.details.is_empty(), "{ended:?}");
    assert_eq!(call(grpc, POST_SPANS, &[], frame(false, RECORDED)).await.code, 0);

    let low = Mood::Refuse(StorageError::Unavailable("disk is low".to_owned()));
    let running = server_with(|_| {}, HostileStore::once(low) as Arc<_>).await;
    let ended = call(running.addresses.of(Door::JaegerGrpc), POST_SPANS, &[], frame(false, RECORDED)).await;
    assert!(ended.code == 14 && !ended.details.is_empty(), "{ended:?}");
}
