//! Answers of the gRPC door. Which codes a client repeats decides whether spans are lost or a storm begins.

use crate::grpc_call::{EXPORT, call, frame};
use crate::harness::*;

const INVALID_ARGUMENT: u32 = 3;
const RESOURCE_EXHAUSTED: u32 = 8;
const UNIMPLEMENTED: u32 = 12;

#[tokio::test]
async fn a_call_is_stored_and_answered_with_an_empty_message() {
    let running = server().await;
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[], frame(false, &request(3))).await;
    assert_eq!((ended.code, &ended.body[..]), (0, &[0, 0, 0, 0, 0][..]));
    assert_eq!(running.trace(7).await, spans(3));
}

#[tokio::test]
async fn a_packed_call_and_the_http_port_bring_the_same_spans() {
    let running = server().await;
    let packed = frame(true, &gzip(&request(3)));
    let ended = call(running.addresses.otlp_http, EXPORT, &[("grpc-encoding", "gzip")], packed).await;
    assert_eq!((ended.code, running.stored()), (0, 3), "{}", ended.message);
}

#[tokio::test]
async fn a_call_packed_with_zstd_brings_them_too() {
    let running = server().await;
    let packed = frame(true, &zstd::stream::encode_all(&request(3)[..], 1).unwrap());
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[("grpc-encoding", "zstd")], packed).await;
    assert_eq!((ended.code, running.stored()), (0, 3), "{}", ended.message);
}

#[tokio::test]
async fn rejected_spans_are_counted_in_the_answer() {
    let running = server().await;
    let mut body = request(100);
    patch(&mut body, &[50; 8], &[0; 8]);
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[], frame(false, &body)).await;
    assert_eq!((ended.code, running.stored()), (0, 99));
    assert_eq!(ended.body[7..9], [8, 1], "rejected_spans is 1: {:?}", ended.body);
}

#[tokio::test]
async fn an_oversize_call_is_final_and_never_out_of_range() {
    let running = server().await;
    // A length is enough: nothing is read, and no room is made, for what is too large anyway.
    let claim = [&[0][..], &(64 << 20 | 1_u32).to_be_bytes(), b"abc"].concat();
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[], claim).await;
    assert_eq!((ended.code, ended.details.as_str()), (RESOURCE_EXHAUSTED, ""), "{}", ended.message);

    let bomb = frame(true, &gzip(&vec![0; 100 << 20]));
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[("grpc-encoding", "gzip")], bomb).await;
    assert_eq!((ended.code, ended.details.as_str()), (RESOURCE_EXHAUSTED, ""), "{}", ended.message);
}

#[tokio::test]
async fn unknown_methods_and_encodings_are_unimplemented() {
    let running = server().await;
    let grpc = running.addresses.otlp_grpc;
    for path in ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/nothing"] {
        let ended = call(grpc, path, &[], frame(false, b"")).await;
        assert_eq!(ended.code, UNIMPLEMENTED, "{path}: {}", ended.message);
    }
    let ended = call(grpc, EXPORT, &[("grpc-encoding", "br")], frame(true, b"x")).await;
    assert_eq!(ended.code, UNIMPLEMENTED, "{}", ended.message);
}

#[tokio::test]
async fn damaged_calls_are_invalid_arguments() {
    let running = server().await;
    let short = [&[0][..], &100_u32.to_be_bytes(), b"abc"].concat();
    let long = [frame(false, b""), b"more".to_vec()].concat();
    for body in [Vec::new(), vec![0, 0], vec![2, 0, 0, 0, 0], short, long, frame(false, b"this is no protobuf")] {
        let ended = call(running.addresses.otlp_grpc, EXPORT, &[], body.clone()).await;
        assert_eq!(ended.code, INVALID_ARGUMENT, "{body:?}: {}", ended.message);
    }
    let ended = call(running.addresses.otlp_grpc, EXPORT, &[], frame(false, b"")).await;
    assert_eq!(ended.code, 0, "an empty message is a request without spans");
}
