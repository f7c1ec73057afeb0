//! Calls that were reported are edges of the map, in our own API and in Jaeger's.

use http::Method;
use model::testing::{resource, span};
use model::{Span, SpanDuration, SpanId, SpanKind, StatusCode};

use crate::harness::*;
use crate::process::Process;

/// A span of trace 7 that begins in the minute before the tests and takes `id` milliseconds.
fn half(id: u8, parent: u8, service: &str, kind: SpanKind) -> Span {
    let start = begin();
    Span {
        resource: resource(service),
        kind,
        start,
        end: start.after(SpanDuration::from_millis(id.into())),
        ..span(7, id, SpanId::new([parent; 8]))
    }
}

fn with(mut span: Span, attributes: &[(&str, &str)]) -> Span {
    attributes.iter().for_each(|(key, value)| span.attributes.set(*key, *value));
    span
}

/// A request of a user to `web`, which asks `cart`, which fails after it has asked all kinds of others.
fn calls() -> Vec<Span> {
    let queue = [("messaging.system", "kafka"), ("messaging.destination.name", "orders")];
    let mut failed = half(3, 2, "cart", SpanKind::Server);
    failed.status.code = StatusCode::Error;
    vec![
        half(1, 0, "web", SpanKind::Server),
        half(2, 1, "web", SpanKind::Client),
        failed,
        with(half(4, 3, "cart", SpanKind::Client), &[("db.system.name", "postgresql"), ("server.address", "db")]),
        with(half(5, 3, "cart", SpanKind::Client), &[("db.system", "redis")]),
        with(half(6, 3, "cart", SpanKind::Producer), &queue),
        with(half(7, 6, "email", SpanKind::Consumer), &queue),
        with(half(8, 3, "cart", SpanKind::Client), &[("server.address", "api.example.com")]),
    ]
}

/// `web -> cart (call) 1 of which 1 failed` for each edge of an answer.
fn drawn(answer: &serde_json::Value) -> Vec<String> {
    let line = |edge: &serde_json::Value| {
        let node = |side: &str| format!("{} {}", edge[side]["kind"], edge[side]["name"]).replace('"', "");
        let word = edge["connection"].as_str().unwrap();
        let (client, server) = (&edge["client_side"]["calls"], &edge["server_side"]["calls"]);
        let counts = format!("{}: {client}/{server} failed {}", edge["calls"], edge["errors"]);
        format!("{} -> {} {word} {counts} provisional {}", node("client"), node("server"), edge["calls_provisional"])
    };
    answer["edges"].as_array().unwrap().iter().map(line).collect()
}

async fn get(process: &Process, path: &str) -> serde_json::Value {
    let (status, body) = send(Method::GET, Some(process.http), path, &[], "").await.said();
    assert_eq!(status, 200, "{path}: {body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn calls_sent_over_otlp_are_edges_of_all_kinds_and_survive_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path());
    assert_eq!(process.export(wire::otlp::encode::request_proto(&calls())).await, 200);
    let expected = [
        "service cart -> database postgresql@db call 1: 1/0 failed 0 provisional 0",
        "service cart -> cache redis call 1: 1/0 failed 0 provisional 0",
        "service cart -> messaging kafka/orders messaging 1: 1/0 failed 0 provisional 0",
        "service cart -> external api.example.com call 1: 1/0 failed 0 provisional 1",
        "service web -> service cart call 1: 1/1 failed 1 provisional 0",
        "messaging kafka/orders -> service email messaging 1: 0/1 failed 0 provisional 0",
        "user user -> service web call 1: 0/1 failed 0 provisional 0",
    ];
    let answer = get(&process, api::routes::EDGES).await;
    assert_eq!(drawn(&answer), expected);
    assert_eq!((&answer["total"], &answer["completeness"]["complete"]), (&7.into(), &true.into()));
    let called = &answer["edges"][4];
    let nanos = |side: &str| called[side]["p50"].as_str().unwrap().parse::<f64>().unwrap();
    assert!((nanos("client_side") / 2e6 - 1.0).abs() < 0.016 && (nanos("server_side") / 3e6 - 1.0).abs() < 0.016);
    assert_eq!(
        (&called["slowest_trace_id"], &called["failed_trace_id"]),
        (&"07".repeat(16).into(), &"07".repeat(16).into())
    );

    process.kill();
    let process = Process::start(dir.path());
    assert_eq!(drawn(&get(&process, api::routes::EDGES).await), expected, "after a kill");
    let final_only = get(&process, &format!("{}?provisional=false", api::routes::EDGES)).await;
    assert_eq!(drawn(&final_only).len(), 6, "what may still change is left out when asked");
    let dependencies = get(&process, "/api/dependencies").await;
    let pair = |parent: &str, child: &str| serde_json::json!({"parent": parent, "child": child, "callCount": 1});
    let pairs = [
        pair("cart", "api.example.com"),
        pair("cart", "kafka/orders"),
        pair("cart", "postgresql@db"),
        pair("cart", "redis"),
        pair("kafka/orders", "email"),
        pair("web", "cart"),
    ];
    assert_eq!(dependencies["data"], serde_json::json!(pairs));
}
