//! Traces of a made-up shop, in batches as receivers make them: by time of end, every attribute the conventions ask for.

use std::sync::Arc;

use model::edge::Matcher;
use model::{
    Attributes, BatchBuilder, Resource, Scope, Span, SpanBatch, SpanId, SpanKind, Status, StatusCode, TraceId,
    UnixNanos, Warnings,
};

const SERVICES: usize = 20;
const SPANS_PER_BATCH: usize = 512;
const BATCHES: usize = 256;
/// Deepest chain of services.
const DEPTH_MAX: u32 = 4;

struct Shop {
    state: u64,
    resources: Vec<Arc<Resource>>,
    scope: Arc<Scope>,
    spans: Vec<Span>,
    trace: u64,
}

/// The same batches on every machine, of about five minutes.
pub(crate) fn batches() -> Vec<SpanBatch> {
    let mut shop = Shop::open(7);
    while shop.spans.len() < SPANS_PER_BATCH * BATCHES {
        shop.visit();
    }
    shop.spans.truncate(SPANS_PER_BATCH * BATCHES);
    shop.spans.sort_by_key(|span| span.end);
    shop.spans.chunks(SPANS_PER_BATCH).map(batch).collect()
}

/// The matcher after a generation of other traces with the same services.
pub(crate) fn warm(mut matcher: Matcher, batches: &[SpanBatch]) -> Matcher {
    for batch in batches {
        let mut columns = batch.columns().clone();
        for id in &mut columns.trace_id {
            let mut bytes = *id.bytes();
            bytes[0] ^= 0x80;
            *id = TraceId::new(bytes).expect("the rest is not zero");
        }
        matcher.add(&SpanBatch::from_columns(columns).expect("only ids changed"));
    }
    matcher.end_generation();
    matcher
}

fn batch(spans: &[Span]) -> SpanBatch {
    let mut by_service: Vec<&Span> = spans.iter().collect();
    by_service.sort_by_key(|span| Arc::as_ptr(&span.resource).addr());
    let mut builder = BatchBuilder::new();
    by_service.iter().for_each(|span| builder.push(span));
    builder.finish().expect("a chunk is not empty")
}

impl Shop {
    fn open(seed: u64) -> Shop {
        let resource = |number| {
            let mut attributes = Attributes::new();
            attributes.set("service.name", format!("service-{number}"));
            attributes.set("service.instance.id", format!("instance-{number}"));
            Arc::new(Resource { attributes, ..Resource::default() })
        };
        Shop {
            state: seed,
            resources: (0..SERVICES).map(resource).collect(),
            scope: Arc::new(Scope::default()),
            spans: Vec::new(),
            trace: 0,
        }
    }

    /// SplitMix64, below `bound`.
    fn pick(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// One trace.
    fn visit(&mut self) {
        self.trace += 1;
        let start = 1_760_000_000_000_000_000 + self.trace * 25_000_000;
        self.serve(0, None, start, 0);
    }

    /// A request to `service`, and what follows from it. Gives its end.
    fn serve(&mut self, service: usize, parent: Option<SpanId>, start: u64, depth: u32) -> u64 {
        let id = self.push(service, parent, SpanKind::Server, start);
        let place = self.spans.len() - 1;
        let mut now = start + 20_000;
        for _ in 0..1 + self.pick(4) {
            now = match self.pick(if depth < DEPTH_MAX { 8 } else { 4 }) {
                0 | 1 => self.leaf(service, id, SpanKind::Internal, now),
                2 | 3 => self.leaf(service, id, SpanKind::Client, now),
                4 => self.leaf(service, id, SpanKind::Producer, now),
                _ => self.call(service, id, now, depth),
            };
        }
        self.spans[place].end = UnixNanos(now + 10_000);
        now + 10_000
    }

    fn call(&mut self, service: usize, parent: SpanId, start: u64, depth: u32) -> u64 {
        let callee = self.pick(SERVICES as u64) as usize;
        let id = self.push(service, Some(parent), SpanKind::Client, start);
        let place = self.spans.len() - 1;
        for (key, value) in [("rpc.system", "grpc"), ("rpc.service", "shop.Service"), ("rpc.method", "Get")] {
            self.spans[place].attributes.set(key, value);
        }
        self.spans[place].attributes.set("server.address", format!("service-{callee}"));
        self.spans[place].attributes.set("server.port", 7_070);
        let end = self.serve(callee, Some(id), start + 150_000, depth + 1) + 150_000;
        self.spans[place].end = UnixNanos(end);
        end
    }

    /// Work without children: inside, against a database, or into a queue.
    fn leaf(&mut self, service: usize, parent: SpanId, kind: SpanKind, start: u64) -> u64 {
        self.push(service, Some(parent), kind, start);
        let end = start + 50_000 + self.pick(5_000_000);
        let span = self.spans.last_mut().expect("just pushed");
        span.end = UnixNanos(end);
        let pairs: &[(&str, &str)] = match kind {
            SpanKind::Client => &[
                ("db.system.name", "postgresql"),
                ("db.namespace", "shop"),
                ("db.operation.name", "SELECT"),
                ("db.query.text", "SELECT * FROM items WHERE id = $1"),
                ("server.address", "postgres"),
            ],
            SpanKind::Producer => &[
                ("messaging.system", "kafka"),
                ("messaging.destination.name", "orders"),
                ("messaging.operation.type", "send"),
            ],
            _ => &[],
        };
        pairs.iter().for_each(|(key, value)| span.attributes.set(*key, *value));
        end
    }

    fn push(&mut self, service: usize, parent: Option<SpanId>, kind: SpanKind, start: u64) -> SpanId {
        let id = SpanId::new((self.pick(u64::MAX) | 1).to_be_bytes()).expect("odd");
        let mut attributes = Attributes::new();
        for number in 0..6 {
            attributes.set(format!("app.attribute.{number}"), format!("value {}", self.pick(40)));
        }
        let trace = u128::from(self.trace).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) >> 1;
        let name = format!("{} /{}", kind.word(), self.pick(6));
        let code = if self.pick(100) == 0 { StatusCode::Error } else { StatusCode::Unset };
        self.spans.push(Span {
            trace_id: TraceId::new(trace.to_be_bytes()).expect("numbered from 1"),
            span_id: id,
            parent_span_id: parent,
            trace_state: String::new(),
            flags: 1,
            name,
            kind,
            start: UnixNanos(start),
            end: UnixNanos(start),
            attributes,
            attributes_dropped: 0,
            events: Vec::new(),
            events_dropped: 0,
            links: Vec::new(),
            links_dropped: 0,
            status: Status { code, message: String::new() },
            resource: Arc::clone(&self.resources[service]),
            scope: Arc::clone(&self.scope),
            warnings: Warnings::NONE,
        });
        id
    }
}
