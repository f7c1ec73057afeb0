//! OTLP's strict JSON: lowerCamelCase names, hex ids, numbers for enums, text for 64-bit integers. Defaults are left out.

use model::{Attributes, Event, Link, Resource, Scope, Span, Status, Value};

use super::group::{ResourceGroup, ScopeGroup};
use crate::base64;
use crate::json::write::{Object, push_array, push_string};

/// `TracesData`.
pub(super) fn traces_data(groups: &[ResourceGroup<'_>]) -> String {
    let mut json = String::new();
    let mut object = Object::begin(&mut json);
    push_array(object.key("resourceSpans"), groups, resource_spans);
    object.end();
    json
}

fn resource_spans(json: &mut String, group: &ResourceGroup<'_>) {
    let mut object = Object::begin(json);
    resource(object.key("resource"), group.resource);
    push_array(object.key("scopeSpans"), &group.scopes, scope_spans);
    object.text("schemaUrl", &group.resource.schema_url);
    object.end();
}

fn resource(json: &mut String, resource: &Resource) {
    let mut object = Object::begin(json);
    attributes(&mut object, &resource.attributes, resource.attributes_dropped);
    object.end();
}

fn scope_spans(json: &mut String, group: &ScopeGroup<'_>) {
    let mut object = Object::begin(json);
    scope(object.key("scope"), group.scope);
    push_array(object.key("spans"), &group.spans, |json, one| span(json, one));
    object.text("schemaUrl", &group.scope.schema_url);
    object.end();
}

fn scope(json: &mut String, scope: &Scope) {
    let mut object = Object::begin(json);
    object.text("name", &scope.name);
    object.text("version", &scope.version);
    attributes(&mut object, &scope.attributes, scope.attributes_dropped);
    object.end();
}

fn span(json: &mut String, span: &Span) {
    let mut object = Object::begin(json);
    object.text("traceId", &span.trace_id.to_string());
    object.text("spanId", &span.span_id.to_string());
    object.text("traceState", &span.trace_state);
    if let Some(parent) = &span.parent_span_id {
        object.text("parentSpanId", &parent.to_string());
    }
    object.number("flags", span.flags);
    object.text("name", &span.name);
    object.number("kind", span.kind as u32);
    object.text("startTimeUnixNano", &span.start.0.to_string());
    object.text("endTimeUnixNano", &span.end.0.to_string());
    attributes(&mut object, &span.attributes, span.attributes_dropped);
    if !span.events.is_empty() {
        push_array(object.key("events"), &span.events, event);
    }
    object.number("droppedEventsCount", span.events_dropped);
    if !span.links.is_empty() {
        push_array(object.key("links"), &span.links, link);
    }
    object.number("droppedLinksCount", span.links_dropped);
    if span.status != Status::default() {
        status(object.key("status"), &span.status);
    }
    object.end();
}

fn event(json: &mut String, event: &Event) {
    let mut object = Object::begin(json);
    object.text("timeUnixNano", &event.time.0.to_string());
    object.text("name", &event.name);
    attributes(&mut object, &event.attributes, event.attributes_dropped);
    object.end();
}

fn link(json: &mut String, link: &Link) {
    let mut object = Object::begin(json);
    object.text("traceId", &link.trace_id.to_string());
    object.text("spanId", &link.span_id.to_string());
    object.text("traceState", &link.trace_state);
    attributes(&mut object, &link.attributes, link.attributes_dropped);
    object.number("flags", link.flags);
    object.end();
}

fn status(json: &mut String, status: &Status) {
    let mut object = Object::begin(json);
    object.text("message", &status.message);
    object.number("code", status.code as u32);
    object.end();
}

fn attributes(object: &mut Object<'_>, attributes: &Attributes, dropped: u32) {
    if !attributes.is_empty() {
        pairs(object.key("attributes"), attributes);
    }
    object.number("droppedAttributesCount", dropped);
}

fn pairs(json: &mut String, attributes: &Attributes) {
    push_array(json, attributes, |json, pair| {
        let mut object = Object::begin(json);
        push_string(object.key("key"), &pair.key);
        any_value(object.key("value"), &pair.value);
        object.end();
    });
}

/// An `AnyValue`. A default is written too, because it says which type the value has.
fn any_value(json: &mut String, value: &Value) {
    let mut object = Object::begin(json);
    match value {
        Value::Empty => {}
        Value::String(text) => push_string(object.key("stringValue"), text),
        Value::Bool(value) => object.key("boolValue").push_str(&value.to_string()),
        Value::Int(value) => push_string(object.key("intValue"), &value.to_string()),
        Value::Double(value) => push_double(object.key("doubleValue"), *value),
        Value::Bytes(raw) => push_string(object.key("bytesValue"), &base64::encode(raw)),
        Value::Array(values) => {
            let mut array = Object::begin(object.key("arrayValue"));
            push_array(array.key("values"), values, any_value);
            array.end();
        }
        Value::Map(map) => {
            let mut list = Object::begin(object.key("kvlistValue"));
            pairs(list.key("values"), map);
            list.end();
        }
    }
    object.end();
}

/// JSON has no word for what is no number; protobuf's mapping uses texts.
fn push_double(json: &mut String, value: f64) {
    match value {
        _ if value.is_nan() => push_string(json, "NaN"),
        f64::INFINITY => push_string(json, "Infinity"),
        f64::NEG_INFINITY => push_string(json, "-Infinity"),
        // `Debug` prints the shortest text that reads back as the same number.
        _ => json.push_str(&format!("{value:?}")),
    }
}

/// A value as people write it, without OTLP's type names.
pub(super) fn plain_value(value: &Value) -> String {
    let mut json = String::new();
    push_plain(&mut json, value);
    json
}

fn push_plain(json: &mut String, value: &Value) {
    match value {
        Value::Empty => json.push_str("null"),
        Value::String(text) => push_string(json, text),
        Value::Bool(value) => json.push_str(&value.to_string()),
        Value::Int(value) => json.push_str(&value.to_string()),
        Value::Double(value) => push_double(json, *value),
        Value::Bytes(raw) => push_string(json, &base64::encode(raw)),
        Value::Array(values) => push_array(json, values, push_plain),
        Value::Map(map) => {
            let mut object = Object::begin(json);
            for pair in map {
                push_plain(object.key(&pair.key), &pair.value);
            }
            object.end();
        }
    }
}
