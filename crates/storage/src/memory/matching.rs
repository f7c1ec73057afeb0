//! Does a span meet a condition, and are two spans the same? Slow and plain. Not here: anything an engine should copy.

use model::{Attributes, Span, Value};

use crate::query::{AttributeFilter, TraceQuery};

/// Whether two spans are equal in every field; doubles are equal when they print alike, so NaN equals itself.
pub(super) fn is_same(left: &Span, right: &Span) -> bool {
    left.span_id == right.span_id && format!("{left:?}") == format!("{right:?}")
}

/// Whether `span` meets all span conditions of `query`.
pub(super) fn span_meets(query: &TraceQuery, span: &Span) -> bool {
    query.range.contains(span.start)
        && query.service.as_ref().is_none_or(|service| span.service() == service)
        && query.name.as_ref().is_none_or(|name| span.name == *name)
        && query.kind.is_none_or(|kind| span.kind == kind)
        && (!query.errors_only || span.is_error())
        && query.span_duration_min.is_none_or(|min| span.duration() >= min)
        && query.span_duration_max.is_none_or(|max| span.duration() <= max)
        && query.attributes.iter().all(|filter| span_has(filter, span))
}

fn span_has(filter: &AttributeFilter, span: &Span) -> bool {
    list_has(filter, &span.attributes)
        || list_has(filter, &span.resource.attributes)
        || span.events.iter().any(|event| list_has(filter, &event.attributes))
}

fn list_has(filter: &AttributeFilter, attributes: &Attributes) -> bool {
    let text = match attributes.get(&filter.key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Int(value)) => value.to_string(),
        Some(Value::Double(value)) => value.to_string(),
        Some(Value::Empty | Value::Bytes(_) | Value::Array(_) | Value::Map(_)) | None => return false,
    };
    text == filter.value
}
