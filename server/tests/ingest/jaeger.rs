//! Batches of Jaeger's clients over HTTP: what is stored, and what each refusal says.

use std::sync::Arc;

use http::Method;
use server::config::Door;
use storage::StorageError;
use storage::memory::MemoryStore;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::*;
use crate::hostile_store::{HostileStore, Mood};
use crate::thrift::Batch;

const THRIFT: (&str, &str) = ("content-type", "application/x-thrift");
/// What jaeger-client for Node sent.
const RECORDED: &[u8] = include_bytes!("../../../crates/wire/fixtures/jaeger/node-http-binary.thrift");

async fn posted(running: &Running, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
    running.post(Door::JaegerHttp, "/api/traces", headers, body).await
}

#[tokio::test]
async fn a_batch_is_stored_and_answered_with_202_and_nothing_else() {
    let running = server().await;
    let reply = posted(&running, &[THRIFT], Batch::of(spans(3)).body()).await;
    assert_eq!(reply.said(), (202, String::new()));
    let names: Vec<_> = running.trace(7).await.into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["op 1", "op 2", "op 3"]);

    let other = ("content-type", "Application/Vnd.Apache.Thrift.Binary; charset=utf-8");
    let path = "/api/traces?format=jaeger.thrift";
    let reply = running.post(Door::JaegerHttp, path, &[other, GZIP], gzip(RECORDED)).await;
    assert_eq!((reply.said(), running.stored()), ((202, String::new()), 5));
}

#[tokio::test]
async fn a_body_in_chunks_is_read_to_its_end() {
    let running = server().await;
    let mut socket = TcpStream::connect(running.addresses.of(Door::JaegerHttp).unwrap()).await.unwrap();
    let head = "POST /api/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-thrift\r\n\
                transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).await.unwrap();
    for chunk in RECORDED.chunks(100) {
        let chunk = [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat();
        socket.write_all(&chunk).await.unwrap();
    }
    socket.write_all(b"0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 202 "), "{answer}");
    assert_eq!(running.stored(), 2);
}

#[tokio::test]
async fn a_batch_without_spans_is_taken_and_one_bad_span_costs_no_other() {
    let running = server().await;
    assert_eq!(posted(&running, &[THRIFT], Batch::of(Vec::new()).body()).await.status.as_u16(), 202);
    let mut body = Batch::of(spans(100)).body();
    patch(&mut body, &[50; 8], &[0; 8]);
    assert_eq!(posted(&running, &[THRIFT], body).await.status.as_u16(), 202);
    let counts = running.server.counters.spans();
    assert_eq!((running.stored(), counts.accepted, counts.rejected), (99, 99, 1));
}

#[tokio::test]
async fn what_is_no_batch_is_told_what_is_one() {
    let running = server().await;
    let jaeger = running.addresses.of(Door::JaegerHttp);
    let reply = send(Method::GET, jaeger, "/api/traces", &[THRIFT], "").await;
    assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "POST"));
    assert_eq!(send(Method::POST, jaeger, "/api/v2/traces", &[THRIFT], "x").await.status.as_u16(), 404);
    let (status, text) = posted(&running, &[], RECORDED.to_vec()).await.said();
    assert!(status == 400 && text.starts_with("Cannot parse content type"), "{status} {text}");
    let (status, text) = posted(&running, &[JSON], RECORDED.to_vec()).await.said();
    assert!(status == 400 && text.starts_with("Unsupported content type"), "{status} {text}");
    let reply = posted(&running, &[THRIFT, ("origin", "https://evil.example")], RECORDED.to_vec()).await;
    assert_eq!((reply.status.as_u16(), running.stored()), (403, 0));
}

#[tokio::test]
async fn hostile_batches_are_refused_and_the_next_one_is_served() {
    let running = server().await;
    let lists = [12, 0, 1, 11, 0, 1, 0x7f, 0xff, 0xff, 0xff];
    let many = [15, 0, 2, 12, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0];
    let deep = [12, 0, 9].repeat(100_000);
    for hostile in [&lists[..], &many, &deep, b"this is no thrift", &RECORDED[..RECORDED.len() / 2]] {
        let (status, text) = posted(&running, &[THRIFT], hostile.to_vec()).await.said();
        assert!(status == 400 && text.contains("Jaeger Thrift"), "{status} {text}");
    }
    let bomb = gzip(&vec![0; 100 << 20]);
    assert_eq!(posted(&running, &[THRIFT, GZIP], bomb).await.status.as_u16(), 413);
    assert_eq!(posted(&running, &[THRIFT], RECORDED.to_vec()).await.status.as_u16(), 202);
}

#[tokio::test]
async fn without_room_or_store_a_client_is_told_when_to_come_back() {
    let tiny = |config: &mut server::config::Config| {
        config.ingest.in_flight_bytes_max = 1024;
        config.ingest.in_flight_wait = std::time::Duration::ZERO;
    };
    let running = server_with(tiny, Arc::new(MemoryStore::new())).await;
    let reply = posted(&running, &[THRIFT], Batch::of(spans(100)).body()).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (429, "5"));

    let refusing = HostileStore::once(Mood::Refuse(StorageError::Unavailable("disk is low".to_owned())));
    let running = server_with(|_| {}, refusing).await;
    let reply = posted(&running, &[THRIFT], RECORDED.to_vec()).await;
    assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (503, "5"));

    let running = server_with(|_| {}, HostileStore::once(Mood::Panic)).await;
    assert_eq!(posted(&running, &[THRIFT], RECORDED.to_vec()).await.status.as_u16(), 503);
    assert_eq!(posted(&running, &[THRIFT], RECORDED.to_vec()).await.status.as_u16(), 202);
}

#[tokio::test]
async fn batches_that_a_client_counts_and_never_came_are_told_by_metrics_and_health() {
    let running = server().await;
    for (sequence, dropped) in [(1, 0), (2, 0), (5, 3)] {
        let spans = spans(1);
        let stats = Some([dropped, 0, 0]);
        let batch = Batch { client: "c-1", sequence: Some(sequence), stats, ..Batch::of(spans) };
        assert_eq!(posted(&running, &[THRIFT], batch.body()).await.status.as_u16(), 202);
    }
    let (_, text) = running.get("/metrics").await.said();
    assert!(text.contains("\ntracewell_client_batches_missing_total 2\n"), "{text}");
    assert!(text.contains("\ntracewell_client_spans_dropped_total{reason=\"queue_full\"} 3\n"), "{text}");
    let (status, text) = running.get("/health").await.said();
    assert_eq!(status, 200, "losses of clients are no reason to restart us");
    assert!(text.contains("shop (c-1): 2 batches missing, 3 spans that it could not send"), "{text}");
}
