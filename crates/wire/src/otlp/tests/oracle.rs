//! A second opinion: prost's messages, written down straightforwardly from the protocol's definition, must agree with our reader
//! and with our writer.

use std::sync::Arc;

use model::{
    Attribute, Attributes, Resource, Scope, Span, SpanId, SpanKind, Status, StatusCode, TraceId, UnixNanos, Value,
    Warnings,
};
use proptest::prelude::*;
use prost::Message;

use super::spans::spans;
use crate::Limits;
use crate::otlp::{encode, proto};

#[derive(Clone, PartialEq, Message)]
struct WireRequest {
    #[prost(message, repeated, tag = "1")]
    resource_spans: Vec<WireResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
struct WireResourceSpans {
    #[prost(message, optional, tag = "1")]
    resource: Option<WireResource>,
    #[prost(message, repeated, tag = "2")]
    scope_spans: Vec<WireScopeSpans>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, Message)]
struct WireResource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<WireKeyValue>,
    #[prost(uint32, tag = "2")]
    dropped: u32,
}

#[derive(Clone, PartialEq, Message)]
struct WireScopeSpans {
    #[prost(message, optional, tag = "1")]
    scope: Option<WireScope>,
    #[prost(message, repeated, tag = "2")]
    spans: Vec<WireSpan>,
    #[prost(string, tag = "3")]
    schema_url: String,
}

#[derive(Clone, PartialEq, Message)]
struct WireScope {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(string, tag = "2")]
    version: String,
    #[prost(message, repeated, tag = "3")]
    attributes: Vec<WireKeyValue>,
    #[prost(uint32, tag = "4")]
    dropped: u32,
}

#[derive(Clone, PartialEq, Message)]
struct WireSpan {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    trace_state: String,
    #[prost(bytes = "vec", tag = "4")]
    parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    start: u64,
    #[prost(fixed64, tag = "8")]
    end: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<WireKeyValue>,
    #[prost(uint32, tag = "10")]
    attributes_dropped: u32,
    #[prost(message, repeated, tag = "11")]
    events: Vec<WireEvent>,
    #[prost(uint32, tag = "12")]
    events_dropped: u32,
    #[prost(message, repeated, tag = "13")]
    links: Vec<WireLink>,
    #[prost(uint32, tag = "14")]
    links_dropped: u32,
    #[prost(message, optional, tag = "15")]
    status: Option<WireStatus>,
    #[prost(fixed32, tag = "16")]
    flags: u32,
}

#[derive(Clone, PartialEq, Message)]
struct WireEvent {
    #[prost(fixed64, tag = "1")]
    time: u64,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "3")]
    attributes: Vec<WireKeyValue>,
    #[prost(uint32, tag = "4")]
    dropped: u32,
}

#[derive(Clone, PartialEq, Message)]
struct WireLink {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    trace_state: String,
    #[prost(message, repeated, tag = "4")]
    attributes: Vec<WireKeyValue>,
    #[prost(uint32, tag = "5")]
    dropped: u32,
    #[prost(fixed32, tag = "6")]
    flags: u32,
}

