//! What Jaeger's clients are told about sampling, at both doors, and what becomes of a wrong file.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;

use http::Method;
use server::config::Door;
use storage::memory::MemoryStore;

use crate::harness::*;

const STRATEGIES: &str = r#"{"service_strategies": [{"service": "shop & co", "type": "ratelimiting", "param": 42}],
    "default_strategy": {"type": "probabilistic", "param": 0.001}}"#;

async fn asked(running: &Running, door: Door, path: &str) -> (u16, String) {
    send(Method::GET, running.addresses.of(door), path, &[], "").await.said()
}

#[tokio::test]
async fn without_a_file_every_client_is_told_to_sample_everything() {
    let running = server().await;
    let everything = r#"{"strategyType":"PROBABILISTIC","probabilisticSampling":{"samplingRate":1.0}}"#;
    let paths = [(Door::Sampling, "/sampling"), (Door::Sampling, "/"), (Door::JaegerHttp, "/api/sampling")];
    for (door, path) in paths {
        let reply = send(Method::GET, running.addresses.of(door), &format!("{path}?service=shop"), &[], "").await;
        assert_eq!(reply.said(), (200, everything.to_owned()), "{path}");
        assert_eq!(reply.header("content-type"), "application/json");
    }
    assert_eq!(asked(&running, Door::Sampling, "/baggageRestrictions?service=a").await, (200, "[]".to_owned()));
}

#[tokio::test]
async fn a_file_says_what_each_service_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("strategies.json");
    std::fs::write(&path, STRATEGIES).unwrap();
    let with_file = |config: &mut server::config::Config| config.sampling_strategies = Some(path.clone());
    let running = server_with(with_file, Arc::new(MemoryStore::new())).await;
    let limited = r#"{"strategyType":"RATE_LIMITING","rateLimitingSampling":{"maxTracesPerSecond":42}}"#;
    assert_eq!(asked(&running, Door::Sampling, "/sampling?service=shop+%26%20co").await, (200, limited.to_owned()));
    let (_, other) = asked(&running, Door::JaegerHttp, "/api/sampling?service=other").await;
    assert!(other.contains(r#""samplingRate":0.001"#), "{other}");
}

#[tokio::test]
async fn a_question_that_names_no_service_or_two_is_told_what_is_missing() {
    let running = server().await;
    let once = (400, "'service' parameter must be provided once\n".to_owned());
    for query in ["", "?service=a&service=b", "?services=a"] {
        assert_eq!(asked(&running, Door::Sampling, &format!("/sampling{query}")).await, once, "{query}");
    }
    assert_eq!(asked(&running, Door::Sampling, "/api/traces").await.0, 404);
    let reply = send(Method::POST, running.addresses.of(Door::Sampling), "/sampling?service=a", &[], "").await;
    assert_eq!((reply.status.as_u16(), reply.header("allow")), (405, "GET"));
}

#[test]
fn a_file_that_is_wrong_ends_the_start_and_says_where() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("strategies.json");
    std::fs::write(&path, r#"{"default_strategy": {"type": "probabilistic", "param": 2}}"#).unwrap();
    let free = ["--doors", "named", "--http", "127.0.0.1:0", "--otlp-grpc", "off", "--otlp-http", "off"];
    let mut command = binary();
    command.arg("serve").args(free).arg("--sampling-strategies").arg(&path).current_dir(dir.path());
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut ready = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    // Also when it serves after all: nothing of a test may stay behind.
    drop(process.kill());
    let said = String::from_utf8_lossy(&process.wait_with_output().unwrap().stderr).into_owned();
    assert_eq!(ready, "", "{said}");
    assert!(said.contains("cannot use the sampling strategies: the default: ") && said.contains("not 2: "), "{said}");
}
