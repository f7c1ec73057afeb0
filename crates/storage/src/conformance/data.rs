//! Spans for the suite: a few by hand, many at random from small ranges, so that ties and repeats are frequent.

use std::sync::Arc;

use model::testing::{resource, span};
use model::{
    Attributes, Event, Link, Span, SpanDuration, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value, Warning,
};
use proptest::prelude::*;

use crate::{AttributeFilter, Order, TraceQuery};

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
    let times = (any_start(), prop_oneof![0u64..5, Just(0u64), 0u64..1 << 40], any::<bool>());
    let what = (0u8..3, 0u8..3, 1i64..6, 0i64..3);
    let attributes = proptest::collection::vec((0u8..3, any_value()), 0..3);
    (identity, times, what, attributes, 0u8..3).prop_map(|(identity, times, what, attributes, place)| {
        let mut span = span(identity.0, identity.1, SpanId::new([identity.2; 8]));
        span.start = UnixNanos(times.0);
        span.end =
            if times.2 { span.start.after(SpanDuration(times.1)) } else { span.start.before(SpanDuration(times.1)) };
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
            _ => {
                span.events.push(Event { time: span.start, name: "e".into(), attributes: list, attributes_dropped: 0 })
            }
        }
        span.resource = Arc::new(resource);
        span
    })
}

fn any_start() -> impl Strategy<Value = u64> {
    prop_oneof![
        6 => (0u64..4, 0u64..3).prop_map(|(minute, rest)| DAY.0 + minute * 60_000_000_000 + rest),
        1 => prop_oneof![Just(0u64), Just(u64::MAX), Just(u64::MAX - 1), any::<u64>()],
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0u8..3).prop_map(|n| Value::from(["1", "true", "x"][usize::from(n)])),
        any::<bool>().prop_map(Value::Bool),
        (0i64..3).prop_map(Value::Int),
        (0u8..3).prop_map(|n| Value::Double([1.0, 0.5, -0.0][usize::from(n)])),
        Just(Value::Empty),
        Just(Value::Array(vec![Value::Int(1)])),
    ]
}

/// Queries from the same small ranges.
pub fn any_query() -> impl Strategy<Value = TraceQuery> {
    let range = (proptest::option::of(any_start()), proptest::option::of(any_start()));
    let names = (proptest::option::of(0u8..4), proptest::option::of(0u8..3), proptest::option::of(1i64..6));
    let durations = proptest::array::uniform4(proptest::option::weighted(0.2, prop_oneof![0u64..5, 0u64..1 << 40]));
    let filters = proptest::collection::vec((0u8..3, 0u8..6), 0..2);
    (range, names, durations, filters, any::<bool>(), proptest::bool::weighted(0.2), 0usize..5).prop_map(
        |(range, names, durations, filters, longest, errors_only, limit)| {
            let all =
                model::TimeRange { from: UnixNanos(range.0.unwrap_or(0)), to: UnixNanos(range.1.unwrap_or(u64::MAX)) };
            let duration = |place: usize| durations[place].map(SpanDuration);
            TraceQuery {
                service: names.0.map(|n| ["unknown_service", "shop", "pay", "nobody"][usize::from(n)].into()),
                name: names.1.map(|n| ["get", "put", "x"][usize::from(n)].into()),
                kind: names.2.map(SpanKind::from_number),
                errors_only,
                span_duration_min: duration(0),
                span_duration_max: duration(1),
                trace_duration_min: duration(2),
                trace_duration_max: duration(3),
                attributes: filters.into_iter().map(filter).collect(),
                order: if longest { Order::LongestFirst } else { Order::NewestFirst },
                ..TraceQuery::newest(all, limit)
            }
        },
    )
}

fn filter((key, value): (u8, u8)) -> AttributeFilter {
    AttributeFilter {
        key: ["a", "b", "c"][usize::from(key)].into(),
        value: ["1", "true", "x", "0.5", "-0", "0"][usize::from(value)].into(),
    }
}
