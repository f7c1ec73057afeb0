//! The routes as clients meet them, over an in-memory store: one request in, one answer out.

mod jaeger;
mod own;
mod page;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt as _;
use model::testing::{resource, span};
use model::{BatchBuilder, Span, SpanId, SpanKind, StatusCode as SpanStatus, TraceId, UnixNanos, Value};
use storage::memory::MemoryStore;
use storage::{Clock, SpanWriter as _};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::*;
use crate::query::QueryLimits;

/// 2023-11-14T22:13:20Z
const NOW: UnixNanos = UnixNanos(1_700_000_000_000_000_000);

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> UnixNanos {
        NOW
    }
}

/// A server without sockets.
struct Bench {
    store: Arc<MemoryStore>,
    router: Router,
    folder: tempfile::TempDir,
}

/// An answer, read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Bench {
    fn new() -> Bench {
        let store = Arc::new(MemoryStore::new());
        let clock: Arc<dyn Clock> = Arc::new(StoppedClock);
        let doors = vec![api::Door { protocol: "OTLP HTTP".to_owned(), address: Some("127.0.0.1:4318".to_owned()) }];
        let limits = QueryLimits { wait: Duration::ZERO, ..QueryLimits::default() };
        let query = QueryService::new(store.clone(), Arc::clone(&clock), limits, doors);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let settings = HttpSettings { site: Some(folder.path().to_owned()), ..HttpSettings::default() };
        let state = HttpState::new(query, LiveHub::new(clock), settings, CancellationToken::new());
        Bench { store, router: router(state), folder }
    }

    async fn with(spans: &[Span]) -> Bench {
        let bench = Bench::new();
        bench.store(spans).await;
        bench
    }

    async fn store(&self, spans: &[Span]) {
        let mut builder = BatchBuilder::new();
        spans.iter().for_each(|span| builder.push(span));
        self.store.write(Arc::new(builder.finish().expect("tests store spans"))).await.expect("memory takes them");
    }

    async fn get(&self, address: &str) -> Answer {
        self.get_with(address, &[]).await
    }

    async fn get_with(&self, address: &str, headers: &[(header::HeaderName, &str)]) -> Answer {
        let mut request = Request::get(address);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        self.send(request.body(Body::empty()).expect("a valid request")).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response: Response = self.router.clone().oneshot(request).await.expect("routers do not fail");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("bodies of tests end").to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("no JSON ({error}): {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("(absent)")
    }
}

/// Trace 1: a request to `gateway` that calls `payments`, which fails. Ten seconds before now.
fn shop_trace() -> Vec<Span> {
    let start = NOW.0 - 10_000_000_000;
    let mut root = span(1, 1, None);
    root.resource = resource("gateway");
    root.name = "POST /pay".to_owned();
    root.kind = SpanKind::Server;
    (root.start, root.end) = (UnixNanos(start), UnixNanos(start + 300_000_000));
    let mut child = span(1, 2, SpanId::new([1; 8]));
    child.resource = resource("payments");
    child.name = "charge".to_owned();
    child.kind = SpanKind::Client;
    child.status.code = SpanStatus::Error;
    child.attributes.set("card", "4111");
    child.attributes.set("amount", Value::Int(i64::MAX));
    (child.start, child.end) = (UnixNanos(start + 1_000_000), UnixNanos(start + 201_000_000));
    vec![root, child]
}

fn id_text(byte: u8) -> String {
    TraceId::new([byte; 16]).expect("not zero").to_string()
}
