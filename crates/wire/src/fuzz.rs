//! Fuzz targets as plain functions: whatever the bytes, nothing panics, nothing grows beyond what they justify, and what was
//! decoded encodes and decodes to itself. A failed claim panics.

use std::collections::HashSet;
use std::sync::Arc;

use model::batch::SharedParts;
use model::{Attribute, Attributes, Event, Link, Span, SpanBatch, Value, Warnings};

use crate::decoded::{DecodeError, Decoded, DecodedBatch};
use crate::jaeger;
use crate::limits::Limits;
use crate::otlp::{encode, json, proto, walk};
use crate::protobuf::read::Part;
use crate::zipkin;

/// Texts may triple, because a bad byte becomes a character of three; lists have their own factor.
const TEXT_FACTOR_MAX: usize = 3;

/// Any bytes as a protobuf request.
pub fn otlp_proto(data: &[u8]) {
    let limits = Limits::default();
    if let Ok(decoded) = proto::decode(data, &limits) {
        check(data, &decoded, &limits);
    }
}

/// Any bytes as a protobuf request, walked into columns and decoded into spans: both say the same, whatever the limits.
pub fn otlp_walk(data: &[u8]) {
    let tight = Limits {
        spans_max: 4,
        attributes_max: 3,
        events_max: 2,
        links_max: 1,
        key_bytes_max: 60,
        value_bytes_max: 100,
        value_depth_max: 1,
        proto_depth_max: 4,
        memory_factor_max: 1,
        ..Limits::default()
    };
    for limits in [Limits::default(), tight] {
        let (walked, decoded) = (walk::decode(data, &limits), proto::decode(data, &limits));
        match (walked, decoded) {
            (Ok(walked), Ok(decoded)) => check_walked(data, &walked, &decoded, &limits),
            (walked, decoded) => assert_eq!(walked.map(drop), decoded.map(drop)),
        }
        let whole = Part::whole(data);
        assert_eq!(walk::is_whole(data, &limits), proto::is_whole(whole, &limits), "one of them takes it for damaged");
    }
}

/// Any bytes as a JSON request.
pub fn otlp_json(data: &[u8]) {
    let limits = Limits::default();
    if let Ok(decoded) = json::decode(data, &limits) {
        check(data, &decoded, &limits);
    }
}

/// Any bytes as the remains of a damaged protobuf request.
pub fn otlp_salvage(data: &[u8]) {
    // A tag that is none makes every request a damaged one.
    let damaged = [&[0x07], data].concat();
    otlp_proto(&damaged);
}

/// Any bytes as a datagram of Jaeger's compact form.
pub fn jaeger_compact(data: &[u8]) {
    check_batch(data, decoded_of(jaeger::thrift::datagram(jaeger::Envelope::Compact, data, &Limits::default())));
    // Behind a good head, so that most inputs get further than it.
    let called = [&[0x82, 0x81, 1, 9][..], b"emitBatch", data].concat();
    check_batch(&called, decoded_of(jaeger::thrift::datagram(jaeger::Envelope::Compact, &called, &Limits::default())));
}

/// Any bytes as a datagram of Jaeger's binary form, and as a body.
pub fn jaeger_binary(data: &[u8]) {
    check_batch(data, decoded_of(jaeger::thrift::datagram(jaeger::Envelope::Binary, data, &Limits::default())));
    check_batch(data, decoded_of(jaeger::thrift::body(data, &Limits::default())));
}

/// Any bytes as a request of Jaeger's gRPC.
pub fn jaeger_proto(data: &[u8]) {
    check_batch(data, jaeger::proto::decode(data, &Limits::default()));
}

fn decoded_of(batch: Result<jaeger::Batch, DecodeError>) -> Result<DecodedBatch, DecodeError> {
    batch.map(|batch| batch.decoded)
}

/// Any bytes as a request of either version of Zipkin's JSON.
pub fn zipkin_json(data: &[u8]) {
    check_batch(data, zipkin::v1_json::decode(data, &Limits::default()));
    check_batch(data, zipkin::v2_json::decode(data, &Limits::default()));
}

/// Any bytes as a request of Zipkin's protobuf.
pub fn zipkin_proto(data: &[u8]) {
    check_batch(data, zipkin::v2_proto::decode(data, &Limits::default()));
}

/// Any bytes as a request of Zipkin's Thrift.
pub fn zipkin_thrift(data: &[u8]) {
    check_batch(data, zipkin::v1_thrift::decode(data, &Limits::default()));
}

/// What other clients say is said in OTLP without loss.
fn check_batch(data: &[u8], decoded: Result<DecodedBatch, DecodeError>) {
    let Ok(DecodedBatch { batch: Some(batch), rejected }) = decoded else { return };
    let mut shared = SharedParts::default();
    let spans = batch.rows().map(|row| row.to_span(&mut shared)).collect();
    check(data, &Decoded { spans, rejected }, &Limits::default());
}

