//! Spans of Zipkin's clients: both versions, every form, and what each refusal says.

use http::Method;
use server::config::Door;
use storage::StorageError;

use crate::harness::*;
use crate::hostile_store::{HostileStore, Mood};

const THRIFT: (&str, &str) = ("content-type", "application/x-thrift");
const V2: &str = "/api/v2/spans";
const V1: &str = "/api/v1/spans";
/// What py_zipkin sent: two spans each.
const JSON_V2: &[u8] = include_bytes!("../../../crates/wire/fixtures/zipkin/python-v2.json");
const PROTO_V2: &[u8] = include_bytes!("../../../crates/wire/fixtures/zipkin/python-v2.pb");
const JSON_V1: &[u8] = include_bytes!("../../../crates/wire/fixtures/zipkin/python-v1.json");

/// Path, headers, body, and how many spans are stored.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [u8], u64);

async fn posted(running: &Running, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    running.post(Door::Zipkin, path, headers, body.to_vec()).await
}

/// One span of the first version in Thrift: a list of one struct with trace id, name and id.
fn thrift_v1() -> Vec<u8> {
    let id = |field: u8, id: u64| [&[10, 0, field][..], &id.to_be_bytes()].concat();
    let name = [&[11, 0, 3, 0, 0, 0, 3][..], b"get"].concat();
    [&[12, 0, 0, 0, 1][..], &id(1, 7), &name, &id(4, 8), &[0]].concat()
}

#[tokio::test]
async fn every_version_and_form_is_stored_and_answered_with_202_and_nothing_else() {
    let packed = gzip(JSON_V2);
    let thrift = thrift_v1();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let cases: [Case<'_>; 8] = [
        (V2, &[JSON], JSON_V2, 2),
        (V2, &[], JSON_V2, 2),
        (V2, &[form], JSON_V2, 2),
        (V2, &[JSON, GZIP], &packed, 2),
        (V2, &[PROTOBUF], PROTO_V2, 2),
        (V1, &[JSON], JSON_V1, 2),
        (V1, &[THRIFT], &thrift, 1),
        ("/zipkin/api/v2/spans", &[JSON], JSON_V2, 2),
    ];
    for (path, headers, body, stored) in cases {
        let running = server().await;
        let reply = posted(&running, path, headers, body).await;
        assert_eq!((reply.said(), running.stored()), ((202, String::new()), stored), "{path} {headers:?}");
    }
}

#[tokio::test]
async fn nothing_to_report_is_no_mistake() {
    let running = server().await;
    for (path, headers, body) in
        [(V2, JSON, "[]"), (V2, JSON, ""), (V2, PROTOBUF, ""), (V1, JSON, "[]"), (V1, THRIFT, "")]
    {
        let reply = posted(&running, path, &[headers], body.as_bytes()).await;
        assert_eq!(reply.said(), (202, String::new()), "{path} {headers:?}");
    }
    assert_eq!(running.server.counters.spans().received, 0);
}

#[tokio::test]
async fn one_bad_span_costs_no_other_and_is_counted() {
    let running = server().await;
    let body = r#"[{"traceId":"1","id":"2"},{"traceId":"g","id":"3"},{"traceId":"1","id":"4"}]"#;
    assert_eq!(posted(&running, V2, &[JSON], body.as_bytes()).await.status.as_u16(), 202);
    assert_eq!((running.stored(), running.server.counters.spans().rejected), (2, 1));
}

#[tokio::test]
async fn a_list_of_the_other_version_or_form_is_told_where_it_belongs() {
    let running = server().await;
    for (path, headers, body, expected) in [
        (V2, JSON, JSON_V1, (400, "expected a JSON_V2 encoded list, but received: JSON_V1")),
        (V1, JSON, JSON_V2, (400, "expected a JSON_V1 encoded list, but received: JSON_V2")),
        (V2, THRIFT, b"x", (415, "Thrift is taken at POST /api/v1/spans")),
        (V1, PROTOBUF, PROTO_V2, (415, "protobuf is taken at POST /api/v2/spans")),
        (V2, JSON, b"{", (400, "Zipkin JSON")),
        ("/api/v3/spans", JSON, JSON_V2, (404, "POST /api/v2/spans")),
    ] {
        let (status, text) = posted(&running, path, &[headers], body).await.said();
        assert!(status == expected.0 && text.contains(expected.1), "{path} {headers:?}: {status} {text}");
    }
    assert_eq!(running.stored(), 0);
    let reply = send(Method::GET, running.addresses.of(Door::Zipkin), V2, &[], "").await;
    assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "POST"));
}

#[tokio::test]
async fn hostile_lists_are_refused_and_the_next_one_is_served() {
    let running = server().await;
    let deep = format!("[{{\"traceId\":\"1\",\"more\":{}", "[".repeat(100_000));
    let huge = [12, 0x7f, 0xff, 0xff, 0xff, 0, 0];
    let cases = [(V2, JSON, deep.as_bytes()), (V1, THRIFT, &huge), (V2, PROTOBUF, &[0xff; 40])];
    for (path, headers, body) in cases {
        assert_eq!(posted(&running, path, &[headers], body).await.status.as_u16(), 400, "{path} {headers:?}");
    }
    let bomb = gzip(&vec![b' '; 100 << 20]);
    assert_eq!(posted(&running, V2, &[JSON, GZIP], &bomb).await.status.as_u16(), 413);
    assert_eq!(posted(&running, V2, &[JSON], JSON_V2).await.status.as_u16(), 202);
}

#[tokio::test]
async fn a_foreign_page_may_not_report_and_a_full_store_is_told_with_a_time() {
    let running = server().await;
    let reply = posted(&running, V2, &[JSON, ("origin", "https://evil.example")], JSON_V2).await;
    assert_eq!((reply.status.as_u16(), running.stored()), (403, 0));

    for (error, status) in [
        (StorageError::Overloaded("memory is full".to_owned()), 429),
        (StorageError::Unavailable("disk is low".to_owned()), 503),
    ] {
        let running = server_with(|_| {}, HostileStore::once(Mood::Refuse(error))).await;
        let reply = posted(&running, V2, &[JSON], JSON_V2).await;
        assert_eq!((reply.status.as_u16(), reply.header("retry-after")), (status, "5"));
        assert_eq!(posted(&running, V2, &[JSON], JSON_V2).await.status.as_u16(), 202);
    }
}
