//! Batches in datagrams: nobody is answered, so what is stored and what is counted must tell everything.

use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use model::{Span, TraceId};
use server::config::{Config, Door};
use storage::StorageError;
use storage::memory::MemoryStore;

use crate::harness::*;
use crate::hostile_store::{Gate, HostileStore, Mood};
use crate::thrift::{Batch, Form};

/// What jaeger-client for Python and for Node sent: two spans each.
const COMPACT: &[u8] = include_bytes!("../../../crates/wire/fixtures/jaeger/python-udp-compact.thrift");
const BINARY: &[u8] = include_bytes!("../../../crates/wire/fixtures/jaeger/node-udp-binary.thrift");

const GIVE_UP: Duration = Duration::from_secs(30);

/// A client with a socket of its own.
struct Client(UdpSocket);

impl Client {
    fn new() -> Client {
        Client(UdpSocket::bind("127.0.0.1:0").unwrap())
    }

    fn send(&self, running: &Running, door: Door, datagram: &[u8]) {
        let address = running.addresses.of(door).unwrap();
        assert_eq!(self.0.send_to(datagram, address).unwrap(), datagram.len());
    }
}

impl Running {
    /// Waits until so many spans are stored.
    async fn until_stored(&self, spans: u64) {
        until(|| self.stored() >= spans).await;
    }

    /// Waits until so many datagrams were dropped for this reason.
    async fn until_dropped(&self, reason: &str, count: u64) {
        until(|| self.server.counters.datagrams.dropped_total(reason) >= count).await;
    }
}

/// Waits for what nobody tells; gives up long after it should have been.
async fn until(holds: impl Fn() -> bool) {
    let waited = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(GIVE_UP, waited).await.expect("it never came");
}

/// One span of a trace of its own.
fn lone_span(number: u8) -> Vec<Span> {
    let span = spans(1).remove(0);
    vec![Span { trace_id: TraceId::new([number; 16]).unwrap(), ..span }]
}

#[tokio::test]
async fn datagrams_of_both_forms_are_stored() {
    let running = server().await;
    let client = Client::new();
    client.send(&running, Door::JaegerUdpCompact, COMPACT);
    client.send(&running, Door::JaegerUdpBinary, BINARY);
    client.send(&running, Door::JaegerUdpCompact, &Batch::of(spans(3)).datagram(Form::Compact));
    running.until_stored(7).await;
    client.send(&running, Door::JaegerUdpBinary, &Batch::of(lone_span(9)).datagram(Form::Binary));
    running.until_stored(8).await;
    let names: Vec<_> = running.trace(7).await.into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["op 1", "op 2", "op 3"]);
}

#[tokio::test]
async fn a_datagram_of_the_greatest_size_is_stored_whole() {
    let running = server().await;
    let mut span = spans(1).remove(0);
    // 65,507 bytes are the most that IPv4 carries.
    span.name = "x".repeat(65_000);
    let datagram = Batch::of(vec![span]).datagram(Form::Compact);
    assert!(datagram.len() > 65_000 && datagram.len() <= 65_507, "{}", datagram.len());
    Client::new().send(&running, Door::JaegerUdpCompact, &datagram);
    running.until_stored(1).await;
    assert_eq!(running.span(1).await.name.len(), 65_000);
}

#[tokio::test]
async fn what_is_no_batch_is_counted_and_the_next_one_is_stored() {
    let running = server().await;
    let client = Client::new();
    let cut = &COMPACT[..COMPACT.len() / 2];
    let huge = b"\x80\x01\0\x04\0\0\0\x09emitBatch\0\0\0\x01\x0c\0\x01\x0f\0\x02\x0c\x7f\xff\xff\xff";
    for noise in [&b""[..], b"noise", cut, BINARY, huge, &[0x82; 65_507]] {
        client.send(&running, Door::JaegerUdpCompact, noise);
    }
    running.until_dropped("malformed", 6).await;
    client.send(&running, Door::JaegerUdpCompact, COMPACT);
    running.until_stored(2).await;
    let (_, text) = running.get("/metrics").await.said();
    assert!(text.contains("\ntracewell_datagrams_dropped_total{reason=\"malformed\"} 6\n"), "{text}");
    assert!(text.contains("\ntracewell_datagrams_received_total 7\n"), "{text}");
    assert!(text.contains("\ntracewell_in_flight_bytes 0\n"), "{text}");
}