fn check(data: &[u8], decoded: &Decoded, limits: &Limits) {
    let justified = data.len() * (limits.memory_factor_max + TEXT_FACTOR_MAX) + Limits::MEMORY_FREE_BYTES;
    let taken = memory_of(&decoded.spans);
    assert!(taken <= justified, "{taken} bytes of memory for {} of input", data.len());
    // What was cut to the memory of a long request must not be cut again to that of its short remains.
    let limits = &Limits { memory_factor_max: usize::MAX, ..limits.clone() };
    let proto = proto::decode(&encode::request_proto(&decoded.spans), limits).expect("our own encoding");
    let json = json::decode(encode::spans_json(&decoded.spans).as_bytes(), limits).expect("our own encoding");
    let expected = shown(&decoded.spans);
    assert_eq!(shown(&proto.spans), expected, "protobuf changed the spans");
    assert_eq!(shown(&json.spans), expected, "JSON changed the spans");
}

fn check_walked(data: &[u8], walked: &DecodedBatch, decoded: &Decoded, limits: &Limits) {
    assert_eq!(walked.rejected, decoded.rejected);
    let mut shared = SharedParts::default();
    let rows = walked.batch.iter().flat_map(SpanBatch::rows);
    let spans: Vec<String> = rows.map(|row| format!("{:?}", row.to_span(&mut shared))).collect();
    let expected: Vec<String> = decoded.spans.iter().map(|span| format!("{span:?}")).collect();
    assert_eq!(spans, expected);
    if let Some(batch) = &walked.batch {
        check_columns(batch, &decoded.spans);
        let justified = data.len() * (limits.memory_factor_max + TEXT_FACTOR_MAX) + Limits::MEMORY_FREE_BYTES;
        let taken = batch.memory_bytes();
        assert!(taken <= justified, "{taken} bytes of memory for {} of input", data.len());
    }
}

/// What a row that is made a span again does not show: repeated keys, the service, what no row refers to.
fn check_columns(batch: &SpanBatch, spans: &[Span]) {
    for (row, span) in batch.rows().zip(spans) {
        assert_eq!(row.service(), span.service());
        assert_eq!(row.attributes().count(), span.attributes.len());
        let in_events: usize = span.events.iter().map(|event| event.attributes.len()).sum();
        assert_eq!(row.event_attributes().count(), in_events);
    }
    let columns = batch.columns();
    let resources: HashSet<u32> = columns.resource.iter().copied().collect();
    let scopes: HashSet<u32> = columns.scope.iter().copied().collect();
    assert_eq!(resources.len(), columns.resources.len(), "a resource without spans");
    assert_eq!(scopes.len(), columns.scopes.len(), "a scope without spans");
    let lists = columns.span_attributes.iter().copied();
    let lists = lists.chain(columns.resources.iter().map(|cell| cell.attributes));
    let lists = lists.chain(columns.scopes.iter().map(|cell| cell.attributes));
    let lists = lists.chain(columns.events.iter().map(|cell| cell.attributes));
    let lists = lists.chain(columns.links.iter().map(|cell| cell.attributes));
    let pairs: usize = lists.map(|list| list.range().len()).sum();
    assert_eq!(pairs, columns.attributes.len(), "attributes of nobody");
}

/// Spans as text, sorted, because encoding groups them, and without what was noted about the first encoding.
fn shown(spans: &[Span]) -> Vec<String> {
    let show = |span: &Span| format!("{:?}", Span { warnings: Warnings::NONE, ..span.clone() });
    let mut shown: Vec<String> = spans.iter().map(show).collect();
    shown.sort_unstable();
    shown
}

fn memory_of(spans: &[Span]) -> usize {
    let mut counted = HashSet::new();
    spans.iter().map(|span| memory_of_span(span, &mut counted)).sum()
}

fn memory_of_span(span: &Span, counted: &mut HashSet<usize>) -> usize {
    let mut bytes = size_of::<Span>() + span.name.len() + span.trace_state.len() + span.status.message.len();
    bytes += memory_of_attributes(&span.attributes);
    let event = |event: &Event| size_of::<Event>() + event.name.len() + memory_of_attributes(&event.attributes);
    bytes += span.events.iter().map(event).sum::<usize>();
    let link = |link: &Link| size_of::<Link>() + link.trace_state.len() + memory_of_attributes(&link.attributes);
    bytes += span.links.iter().map(link).sum::<usize>();
    if counted.insert(Arc::as_ptr(&span.resource).addr()) {
        bytes += span.resource.schema_url.len() + memory_of_attributes(&span.resource.attributes);
    }
    if counted.insert(Arc::as_ptr(&span.scope).addr()) {
        let scope = &span.scope;
        bytes += scope.name.len() + scope.version.len() + scope.schema_url.len();
        bytes += memory_of_attributes(&scope.attributes);
    }
    bytes
}

fn memory_of_attributes(attributes: &Attributes) -> usize {
    attributes.iter().map(|pair| size_of::<Attribute>() + pair.key.len() + memory_inside(&pair.value)).sum()
}

fn memory_inside(value: &Value) -> usize {
    match value {
        Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => 0,
        Value::String(text) => text.len(),
        Value::Bytes(raw) => raw.len(),
        Value::Array(values) => values.iter().map(|value| size_of::<Value>() + memory_inside(value)).sum(),
        Value::Map(pairs) => memory_of_attributes(pairs),
    }
}
