//! Requests like those of an online shop: twenty services on three machines each, 512 spans a body, grouped by resource,
//! about 466 bytes a span. The same bytes on every platform. Not here: what is measured.

use std::sync::Arc;

use model::{
    Attribute, Attributes, Event, Resource, Scope, Span, SpanId, SpanKind, Status, StatusCode, TraceId, UnixNanos,
    Value, Warnings,
};

pub(crate) const SPANS_PER_BODY: usize = 512;

const SERVICES: [&str; 20] = [
    "frontend",
    "frontend-proxy",
    "cart",
    "checkout",
    "payment",
    "shipping",
    "email",
    "currency",
    "recommendation",
    "product-catalog",
    "ad",
    "quote",
    "accounting",
    "fraud-detection",
    "image-provider",
    "load-generator",
    "kafka",
    "valkey-cart",
    "postgres",
    "flagd",
];
const INSTANCES: u64 = 3;
/// Traces whose spans end at about the same time, so that one body holds parts of them all.
const TRACES_AT_ONCE: u64 = 60;
const AGENTS: u64 = 12;

/// SplitMix64.
struct Random(u64);

/// Spans of one body.
pub(crate) fn spans(seed: u64) -> Vec<Span> {
    let mut random = Random(seed);
    let scope = Arc::new(Scope {
        name: "io.opentelemetry.contrib.shop".to_owned(),
        version: "1.32.0".to_owned(),
        ..Scope::default()
    });
    let resources: Vec<_> = (0..SERVICES.len() as u64 * INSTANCES).map(resource).collect();
    let traces: Vec<_> = (0..TRACES_AT_ONCE).map(|_| [random.next(), random.next()]).collect();
    let mut now = 1_760_000_000_000_000_000;
    let span = |_| {
        now += random.below(200_000);
        let instance = random.below(resources.len() as u64) as usize;
        let trace = traces[random.below(TRACES_AT_ONCE) as usize];
        let mut span = operation(&mut random, SERVICES[instance / INSTANCES as usize], now, trace);
        span.resource = Arc::clone(&resources[instance]);
        span.scope = Arc::clone(&scope);
        span
    };
    (0..SPANS_PER_BODY).map(span).collect()
}

fn resource(number: u64) -> Arc<Resource> {
    let (service, instance) = (SERVICES[(number / INSTANCES) as usize], number % INSTANCES);
    let language = ["go", "java", "python", "nodejs"][(number / INSTANCES % 4) as usize];
    let pod = format!("{service}-7d9f8b6c5-x{number:04}");
    let attributes = vec![
        text("service.name", service),
        text("service.namespace", "shop"),
        text("service.version", "2.1.3"),
        text("service.instance.id", format!("{service}-{instance}-6f1c2a9e")),
        text("telemetry.sdk.language", language),
        text("telemetry.sdk.name", "opentelemetry"),
        text("telemetry.sdk.version", "1.32.0"),
        text("k8s.pod.name", pod.clone()),
        text("k8s.namespace.name", "shop"),
        text("k8s.node.name", format!("node-{}", number % 5)),
        text("host.name", pod),
        text("os.type", "linux"),
        Attribute { key: "process.pid".to_owned(), value: Value::Int(1000 + number as i64) },
        text("deployment.environment.name", "production"),
    ];
    Arc::new(Resource {
        attributes: Attributes::from_pairs(attributes),
        attributes_dropped: 0,
        schema_url: "https://opentelemetry.io/schemas/1.32.0".to_owned(),
    })
}

fn operation(random: &mut Random, service: &str, now: u64, trace: [u64; 2]) -> Span {
    let number = random.below(14);
    let (name, kind, attributes) = match number {
        0..4 => (format!("GET /api/{service}/{{id}}/{number}"), SpanKind::Server, http(random, service, number)),
        4..10 => {
            let kind = if number % 2 == 1 { SpanKind::Client } else { SpanKind::Server };
            (format!("oteldemo.{service}.Service/Method{number}"), kind, rpc(random, service, number))
        }
        10 => (format!("SELECT shop.{service}"), SpanKind::Client, database(random, service)),
        11 => (format!("orders-{service} publish"), SpanKind::Producer, messaging(random, service)),
        _ => (format!("compute_{service}_{number}"), SpanKind::Internal, internal(random)),
    };
    let trace = [trace[0].to_be_bytes(), trace[1].to_be_bytes()].concat();
    let duration = 1 << (16 + random.below(12));
    let failed = random.below(100) == 0;
    Span {
        trace_id: TraceId::from_slice(&trace).expect("sixteen bytes, not all zero"),
        span_id: SpanId::new((random.next() | 1).to_be_bytes()).expect("odd"),
        parent_span_id: (random.below(23) > 0).then(|| SpanId::new((random.next() | 1).to_be_bytes()).expect("odd")),
        trace_state: String::new(),
        flags: 0x101,
        name,
        kind,
        start: UnixNanos(now - duration - random.below(duration)),
        end: UnixNanos(now),
        attributes: Attributes::from_pairs(attributes),
        attributes_dropped: 0,
        events: if random.below(20) == 0 { vec![event(random, now)] } else { Vec::new() },
        events_dropped: 0,
        links: Vec::new(),
        links_dropped: 0,
        status: if failed {
            Status { code: StatusCode::Error, message: "upstream connect error".to_owned() }
        } else {
            Status::default()
        },
        resource: Arc::default(),
        scope: Arc::default(),
        warnings: Warnings::NONE,
    }
}

