//! Spans for the suite: a few by hand, many at random from small ranges, so that ties and repeats are frequent.

use std::sync::Arc;

use model::testing::{resource, span};
use model::{
    Attributes, Event, Link, Span, SpanDuration, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value, Warning,
};
use proptest::prelude::*;

/// 2026-01-01, so that minutes and days are those of a normal store.
pub const DAY: UnixNanos = UnixNanos(1_767_225_600_000_000_000);

/// A span of `trace` that starts `start` ns after [`DAY`] and lasts `duration` ns.
pub fn timed(trace: u8, id: u8, start: u64, duration: u64) -> Span {
    let mut span = span(trace, id, None);
    span.start = UnixNanos(DAY.0 + start);
    span.end = span.start.after(SpanDuration(duration));
    span
}

pub fn of_service(mut span: Span, service: &str) -> Span {
    span.resource = resource(service);
    span
}

/// A span that uses every field and every type of value.
pub fn rich() -> Span {
    let mut span = timed(1, 2, 5, 70);
    let mut inner = Attributes::new();
    inner.set("deep", Value::Array(vec![Value::Map(Attributes::new()), Value::Empty, Value::from("x")]));
    for (key, value) in [
        ("text", Value::from("näive \u{1f980}\0")),
        ("bool", Value::Bool(true)),
        ("int", Value::Int(i64::MIN)),
        ("double", Value::Double(-0.0)),
        ("infinite", Value::Double(f64::NEG_INFINITY)),
        ("empty", Value::Empty),
        ("bytes", Value::Bytes(vec![0, 255, 10])),
        ("list", Value::Array(vec![Value::Int(1), Value::Bool(false)])),
        ("map", Value::Map(inner.clone())),
        ("", Value::from("")),
    ] {
        span.attributes.set(key, value);
    }
    span.parent_span_id = SpanId::new([9; 8]);
    span.trace_state = "vendor=1".into();
    span.flags = 0x301;
    span.kind = SpanKind::Consumer;
    span.status.code = StatusCode::Error;
    span.status.message = "it broke".into();
    span.attributes_dropped = 1;
    span.events_dropped = u32::MAX;
    span.links_dropped = 3;
    span.warnings.add(Warning::ValueCut);
    span.events.push(Event {
        time: UnixNanos(u64::MAX),
        name: "e".into(),
        attributes: inner.clone(),
        attributes_dropped: 7,
    });
    span.events.push(Event {
        time: UnixNanos(0),
        name: String::new(),
        attributes: Attributes::new(),
        attributes_dropped: 0,
    });
    span.links.push(Link {
        trace_id: TraceId::new([7; 16]).expect("not zero"),
        span_id: SpanId::new([8; 8]).expect("not zero"),
        trace_state: "a=b".into(),
        flags: 1,
        attributes: inner,
        attributes_dropped: 2,
    });
    let mut resource =
        model::Resource { attributes_dropped: 4, schema_url: "https://schema".into(), ..Default::default() };
    resource.attributes.set("service.name", "rich");
    resource.attributes.set("host.cpus", 8);
    span.resource = Arc::new(resource);
    let mut scope = model::Scope { name: "lib".into(), version: "1.2".into(), ..Default::default() };
    scope.attributes.set("short", true);
    span.scope = Arc::new(scope);
    span
}

/// Batches of spans from small ranges.
pub fn batches() -> impl Strategy<Value = Vec<Vec<Span>>> {
    proptest::collection::vec(proptest::collection::vec(any_span(), 1..12), 1..8)
}

pub fn any_span() -> impl Strategy<Value = Span> {
    let identity = (1u8..7, 1u8..6, 0u8..4);
    let times = (any_start(), prop_oneof![0u64..5, Just(0u64), 0u64..1 << 40], 0u8..7);
    let what = (0u8..3, 0u8..3, 1i64..6, 0i64..3);
    let attributes = proptest::collection::vec((0u8..3, any_value()), 0..3);
    (identity, times, what, attributes, 0u8..6).prop_map(|(identity, times, what, attributes, place)| {
        let mut span = span(identity.0, identity.1, SpanId::new([identity.2; 8]));
        span.start = UnixNanos(times.0);
        span.end = match times.2 {
            0 => UnixNanos(0),
            1..=3 => span.start.after(SpanDuration(times.1)),
            _ => span.start.before(SpanDuration(times.1)),
        };
        if times.2 == 0 {
            span.warnings.add(Warning::EndMissing);
        }
        span.name = ["get", "put", "x"][usize::from(what.0)].into();
        span.kind = SpanKind::from_number(what.2);
        span.status.code = StatusCode::from_number(what.3);
        let pairs = attributes.into_iter().map(|(key, value)| (["a", "b", "c"][usize::from(key)], value));
        let mut list = Attributes::new();
        pairs.for_each(|(key, value)| list.set(key, value));
        let mut resource = model::Resource::default();
        resource.attributes.set("service.name", ["", "shop", "pay"][usize::from(what.1)]);
        match place {
            0 => span.attributes = list,
            1 => list.into_iter().for_each(|pair| resource.attributes.set(pair.key, pair.value)),
            2 => span.links.push(link(list)),
            3 => span.scope = Arc::new(model::Scope { name: "lib".into(), attributes: list, ..Default::default() }),
            _ => {
                // An attribute each, so that a span has several values for one key.
                let name = if place == 4 { "e" } else { "" };
                for pair in list {
                    let mut attributes = Attributes::new();
                    attributes.set(pair.key, pair.value);
                    span.events.push(Event { time: span.start, name: name.into(), attributes, attributes_dropped: 0 });
                }
            }
        }
        span.resource = Arc::new(resource);
        span
    })
}

fn link(attributes: Attributes) -> Link {
    let trace_id = TraceId::new([7; 16]).expect("not zero");
    let span_id = SpanId::new([8; 8]).expect("not zero");
    Link { trace_id, span_id, trace_state: String::new(), flags: 0, attributes, attributes_dropped: 0 }
}

pub(super) fn any_start() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => (0u64..4, 0u64..3).prop_map(|(minute, rest)| DAY.0 + minute * 60_000_000_000 + rest),
        1 => prop_oneof![Just(0u64), Just(u64::MAX), Just(u64::MAX - 1), any::<u64>()],
    ]
}

/// Few enough to meet those of questions, and all that is odd.
pub(super) fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0u8..4).prop_map(|n| Value::from(["1", "true", "x", ""][usize::from(n)])),
        any::<bool>().prop_map(Value::Bool),
        (0usize..INTS.len()).prop_map(|n| Value::Int(INTS[n])),
        (0usize..DOUBLES.len()).prop_map(|n| Value::Double(DOUBLES[n])),
        Just(Value::Empty),
        Just(Value::Array(vec![Value::Int(1)])),
    ]
}

const INTS: [i64; 7] = [0, 1, 2, 1 << 53, (1 << 53) + 1, i64::MAX, i64::MIN];

const DOUBLES: [f64; 9] = [
    1.0,
    0.5,
    0.0,
    -0.0,
    9_007_199_254_740_992.0,
    9_223_372_036_854_775_808.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];
