//! Sockets themselves: names, numbers, and the paths that watchers ask.

use std::sync::Arc;

use http::Method;
use server::clock::SystemClock;
use server::config::{Config, Door, DoorAddress};
use server::wiring::start_on;
use storage::memory::MemoryStore;

use crate::harness::*;

#[tokio::test]
async fn a_rebound_name_reads_nothing_on_a_loopback_address() {
    let running = server().await;
    for path in ["/health", "/metrics", "/api/services"] {
        let reply = send(Method::GET, running.addresses.http, path, &[("host", "evil.example:16686")], "").await;
        assert_eq!(reply.status.as_u16(), 403, "{path}");
    }
    let reply = send(Method::GET, running.addresses.http, "/health", &[("host", "localhost:1")], "").await;
    assert_eq!(reply.status.as_u16(), 200);
}

#[tokio::test]
async fn health_tells_version_and_damage() {
    let running = server().await;
    let expected = format!(
        r#"{{"status":"ok","version":"{}","quarantined":[],"stalled":[],"doors_closed":[],"clients_losing":[]}}"#,
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(running.get("/health").await.said(), (200, expected));
    assert_eq!(running.get("/ready").await.said(), (200, r#"{"ready":true,"reasons":[]}"#.to_owned()));
}

#[tokio::test]
async fn a_door_that_is_off_is_not_opened() {
    let off = |config: &mut server::config::Config| config.otlp_grpc = None;
    let running = server_with(off, std::sync::Arc::new(storage::memory::MemoryStore::new())).await;
    assert_eq!(running.addresses.otlp_grpc, None);
    assert!(running.addresses.to_string().contains("OTLP gRPC off"), "{}", running.addresses);
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_closed_and_counted() {
    let one = |config: &mut server::config::Config| config.connections.connections_max = 1;
    let running = server_with(one, std::sync::Arc::new(storage::memory::MemoryStore::new())).await;
    let address = running.addresses.otlp_http.unwrap();
    let _first = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut second = tokio::net::TcpStream::connect(address).await.unwrap();
    let read = tokio::io::AsyncReadExt::read(&mut second, &mut [0]).await;
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    let (_, text) = running.get("/metrics").await.said();
    assert!(text.contains("\ntracewell_connections_refused_total 1\n"), "{text}");
}

#[tokio::test]
async fn a_door_whose_usual_port_is_taken_stays_closed_and_one_that_was_named_must_open() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap();
    let taken = |is_named| {
        let mut config = Config::on_free_ports("unused".into());
        config.doors.set(Door::Zipkin, Some(DoorAddress { address, is_named }));
        config
    };
    let start = |config| start_on(config, Arc::new(SystemClock), Arc::new(MemoryStore::new()));
    let server = start(taken(false)).await.unwrap();
    assert_eq!(server.addresses.of(Door::Zipkin), None);
    assert!(server.addresses.of(Door::JaegerHttp).is_some(), "the others are open");
    let (status, text) = send(Method::GET, server.addresses.http, "/health", &[], "").await.said();
    assert!(status == 200 && text.contains(&format!("cannot listen on {address} for zipkin")), "{status} {text}");

    let error = format!("{:#}", start(taken(true)).await.err().expect("refused"));
    assert!(error.contains("cannot listen on") && error.contains("--zipkin off"), "{error}");
}
