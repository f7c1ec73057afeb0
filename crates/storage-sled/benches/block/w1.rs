//! Spans like those of workload W1: a demo shop of 20 services. Not here: the workload itself, which is made of OTLP bodies.

use std::sync::Arc;

use model::{
    Attributes, BatchBuilder, Event, Resource, Scope, Span, SpanBatch, SpanDuration, SpanId, SpanKind, Status,
    StatusCode, TraceId, UnixNanos, Value, Warnings,
};

use super::random::Random;

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
const OPERATIONS: u64 = 14;
const BATCH_SPANS: usize = 512;
const DAY: u64 = 1_767_225_600_000_000_000;

/// `rows` spans in the order in which they end, 512 a batch, each batch grouped by resource.
pub(crate) fn batches(seed: u64, rows: usize) -> Vec<SpanBatch> {
    let mut shop = Shop::new(seed);
    let mut spans = Vec::with_capacity(rows + 5_000);
    while spans.len() < rows {
        shop.trace(&mut spans);
    }
    spans.truncate(rows);
    spans.sort_by_key(|span| span.end);
    let batch = |spans: &mut [Span]| {
        spans.sort_by_key(|span| Arc::as_ptr(&span.resource).addr());
        let mut builder = BatchBuilder::new();
        spans.iter().for_each(|span| builder.push(span));
        builder.finish().expect("a chunk is not empty")
    };
    spans.chunks_mut(BATCH_SPANS).map(batch).collect()
}

struct Shop {
    random: Random,
    resources: Vec<Arc<Resource>>,
    scope: Arc<Scope>,
    now: u64,
}

impl Shop {
    fn new(seed: u64) -> Shop {
        let mut random = Random::new(seed);
        let resource = |number: u64| Arc::new(resource(&mut random, number));
        let resources = (0..SERVICES.len() as u64 * INSTANCES).map(resource).collect();
        let scope = Arc::new(Scope { name: "demo".into(), version: "1.9.0".into(), ..Scope::default() });
        Shop { random, resources, scope, now: DAY }
    }

    fn trace(&mut self, spans: &mut Vec<Span>) {
        self.now += (-self.random.unit().ln() * 2_000_000.0) as u64;
        let trace_id = (u128::from(self.random.bits()) << 64 | u128::from(self.random.bits())).to_be_bytes();
        let size = match self.random.percent(2) {
            true => (100.0 / self.random.unit().powf(1.0 / 1.1)).min(5_000.0),
            false => self.random.lognormal(2.3, 0.9).max(1.0),
        };
        let first = spans.len();
        let mut services = Vec::new();
        for number in 0..size as usize {
            let parent = (number > 0).then(|| number - 1 - self.random.below(number.min(6) as u64) as usize);
            let service = match parent {
                None => self.random.below(3),
                Some(parent) if self.random.percent(50) => services[parent],
                Some(_) => self.random.below(SERVICES.len() as u64),
            };
            services.push(service);
            let mut span = self.span(service);
            span.trace_id = TraceId::new(trace_id).expect("random, so not zero");
            span.start = UnixNanos(self.now);
            if let Some(parent) = parent.map(|parent| &spans[first + parent]) {
                span.parent_span_id = Some(parent.span_id);
                let room = (parent.duration().0 / 4 + 2_000).max(2_000);
                span.start = parent.start.after(SpanDuration(1_000 + self.random.below(room - 1_000)));
            }
            let duration = self.random.lognormal(15.0, 1.6) as u64;
            span.end = span.start.after(SpanDuration(duration));
            for event in &mut span.events {
                event.time = span.start.after(SpanDuration(self.random.below(duration + 1)));
            }
            spans.push(span);
        }
    }

    fn span(&mut self, service: u64) -> Span {
        let operation = self.random.below(OPERATIONS);
        let instance = self.random.below(INSTANCES);
        let (kind, name, attributes) = self.operation(service, operation);
        let failed = self.random.percent(1);
        let message = if failed { "upstream connect error or disconnect before headers" } else { "" };
        let code = if failed { StatusCode::Error } else { StatusCode::Unset };
        let mut events = Vec::new();
        if self.random.percent(5) {
            let mut attributes = Attributes::new();
            attributes.set("message.type", "SENT");
            attributes.set("message.id", self.random.below(50) as i64);
            events.push(Event { time: UnixNanos(0), name: "message".into(), attributes, attributes_dropped: 0 });
        }
        Span {
            trace_id: TraceId::new([1; 16]).expect("not zero"),
            span_id: SpanId::new(self.random.bits().to_be_bytes()).expect("random, so not zero"),
            parent_span_id: None,
            trace_state: String::new(),
            flags: 0x101,
            name,
            kind,
            start: UnixNanos(0),
            end: UnixNanos(0),
            attributes,
            attributes_dropped: 0,
            events,
            events_dropped: 0,
            links: Vec::new(),
            links_dropped: 0,
            status: Status { code, message: message.into() },
            resource: Arc::clone(&self.resources[(service * INSTANCES + instance) as usize]),
            scope: Arc::clone(&self.scope),
            warnings: Warnings::NONE,
        }
    }