#[derive(Clone, PartialEq, Message)]
struct WireStatus {
    #[prost(string, tag = "2")]
    message: String,
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Clone, PartialEq, Message)]
struct WireKeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<WireAnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct WireAnyValue {
    #[prost(oneof = "WireValue", tags = "1, 2, 3, 4, 5, 6, 7")]
    value: Option<WireValue>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum WireValue {
    #[prost(string, tag = "1")]
    String(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
    #[prost(message, tag = "5")]
    Array(WireArray),
    #[prost(message, tag = "6")]
    Map(WireMap),
    #[prost(bytes = "vec", tag = "7")]
    Bytes(Vec<u8>),
}

#[derive(Clone, PartialEq, Message)]
struct WireArray {
    #[prost(message, repeated, tag = "1")]
    values: Vec<WireAnyValue>,
}

#[derive(Clone, PartialEq, Message)]
struct WireMap {
    #[prost(message, repeated, tag = "1")]
    values: Vec<WireKeyValue>,
}

fn spans_from(request: WireRequest) -> Vec<Span> {
    let mut spans = Vec::new();
    for group in request.resource_spans {
        let resource = group.resource.unwrap_or_default();
        let resource = Arc::new(Resource {
            attributes: attributes_from(resource.attributes),
            attributes_dropped: resource.dropped,
            schema_url: group.schema_url,
        });
        for group in group.scope_spans {
            let scope = group.scope.unwrap_or_default();
            let scope = Arc::new(Scope {
                name: scope.name,
                version: scope.version,
                attributes: attributes_from(scope.attributes),
                attributes_dropped: scope.dropped,
                schema_url: group.schema_url,
            });
            spans.extend(group.spans.into_iter().map(|span| span_from(span, &resource, &scope)));
        }
    }
    spans
}

fn span_from(span: WireSpan, resource: &Arc<Resource>, scope: &Arc<Scope>) -> Span {
    let status = span.status.unwrap_or_default();
    Span {
        trace_id: trace_id_from(&span.trace_id),
        span_id: span_id_from(&span.span_id),
        parent_span_id: SpanId::from_slice(&span.parent_span_id),
        trace_state: span.trace_state,
        flags: span.flags,
        name: span.name,
        kind: SpanKind::from_number(span.kind.into()),
        start: UnixNanos(span.start),
        end: UnixNanos(span.end),
        attributes: attributes_from(span.attributes),
        attributes_dropped: span.attributes_dropped,
        events: span.events.into_iter().map(event_from).collect(),
        events_dropped: span.events_dropped,
        links: span.links.into_iter().map(link_from).collect(),
        links_dropped: span.links_dropped,
        status: Status { code: StatusCode::from_number(status.code.into()), message: status.message },
        resource: Arc::clone(resource),
        scope: Arc::clone(scope),
        warnings: Warnings::NONE,
    }
}

fn event_from(event: WireEvent) -> model::Event {
    model::Event {
        time: UnixNanos(event.time),
        name: event.name,
        attributes: attributes_from(event.attributes),
        attributes_dropped: event.dropped,
    }
}

fn link_from(link: WireLink) -> model::Link {
    model::Link {
        trace_id: trace_id_from(&link.trace_id),
        span_id: span_id_from(&link.span_id),
        trace_state: link.trace_state,
        flags: link.flags,
        attributes: attributes_from(link.attributes),
        attributes_dropped: link.dropped,
    }
}

fn trace_id_from(bytes: &[u8]) -> TraceId {
    TraceId::from_slice(bytes).expect("random spans have good ids")
}

fn span_id_from(bytes: &[u8]) -> SpanId {
    SpanId::from_slice(bytes).expect("random spans have good ids")
}

fn attributes_from(pairs: Vec<WireKeyValue>) -> Attributes {
    let pair = |pair: WireKeyValue| Attribute { key: pair.key, value: value_from(pair.value.unwrap_or_default()) };
    Attributes::from_pairs(pairs.into_iter().map(pair).collect())
}

fn value_from(value: WireAnyValue) -> Value {
    match value.value {
        None => Value::Empty,
        Some(WireValue::String(text)) => Value::String(text),
        Some(WireValue::Bool(value)) => Value::Bool(value),
        Some(WireValue::Int(value)) => Value::Int(value),
        Some(WireValue::Double(value)) => Value::Double(value),
        Some(WireValue::Bytes(raw)) => Value::Bytes(raw),
        Some(WireValue::Array(array)) => Value::Array(array.values.into_iter().map(value_from).collect()),
        Some(WireValue::Map(map)) => Value::Map(attributes_from(map.values)),
    }
}

fn without_warnings(mut spans: Vec<Span>) -> String {
    spans.iter_mut().for_each(|span| span.warnings = Warnings::NONE);
    format!("{spans:#?}")
}

proptest! {
    #[test]
    fn prost_reads_what_we_write_and_we_read_what_prost_writes(spans in spans(6)) {
        let expected = without_warnings(spans.clone());
        let request = WireRequest::decode(&encode::request_proto(&spans)[..]).expect("valid protobuf");
        prop_assert_eq!(without_warnings(spans_from(request.clone())), expected.clone());
        let decoded = proto::decode(&request.encode_to_vec(), &Limits::default()).expect("valid protobuf");
        prop_assert!(decoded.rejected.is_empty());
        prop_assert_eq!(without_warnings(decoded.spans), expected);
    }
}
