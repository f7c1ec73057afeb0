//! The messages of OTLP's trace protocol as protobuf fields. Numbers are those of `trace.proto`, `common.proto`, `resource.proto`.

use model::{Attributes, Event, Link, Resource, Scope, Span, Status, Value};

use super::group::{ResourceGroup, ScopeGroup};
use crate::protobuf::write::Writer;

pub(super) fn write_resource_spans(w: &mut Writer, group: &ResourceGroup<'_>) {
    w.message(1, |w| write_resource(w, group.resource));
    for scope in &group.scopes {
        w.message(2, |w| write_scope_spans(w, scope));
    }
    w.bytes(3, group.resource.schema_url.as_bytes());
}

pub(super) fn write_resource(w: &mut Writer, resource: &Resource) {
    write_attributes(w, 1, &resource.attributes);
    w.varint(2, resource.attributes_dropped.into());
}

fn write_scope_spans(w: &mut Writer, group: &ScopeGroup<'_>) {
    w.message(1, |w| write_scope(w, group.scope));
    for span in &group.spans {
        w.message(2, |w| write_span(w, span));
    }
    w.bytes(3, group.scope.schema_url.as_bytes());
}

pub(super) fn write_scope(w: &mut Writer, scope: &Scope) {
    w.bytes(1, scope.name.as_bytes());
    w.bytes(2, scope.version.as_bytes());
    write_attributes(w, 3, &scope.attributes);
    w.varint(4, scope.attributes_dropped.into());
}

fn write_span(w: &mut Writer, span: &Span) {
    w.bytes(1, span.trace_id.bytes());
    w.bytes(2, span.span_id.bytes());
    w.bytes(3, span.trace_state.as_bytes());
    if let Some(parent) = &span.parent_span_id {
        w.bytes(4, parent.bytes());
    }
    w.bytes(5, span.name.as_bytes());
    w.varint(6, span.kind as u64);
    w.fixed64(7, span.start.0);
    w.fixed64(8, span.end.0);
    write_attributes(w, 9, &span.attributes);
    w.varint(10, span.attributes_dropped.into());
    for event in &span.events {
        w.message(11, |w| write_event(w, event));
    }
    w.varint(12, span.events_dropped.into());
    for link in &span.links {
        w.message(13, |w| write_link(w, link));
    }
    w.varint(14, span.links_dropped.into());
    if span.status != Status::default() {
        w.message(15, |w| write_status(w, &span.status));
    }
    w.fixed32(16, span.flags);
}

fn write_event(w: &mut Writer, event: &Event) {
    w.fixed64(1, event.time.0);
    w.bytes(2, event.name.as_bytes());
    write_attributes(w, 3, &event.attributes);
    w.varint(4, event.attributes_dropped.into());
}

fn write_link(w: &mut Writer, link: &Link) {
    w.bytes(1, link.trace_id.bytes());
    w.bytes(2, link.span_id.bytes());
    w.bytes(3, link.trace_state.as_bytes());
    write_attributes(w, 4, &link.attributes);
    w.varint(5, link.attributes_dropped.into());
    w.fixed32(6, link.flags);
}

fn write_status(w: &mut Writer, status: &Status) {
    w.bytes(2, status.message.as_bytes());
    w.varint(3, status.code as u64);
}

fn write_attributes(w: &mut Writer, number: u32, attributes: &Attributes) {
    for pair in attributes {
        w.message(number, |w| {
            w.bytes(1, pair.key.as_bytes());
            w.message(2, |w| write_value(w, &pair.value));
        });
    }
}

/// An `AnyValue`. A default is written too, because it says which type the value has.
fn write_value(w: &mut Writer, value: &Value) {
    match value {
        Value::Empty => {}
        Value::String(text) => w.bytes_always(1, text.as_bytes()),
        Value::Bool(value) => w.varint_always(2, (*value).into()),
        Value::Int(value) => w.varint_always(3, *value as u64),
        Value::Double(value) => w.fixed64_always(4, value.to_bits()),
        Value::Array(values) => w.message(5, |w| {
            for value in values {
                w.message(1, |w| write_value(w, value));
            }
        }),
        Value::Map(pairs) => w.message(6, |w| write_attributes(w, 1, pairs)),
        Value::Bytes(raw) => w.bytes_always(7, raw),
    }
}