#[tokio::test]
async fn a_store_that_refuses_for_a_moment_costs_no_datagram() {
    let overloaded = Mood::Refuse(StorageError::Overloaded("memory is full".to_owned()));
    let running = server_with(|_| {}, HostileStore::once(overloaded)).await;
    Client::new().send(&running, Door::JaegerUdpCompact, COMPACT);
    running.until_stored(2).await;
    assert_eq!(running.server.counters.datagrams.dropped_total("store_refused"), 0);
}

#[tokio::test]
async fn a_store_that_refuses_for_too_long_costs_the_datagram_and_it_is_counted() {
    let at_once = |config: &mut Config| config.udp.store_wait = Duration::ZERO;
    let refuses = Mood::Refuse(StorageError::Unavailable("disk is low".to_owned()));
    let running = server_with(at_once, HostileStore::once(refuses)).await;
    let client = Client::new();
    client.send(&running, Door::JaegerUdpCompact, COMPACT);
    running.until_dropped("store_refused", 1).await;
    client.send(&running, Door::JaegerUdpBinary, BINARY);
    running.until_stored(2).await;
}

#[tokio::test]
async fn a_write_that_hangs_does_not_keep_the_socket_from_being_read() {
    let gate = Gate::shut();
    let running = server_with(|_| {}, HostileStore::once(Mood::Wait(Arc::clone(&gate)))).await;
    let client = Client::new();
    client.send(&running, Door::JaegerUdpCompact, COMPACT);
    gate.arrived().await;
    client.send(&running, Door::JaegerUdpBinary, BINARY);
    running.until_stored(2).await;
    gate.go.add_permits(1);
    running.until_stored(4).await;
}

#[tokio::test]
async fn what_the_kernel_took_in_before_the_end_is_stored() {
    let running = server().await;
    let client = Client::new();
    for number in 1..=100 {
        client.send(&running, Door::JaegerUdpCompact, &Batch::of(lone_span(number)).datagram(Form::Compact));
    }
    let store = Arc::clone(&running.store);
    running.stop().await;
    assert_eq!(store.condition().spans, 100);
}

#[tokio::test]
async fn batches_that_never_came_are_counted_by_client() {
    let running = server().await;
    let (one, other) = (Client::new(), Client::new());
    let batch = |number: u8, sequence| Batch { sequence: Some(sequence), ..Batch::of(lone_span(number)) };
    let mut stored = 0;
    // Both count from one; only one of them loses batches.
    for (number, (client, sequence)) in (1..).zip([(&one, 1), (&other, 1), (&one, 2), (&other, 4), (&one, 3)]) {
        client.send(&running, Door::JaegerUdpCompact, &batch(number, sequence).datagram(Form::Compact));
        stored += 1;
        running.until_stored(stored).await;
    }
    let (_, text) = running.get("/health").await.said();
    let losing = format!("shop ({}): 2 batches missing", other.0.local_addr().unwrap());
    assert!(text.contains(&losing), "{text}");
    assert!(!text.contains(&one.0.local_addr().unwrap().to_string()), "{text}");
}

#[tokio::test]
async fn noise_at_full_speed_keeps_nobody_else_from_reporting() {
    let running = server_with(|_| {}, Arc::new(MemoryStore::new())).await;
    let address = running.addresses.of(Door::JaegerUdpBinary).unwrap();
    let noise = std::thread::spawn(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        // The kernel drops what finds no place; that is what it is for.
        (0..30_000_u32).filter(|number| socket.send_to(&number.to_be_bytes(), address).is_ok()).count()
    });
    for number in 1..=20 {
        let spans: Vec<_> = lone_span(number);
        let reply = running.export(&[PROTOBUF], wire::otlp::encode::request_proto(&spans)).await;
        assert_eq!(reply.status.as_u16(), 200);
    }
    assert!(noise.join().unwrap() > 0);
    // A batch may be among what the kernel drops: a client sends more than one.
    until(|| {
        Client::new().send(&running, Door::JaegerUdpBinary, &Batch::of(lone_span(21)).datagram(Form::Binary));
        running.stored() == 21
    })
    .await;
    assert!(running.server.counters.datagrams.dropped_total("malformed") > 0);
}
