//! Does a span meet a condition, and are two spans the same? Slow and plain: an engine asks here for the few spans that its
//! columns cannot judge alone.

use model::Span;

use crate::query::TraceQuery;

/// Whether two spans are equal in every field; doubles are equal when they print alike, so NaN equals itself.
pub(super) fn is_same(left: &Span, right: &Span) -> bool {
    left.span_id == right.span_id && format!("{left:?}") == format!("{right:?}")
}

/// Whether `span` meets all span conditions of `query`.
pub fn span_meets(query: &TraceQuery, span: &Span) -> bool {
    query.range.contains(span.start)
        && query.service.as_ref().is_none_or(|service| span.service() == service)
        && query.name.as_ref().is_none_or(|name| span.name == *name)
        && query.kind.is_none_or(|kind| span.kind == kind)
        && (!query.errors_only || span.is_error())
        && query.span_duration_min.is_none_or(|min| span.duration() >= min)
        && query.span_duration_max.is_none_or(|max| span.duration() <= max)
        && query.fields.iter().all(|condition| condition.is_met(span))
}
