//! Random spans: every field, every type of value, several resources and scopes.

use std::sync::Arc;

use model::{
    Attribute, Attributes, Event, Link, Resource, Scope, Span, SpanId, SpanKind, Status, StatusCode, TraceId,
    UnixNanos, Value, Warning, Warnings,
};
use proptest::collection::vec;
use proptest::prelude::*;

/// Up to `count_max` spans, ordered as an encoder groups them, with the warnings that their times deserve.
pub(super) fn spans(count_max: usize) -> impl Strategy<Value = Vec<Span>> {
    let placed = (0..3usize, 0..2usize, span());
    (vec(resource(), 3), vec(scope(), 2), vec(placed, 0..=count_max)).prop_map(|(resources, scopes, mut placed)| {
        placed.sort_by_key(|(resource, scope, _)| (*resource, *scope));
        let resources: Vec<_> = resources.into_iter().zip(0..).map(numbered_resource).collect();
        let scopes: Vec<_> = scopes.into_iter().zip(0..).map(numbered_scope).collect();
        let whole = |(resource, scope, span): (usize, usize, Span)| Span {
            resource: Arc::clone(&resources[resource]),
            scope: Arc::clone(&scopes[scope]),
            ..span
        };
        placed.into_iter().map(whole).collect()
    })
}

/// `count` plain spans of one service, numbered from 1.
pub(super) fn plain_spans(count: u64) -> Vec<Span> {
    let span = |number: u64| Span {
        span_id: SpanId::new(number.to_be_bytes()).expect("numbered from 1"),
        name: format!("op {number}"),
        ..model::testing::span(1, 1, None)
    };
    (1..=count).map(span).collect()
}

/// Any value but NaN, which equals nothing.
pub(super) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Empty),
        text().prop_map(Value::String),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        prop_oneof![any::<f64>(), Just(f64::INFINITY), Just(-0.0)].prop_map(|x| Value::Double(if x.is_nan() {
            0.5
        } else {
            x
        })),
        vec(any::<u8>(), 0..6).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((text(), inner), 0..4).prop_map(|pairs| Value::Map(attributes_from(pairs))),
        ]
    })
}

fn span() -> impl Strategy<Value = Span> {
    let ids = (trace_id(), span_id(), proptest::option::of(span_id()));
    let words = (text(), text(), any::<u32>(), 0i64..6, (0i64..3, text()));
    let times = (time(), time());
    let lists = (attributes(), vec(event(), 0..3), vec(link(), 0..3));
    let dropped = (dropped(), dropped(), dropped());
    (ids, words, times, lists, dropped).prop_map(|(ids, words, times, lists, dropped)| Span {
        trace_id: ids.0,
        span_id: ids.1,
        parent_span_id: ids.2,
        trace_state: words.0,
        name: words.1,
        flags: words.2,
        kind: SpanKind::from_number(words.3),
        status: Status { code: StatusCode::from_number(words.4.0), message: words.4.1 },
        start: times.0,
        end: times.1,
        attributes: lists.0,
        events: lists.1,
        links: lists.2,
        attributes_dropped: dropped.0,
        events_dropped: dropped.1,
        links_dropped: dropped.2,
        resource: Arc::default(),
        scope: Arc::default(),
        warnings: warnings_of(times.0, times.1),
    })
}

fn warnings_of(start: UnixNanos, end: UnixNanos) -> Warnings {
    let mut warnings = Warnings::NONE;
    match end < start {
        true if end.0 == 0 => warnings.add(Warning::EndMissing),
        true => warnings.add(Warning::EndBeforeStart),
        false => {}
    }
    warnings
}

fn event() -> impl Strategy<Value = Event> {
    (time(), text(), attributes(), dropped()).prop_map(|(time, name, attributes, attributes_dropped)| Event {
        time,
        name,
        attributes,
        attributes_dropped,
    })
}

fn link() -> impl Strategy<Value = Link> {
    (trace_id(), span_id(), text(), any::<u32>(), attributes(), dropped()).prop_map(
        |(trace_id, span_id, trace_state, flags, attributes, attributes_dropped)| Link {
            trace_id,
            span_id,
            trace_state,
            flags,
            attributes,
            attributes_dropped,
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    (attributes(), dropped(), text()).prop_map(|(attributes, attributes_dropped, schema_url)| Resource {
        attributes,
        attributes_dropped,
        schema_url,
    })
}

fn scope() -> impl Strategy<Value = Scope> {
    (text(), attributes(), dropped(), text()).prop_map(|(version, attributes, attributes_dropped, schema_url)| Scope {
        name: String::new(),
        version,
        attributes,
        attributes_dropped,
        schema_url,
    })
}

/// Distinct from the others, so that the groups keep their order.
fn numbered_resource((mut resource, number): (Resource, i64)) -> Arc<Resource> {
    resource.attributes.set("number", number);
    Arc::new(resource)
}

fn numbered_scope((mut scope, number): (Scope, i64)) -> Arc<Scope> {
    scope.name = format!("scope {number}");
    Arc::new(scope)
}

fn attributes() -> impl Strategy<Value = Attributes> {
    vec((text(), value()), 0..4).prop_map(attributes_from)
}

fn attributes_from(pairs: Vec<(String, Value)>) -> Attributes {
    Attributes::from_pairs(pairs.into_iter().map(|(key, value)| Attribute { key, value }).collect())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[a-z.]{1,8}", any::<String>().prop_map(|text| text.chars().take(12).collect())]
}

fn time() -> impl Strategy<Value = UnixNanos> {
    prop_oneof![Just(0), any::<u64>()].prop_map(UnixNanos)
}

fn dropped() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), any::<u32>()]
}

fn trace_id() -> impl Strategy<Value = TraceId> {
    any::<[u8; 16]>().prop_filter_map("ids are never zero", TraceId::new)
}

fn span_id() -> impl Strategy<Value = SpanId> {
    any::<[u8; 8]>().prop_filter_map("ids are never zero", SpanId::new)
}
