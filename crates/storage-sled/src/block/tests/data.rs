//! Spans for the tests: odd ones at random, from small ranges, so that ids repeat, parents are missing and circles occur.

use std::sync::Arc;

use model::testing::span;
use model::{Attributes, Event, Link, Scope, Span, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value, Warnings};
use proptest::prelude::*;
use storage::conformance::data::{any_span, rich};

/// Batches of all kinds of spans.
pub(super) fn batches() -> impl Strategy<Value = Vec<Vec<Span>>> {
    let one = prop_oneof![4 => odd_span(), 2 => any_span(), 1 => Just(rich())];
    proptest::collection::vec(proptest::collection::vec(one, 1..40), 1..4)
}

fn odd_span() -> impl Strategy<Value = Span> {
    let identity = (1u8..5, 1u8..20, 0u8..22, any::<bool>());
    let times = (odd_number(), odd_number(), 0u64..1_000);
    let numbers = proptest::array::uniform6(prop_oneof![3 => Just(0u32), 1 => 1u32..3, 1 => any::<u32>()]);
    let texts =
        proptest::array::uniform4(prop_oneof![2 => Just(String::new()), 1 => "[ab]{1,2}", 1 => any::<String>()]);
    let what = (1i64..6, 0i64..3, 0u8..6);
    let lists = (attributes(), attributes(), proptest::collection::vec((odd_number(), attributes()), 0..3));
    (identity, times, numbers, texts, what, lists).prop_map(|(identity, times, numbers, texts, what, lists)| {
        let mut span = span(identity.0, identity.1, SpanId::new([identity.2; 8]));
        if identity.3 {
            // Usual times: near each other, the end after the start.
            span.start = UnixNanos(1_767_225_600_000_000_000 + times.2);
            span.end = UnixNanos(span.start.0 + times.2 * 7);
        } else {
            (span.start, span.end) = (UnixNanos(times.0), UnixNanos(times.1));
        }
        let [name, message, trace_state, version] = texts;
        (span.name, span.status.message, span.trace_state) = (name, message, trace_state.clone());
        (span.kind, span.status.code) = (SpanKind::from_number(what.0), StatusCode::from_number(what.1));
        [span.flags, span.attributes_dropped, span.events_dropped, span.links_dropped, ..] = numbers;
        span.warnings = Warnings::from_bits(numbers[4]);
        span.attributes = lists.0;
        if what.2 == 0 {
            let attributes = lists.1.clone();
            span.scope = Arc::new(Scope { version, attributes, attributes_dropped: numbers[5], ..Scope::default() });
            let mut resource = (*span.resource).clone();
            resource.attributes = lists.1.clone();
            span.resource = Arc::new(resource);
        }
        for (number, attributes) in lists.2 {
            let dropped = numbers[5];
            let name = if number % 2 == 0 { "e".to_owned() } else { span.name.clone() };
            if what.2 == 1 {
                let trace_id = TraceId::new([what.2; 16]).expect("not zero");
                let span_id = SpanId::new((number | 1).to_le_bytes()).expect("not zero");
                let (trace_state, flags) = (trace_state.clone(), numbers[0]);
                span.links.push(Link {
                    trace_id,
                    span_id,
                    trace_state,
                    flags,
                    attributes,
                    attributes_dropped: dropped,
                });
            } else {
                span.events.push(Event { time: UnixNanos(number), name, attributes, attributes_dropped: dropped });
            }
        }
        span
    })
}

fn odd_number() -> impl Strategy<Value = u64> {
    prop_oneof![0u64..4, Just(u64::MAX), Just(1 << 63), any::<u64>()]
}

fn attributes() -> impl Strategy<Value = Attributes> {
    proptest::collection::vec(("[abc]", value()), 0..5).prop_map(|pairs| {
        let mut attributes = Attributes::new();
        pairs.into_iter().for_each(|(key, value)| attributes.set(key, value));
        attributes
    })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Empty),
        any::<bool>().prop_map(Value::Bool),
        (0i64..3).prop_map(Value::Int),
        any::<i64>().prop_map(Value::Int),
        any::<u64>().prop_map(|bits| Value::Double(f64::from_bits(bits))),
        Just(Value::Double(f64::from_bits(0x7ff8_0000_0000_0001))),
        Just(Value::Double(-0.0)),
        "[xy]".prop_map(Value::String),
        any::<String>().prop_map(Value::String),
        any::<u32>().prop_map(|id| Value::String(format!("{id:08x}"))),
        any::<u32>().prop_map(|id| Value::String(std::net::Ipv4Addr::from(id).to_string())),
        proptest::collection::vec(any::<u8>(), 0..5).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::vec(("[ab]", inner), 0..3).prop_map(|pairs| {
                let mut map = Attributes::new();
                pairs.into_iter().for_each(|(key, value)| map.set(key, value));
                Value::Map(map)
            }),
        ]
    })
}