    fn operation(&mut self, service: u64, operation: u64) -> (SpanKind, String, Attributes) {
        let name = SERVICES[service as usize];
        match operation {
            0..4 => {
                let method = ["GET", "POST", "PUT", "DELETE"][operation as usize];
                (SpanKind::Server, format!("{method} /api/{name}/{{id}}"), self.http(name, method))
            }
            4..10 => {
                let kind = if operation % 2 == 1 { SpanKind::Client } else { SpanKind::Server };
                (kind, format!("oteldemo.{name}/Call{operation}"), self.rpc(name, operation))
            }
            10 => (SpanKind::Client, format!("SELECT {name}"), self.database(name)),
            11 => (SpanKind::Producer, format!("{name} publish"), self.messaging(name)),
            _ => (SpanKind::Internal, format!("{name} work {operation}"), self.internal(name, operation)),
        }
    }

    fn http(&mut self, name: &str, method: &str) -> Attributes {
        let status = match self.random.below(100) {
            0..94 => 200,
            94..97 => 304,
            97..99 => 404,
            _ => 500,
        };
        let random = &mut self.random;
        let client = format!("10.{}.{}.{}", random.below(4), random.below(256), random.below(256));
        pairs([
            ("http.request.method", Value::from(method)),
            ("http.route", Value::from(format!("/api/{name}/{{id}}"))),
            ("http.response.status_code", Value::from(status)),
            ("url.scheme", Value::from("http")),
            ("server.address", Value::from(format!("{name}.demo.svc"))),
            ("server.port", Value::from(8_080)),
            ("client.address", Value::from(client)),
            ("network.peer.port", self.port()),
            ("network.protocol.version", Value::from("1.1")),
            ("user_agent.original", Value::from(format!("Mozilla/5.0 (demo; agent {})", self.random.below(12)))),
            ("app.user.id", Value::from(format!("{:012x}", self.random.bits() >> 16))),
            ("app.tenant", Value::from(["gold", "silver", "bronze"][self.random.below(3) as usize])),
        ])
    }

    fn rpc(&mut self, name: &str, operation: u64) -> Attributes {
        let peer = format!("10.{}.{}.{}", self.random.below(4), self.random.below(8), self.random.below(256));
        pairs([
            ("rpc.system", Value::from("grpc")),
            ("rpc.service", Value::from(format!("oteldemo.{name}"))),
            ("rpc.method", Value::from(format!("Call{operation}"))),
            ("rpc.grpc.status_code", Value::from(0)),
            ("server.address", Value::from(format!("{name}.demo.svc"))),
            ("server.port", Value::from(9_090)),
            ("network.peer.address", Value::from(peer)),
            ("network.peer.port", self.port()),
            ("network.transport", Value::from("tcp")),
            ("network.type", Value::from("ipv4")),
        ])
    }

    fn database(&mut self, name: &str) -> Attributes {
        pairs([
            ("db.system.name", Value::from("postgresql")),
            ("db.namespace", Value::from(name)),
            ("db.operation.name", Value::from("SELECT")),
            ("db.collection.name", Value::from(format!("{name}_{}", self.random.below(5)))),
            ("db.query.text", Value::from(format!("SELECT id, body FROM {name} WHERE id = $1 AND active"))),
            ("server.address", Value::from("postgres.demo.svc")),
            ("server.port", Value::from(5_432)),
        ])
    }

    fn messaging(&mut self, name: &str) -> Attributes {
        pairs([
            ("messaging.system", Value::from("kafka")),
            ("messaging.destination.name", Value::from(format!("{name}-orders"))),
            ("messaging.operation.type", Value::from("send")),
            ("messaging.kafka.offset", Value::from(self.random.below(10_000_000) as i64)),
            ("messaging.destination.partition.id", Value::from(self.random.below(16) as i64)),
            ("messaging.client.id", Value::from(format!("{name}-producer"))),
        ])
    }

    fn internal(&mut self, name: &str, operation: u64) -> Attributes {
        pairs([
            ("code.function.name", Value::from(format!("{name}.handle{operation}"))),
            ("thread.id", Value::from(self.random.below(150) as i64)),
            ("app.product.id", Value::from(format!("PRODUCT-{}", self.random.below(10)))),
            ("app.feature.enabled", Value::from(true)),
        ])
    }

    fn port(&mut self) -> Value {
        Value::from(32_768 + self.random.below(28_232) as i64)
    }
}

fn resource(random: &mut Random, number: u64) -> Resource {
    let name = SERVICES[(number / INSTANCES) as usize];
    let pod = format!("{name}-{:08x}", random.bits() as u32);
    let attributes = pairs([
        ("service.name", Value::from(name)),
        ("service.namespace", Value::from("opentelemetry-demo")),
        ("service.version", Value::from("1.9.0")),
        ("service.instance.id", Value::from(format!("{:032x}", u128::from(random.bits()) << 64 | 7))),
        ("telemetry.sdk.language", Value::from(["go", "java", "nodejs", "python"][number as usize % 4])),
        ("telemetry.sdk.name", Value::from("opentelemetry")),
        ("telemetry.sdk.version", Value::from("1.24.0")),
        ("k8s.pod.name", Value::from(pod.as_str())),
        ("k8s.namespace.name", Value::from("demo")),
        ("k8s.node.name", Value::from(format!("node-{}", random.below(5)))),
        ("host.name", Value::from(pod)),
        ("os.type", Value::from("linux")),
        ("process.pid", Value::from(random.below(30_000) as i64)),
        ("deployment.environment.name", Value::from("production")),
    ]);
    Resource { attributes, ..Resource::default() }
}

fn pairs<const N: usize>(pairs: [(&str, Value); N]) -> Attributes {
    let mut attributes = Attributes::new();
    pairs.into_iter().for_each(|(key, value)| attributes.set(key, value));
    attributes
}
