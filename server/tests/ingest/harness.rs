//! A server on free ports with a store that the test can look into, and a client that speaks HTTP to it.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use model::testing::span;
use model::{Span, SpanDuration, SpanId, TraceId, UnixNanos};
use server::clock::SystemClock;
use server::config::{Config, Door};
use server::wiring::{Addresses, Server, start_on};
use storage::memory::MemoryStore;
use storage::{Clock, Store};

pub(crate) const PROTOBUF: (&str, &str) = ("content-type", "application/x-protobuf");
pub(crate) const JSON: (&str, &str) = ("content-type", "application/json");
pub(crate) const GZIP: (&str, &str) = ("content-encoding", "gzip");

/// A server and its store.
pub(crate) struct Running {
    pub(crate) server: Server,
    pub(crate) addresses: Addresses,
    pub(crate) store: Arc<dyn Store>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A server with the default settings on an empty store in memory.
pub(crate) async fn server() -> Running {
    server_with(|_| {}, Arc::new(MemoryStore::new())).await
}

/// A server with some settings changed, on this store.
pub(crate) async fn server_with(change: impl FnOnce(&mut Config), store: Arc<dyn Store>) -> Running {
    let mut config = Config::on_free_ports("unused".into());
    change(&mut config);
    let server = start_on(config, Arc::new(SystemClock), Arc::clone(&store)).await.unwrap();
    Running { addresses: server.addresses, server, store }
}

/// Spans begin in the minute before the tests do: those of long ago are marked.
static BEGIN: LazyLock<UnixNanos> = LazyLock::new(|| SystemClock.now().before(SpanDuration::from_secs(60)));

/// The begin of that minute.
pub(crate) fn begin() -> UnixNanos {
    *BEGIN
}

/// `count` spans of trace 7 with ids 1, 2, 3, ... and names `op 1`, `op 2`, ...
pub(crate) fn spans(count: u8) -> Vec<Span> {
    let span = |number: u8| {
        let span = span(7, number, None);
        let of_now = |instant: UnixNanos| BEGIN.after(SpanDuration(instant.0));
        Span { start: of_now(span.start), end: of_now(span.end), ..span }
    };
    (1..=count).map(span).collect()
}

/// `count` spans as an OTLP protobuf request.
pub(crate) fn request(count: u8) -> Vec<u8> {
    wire::otlp::encode::request_proto(&spans(count))
}

/// Replaces the only occurrence of `from` by `to`, of equal length.
pub(crate) fn patch(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let places: Vec<_> = (0..bytes.len()).filter(|place| bytes[*place..].starts_with(from)).collect();
    let [place] = places[..] else { panic!("expected one occurrence, found {places:?}") };
    bytes[place..place + to.len()].copy_from_slice(to);
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::read::GzEncoder::new(plain, flate2::Compression::fast());
    let mut packed = Vec::new();
    std::io::Read::read_to_end(&mut encoder, &mut packed).unwrap();
    packed
}

/// The real binary, which knows nothing of the settings of whoever runs the tests.
pub(crate) fn binary() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracewell"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("TRACEWELL_")) {
        command.env_remove(name);
    }
    command
}

pub(crate) async fn send(
    method: Method,
    address: Option<SocketAddr>,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let uri = format!("http://{}{path}", address.expect("the door is on"));
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = client.request(request.body(Full::new(body.into())).unwrap()).await.unwrap();
    let (head, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Reply { status: head.status, headers: head.headers, body }
}

// === impl Running ===

impl Running {
    /// `POST /v1/traces` at the OTLP HTTP door.
    pub(crate) async fn export(&self, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        send(Method::POST, self.addresses.otlp_http, "/v1/traces", headers, body).await
    }

    /// `POST` at a door for clients of other tools.
    pub(crate) async fn post(&self, door: Door, path: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Reply {
        send(Method::POST, self.addresses.of(door), path, headers, body).await
    }

    /// `GET` at the door of pages.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        send(Method::GET, self.addresses.http, path, &[], "").await
    }

    /// Spans in the store.
    pub(crate) fn stored(&self) -> u64 {
        self.store.condition().spans
    }

    /// The span `number` of trace 7.
    pub(crate) async fn span(&self, number: u8) -> Span {
        let id = SpanId::new([number; 8]).unwrap();
        self.trace(7).await.into_iter().find(|span| span.span_id == id).expect("the span is stored")
    }

    /// All spans of a trace.
    pub(crate) async fn trace(&self, number: u8) -> Vec<Span> {
        let id = TraceId::new([number; 16]).unwrap();
        let answer = self.store.trace(id, None).await.unwrap();
        answer.value.map(|stored| stored.trace.into_spans()).unwrap_or_default()
    }

    /// Stops it as a signal would.
    pub(crate) async fn stop(self) {
        self.server.stop(std::future::pending()).await.unwrap();
    }
}

// === impl Reply ===

impl Reply {
    /// Status and text, for assertions on both.
    pub(crate) fn said(&self) -> (u16, String) {
        (self.status.as_u16(), String::from_utf8_lossy(&self.body).into_owned())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