fn http(random: &mut Random, service: &str, number: u64) -> Vec<Attribute> {
    let status = [200, 304, 404, 500][usize::from(random.below(100) >= 94) * random.below(4) as usize];
    vec![
        text("http.request.method", "GET"),
        text("http.route", format!("/api/{service}/{{id}}/{number}")),
        int("http.response.status_code", status),
        text("url.scheme", "http"),
        text("url.path", format!("/api/{service}/{}", random.below(10))),
        text("network.protocol.version", "1.1"),
        text("client.address", address(random, 4)),
        int("network.peer.port", 32_768 + random.below(28_232)),
        text("server.address", service),
        int("server.port", 8080),
        text(
            "user_agent.original",
            format!("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Safari/537.36 shop/{}", random.below(AGENTS)),
        ),
        text("app.user.id", format!("{:012x}", random.next() >> 16)),
    ]
}

fn rpc(random: &mut Random, service: &str, number: u64) -> Vec<Attribute> {
    vec![
        text("rpc.system", "grpc"),
        text("rpc.service", format!("oteldemo.{service}.Service")),
        text("rpc.method", format!("Method{number}")),
        int("rpc.grpc.status_code", 0),
        text("network.transport", "tcp"),
        text("network.type", "ipv4"),
        text("network.peer.address", address(random, 8)),
        int("network.peer.port", 32_768 + random.below(28_232)),
        text("server.address", service),
        int("server.port", 9090),
    ]
}

fn database(random: &mut Random, service: &str) -> Vec<Attribute> {
    vec![
        text("db.system.name", "postgresql"),
        text("db.namespace", "shop"),
        text("db.operation.name", "SELECT"),
        text("db.collection.name", service),
        text("db.query.text", "SELECT id, name, price FROM items WHERE id = $1 LIMIT 10"),
        text("app.product.id", format!("PRODUCT-{}", random.below(10))),
        int("db.response.returned_rows", random.below(10)),
    ]
}

fn messaging(random: &mut Random, service: &str) -> Vec<Attribute> {
    vec![
        text("messaging.system", "kafka"),
        text("messaging.destination.name", format!("orders-{service}")),
        text("messaging.operation.type", "send"),
        text("messaging.destination.partition.id", format!("{}", random.below(6))),
        int("messaging.kafka.offset", random.below(10_000_000)),
        text("messaging.client.id", "producer-1"),
    ]
}

fn internal(random: &mut Random) -> Vec<Attribute> {
    vec![
        text("code.function.name", "shop.pricing.compute"),
        text("thread.name", "worker"),
        int("thread.id", random.below(32)),
        Attribute { key: "app.cached".to_owned(), value: Value::Bool(random.below(2) == 0) },
    ]
}

fn event(random: &mut Random, now: u64) -> Event {
    Event {
        time: UnixNanos(now - random.below(10_000)),
        name: "retry".to_owned(),
        attributes: Attributes::from_pairs(vec![int("attempt", random.below(3)), text("reason", "timeout")]),
        attributes_dropped: 0,
    }
}

fn address(random: &mut Random, networks: u64) -> String {
    format!("10.{}.{}.{}", random.below(networks), random.below(256), random.below(256))
}

fn text(key: &str, value: impl Into<String>) -> Attribute {
    Attribute { key: key.to_owned(), value: Value::String(value.into()) }
}

fn int(key: &str, value: u64) -> Attribute {
    Attribute { key: key.to_owned(), value: Value::Int(value as i64) }
}

// === impl Random ===

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
