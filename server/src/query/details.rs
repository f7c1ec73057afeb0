//! A span of the model as the details of the contract: every value exact, numbers as text. Not here: Jaeger's form (`http::jaeger`).

use api::{AttributeItem, EventItem, LinkItem, SpanDetails, TypedValue};
use model::tree::TreeRow;
use model::{Attributes, Event, Link, Span, Value};

use super::adjust::warnings_of;
use super::base64;

/// The details of the span in `row`.
pub fn details_of(row_number: u32, row: &TreeRow, span: &Span) -> SpanDetails {
    SpanDetails {
        row: row_number,
        span_id: span.span_id.to_string(),
        parent_span_id: span.parent_span_id.map(|id| id.to_string()),
        service: span.service().to_owned(),
        name: span.name.clone(),
        kind: span.kind.word().to_owned(),
        start: span.start.0,
        duration: span.duration().0,
        status: span.status.code.word().to_owned(),
        status_message: span.status.message.clone(),
        trace_state: span.trace_state.clone(),
        flags: span.flags,
        attributes: items(&span.attributes),
        attributes_dropped: span.attributes_dropped,
        events: events(&span.events),
        events_dropped: span.events_dropped,
        links: span.links.iter().map(link).collect(),
        links_dropped: span.links_dropped,
        resource: items(&span.resource.attributes),
        scope_name: span.scope.name.clone(),
        scope_version: span.scope.version.clone(),
        scope_attributes: items(&span.scope.attributes),
        warnings: warnings_of(row, span).iter().map(|warning| warning.sentence().to_owned()).collect(),
    }
}

fn items(attributes: &Attributes) -> Vec<AttributeItem> {
    attributes.iter().map(|pair| AttributeItem { key: pair.key.clone(), value: typed(&pair.value) }).collect()
}

fn typed(value: &Value) -> TypedValue {
    match value {
        Value::Empty => TypedValue::Empty,
        Value::String(text) => TypedValue::String(text.clone()),
        Value::Bool(value) => TypedValue::Bool(*value),
        Value::Int(value) => TypedValue::Int(value.to_string()),
        // As the store's conditions print it, so that a shown value can be searched for as it stands.
        Value::Double(value) => TypedValue::Double(value.to_string()),
        Value::Bytes(bytes) => TypedValue::Bytes(base64::encode(bytes)),
        Value::Array(values) => TypedValue::Array(values.iter().map(typed).collect()),
        Value::Map(pairs) => TypedValue::Map(items(pairs)),
    }
}

/// By time; equal times keep the order in which they came.
fn events(events: &[Event]) -> Vec<EventItem> {
    let mut by_time: Vec<&Event> = events.iter().collect();
    by_time.sort_by_key(|event| event.time);
    by_time
        .into_iter()
        .map(|event| EventItem {
            time: event.time.0,
            name: event.name.clone(),
            attributes: items(&event.attributes),
            attributes_dropped: event.attributes_dropped,
        })
        .collect()
}

fn link(link: &Link) -> LinkItem {
    LinkItem {
        trace_id: link.trace_id.to_string(),
        span_id: link.span_id.to_string(),
        trace_state: link.trace_state.clone(),
        flags: link.flags,
        attributes: items(&link.attributes),
        attributes_dropped: link.attributes_dropped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_rounded_on_its_way_to_the_page() {
        assert_eq!(typed(&Value::Int(i64::MIN)), TypedValue::Int("-9223372036854775808".to_owned()));
        for number in [0.1, -0.0, 1e300, f64::MIN_POSITIVE] {
            let TypedValue::Double(text) = typed(&Value::Double(number)) else { panic!("a double stays one") };
            assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(number.to_bits()));
        }
        assert_eq!(typed(&Value::Double(f64::NEG_INFINITY)), TypedValue::Double("-inf".to_owned()));
        assert_eq!(typed(&Value::Bytes(vec![0, 255])), TypedValue::Bytes("AP8=".to_owned()));
    }

    #[test]
    fn nested_values_keep_their_types() {
        let mut inner = Attributes::new();
        inner.set("n", 1_i64);
        let value = Value::Array(vec![Value::Empty, Value::Map(inner)]);
        let n = AttributeItem { key: "n".to_owned(), value: TypedValue::Int("1".to_owned()) };
        assert_eq!(typed(&value), TypedValue::Array(vec![TypedValue::Empty, TypedValue::Map(vec![n])]));
    }
}
