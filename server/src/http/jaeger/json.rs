//! A trace as Jaeger's JSON: spans, references, logs and processes. Not here: single values (`tag`).

use std::collections::BTreeMap;
use std::sync::Arc;

use model::tree::TreeRow;
use model::{Attributes, Event, Link, Resource, Span, SpanId, StatusCode, TraceId};
use serde::Serialize;

use super::tag::Tag;
use crate::query::Arranged;
use crate::query::adjust::warnings_of;

/// Attribute of a link that keeps the type of an OpenTracing reference.
const REF_TYPE: &str = "opentracing.ref_type";

/// An operation with its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OperationJson {
    pub(super) name: String,
    pub(super) span_kind: String,
}

/// One trace.
#[derive(Debug, Serialize)]
pub(super) struct TraceJson<'a> {
    #[serde(rename = "traceID")]
    trace_id: String,
    spans: Vec<SpanJson<'a>>,
    processes: BTreeMap<String, ProcessJson<'a>>,
    warnings: Option<Vec<String>>,
}

/// Times are microseconds, as everywhere in Jaeger.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct SpanJson<'a> {
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    operation_name: &'a str,
    references: Vec<ReferenceJson<'a>>,
    start_time: u64,
    duration: u64,
    tags: Vec<Tag<'a>>,
    logs: Vec<LogJson<'a>>,
    #[serde(rename = "processID")]
    process_id: String,
    warnings: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ReferenceJson<'a> {
    ref_type: &'static str,
    #[serde(rename = "traceID")]
    trace_id: String,
    #[serde(rename = "spanID")]
    span_id: String,
    /// Jaeger knows no attributes of references; readers skip what they do not know, and nothing is lost for those who look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag<'a>>,
}

#[derive(Debug, Serialize)]
struct LogJson<'a> {
    timestamp: u64,
    fields: Vec<Tag<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ProcessJson<'a> {
    service_name: &'a str,
    tags: Vec<Tag<'a>>,
}

// === impl TraceJson ===

impl<'a> TraceJson<'a> {
    pub(super) fn of(trace: &'a Arranged) -> TraceJson<'a> {
        let mut processes = Processes::default();
        let spans = trace.rows().map(|(row, span)| span_json(row, span, &mut processes)).collect();
        let reason =
            || trace.completeness.reason.clone().unwrap_or_else(|| "not everything stored was read".to_owned());
        TraceJson {
            trace_id: trace_id_text(trace.trace.id),
            spans,
            processes: processes.into_json(),
            warnings: (!trace.completeness.complete).then(|| vec![reason()]),
        }
    }
}

/// Sixteen digits when the upper half is zero, as Jaeger prints 64-bit ids.
pub(super) fn trace_id_text(id: TraceId) -> String {
    let text = id.to_string();
    match text.strip_prefix("0000000000000000") {
        Some(lower) => lower.to_owned(),
        None => text,
    }
}

fn span_json<'a>(row: &TreeRow, span: &'a Span, processes: &mut Processes<'a>) -> SpanJson<'a> {
    let warnings: Vec<String> = sentences(row, span);
    SpanJson {
        trace_id: trace_id_text(span.trace_id),
        span_id: span.span_id.to_string(),
        operation_name: &span.name,
        references: references(span),
        start_time: span.start.micros(),
        duration: span.duration().micros(),
        tags: tags_of_span(span),
        logs: span.events.iter().map(log).collect(),
        process_id: processes.id_of(&span.resource),
        warnings: (!warnings.is_empty()).then_some(warnings),
    }
}

/// What was noticed about a span, and what is missing of it.
fn sentences(row: &TreeRow, span: &Span) -> Vec<String> {
    let mut sentences: Vec<String> =
        warnings_of(row, span).iter().map(|warning| warning.sentence().to_owned()).collect();
    let counts = [
        ("attributes", span.attributes_dropped),
        ("events", span.events_dropped),
        ("links", span.links_dropped),
        ("attributes of its resource", span.resource.attributes_dropped),
    ];
    sentences.extend(
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what} were left out")),
    );
    sentences
}

fn tags_of_span(span: &Span) -> Vec<Tag<'_>> {
    let mut tags = Vec::with_capacity(span.attributes.len() + 4);
    let scope = &span.scope;
    push_text(&mut tags, "otel.scope.name", &scope.name);
    push_text(&mut tags, "otel.scope.version", &scope.version);
    tags.extend(tags_of(&span.attributes));
    tags.push(Tag::text("span.kind", span.kind.word()));
    match span.status.code {
        StatusCode::Unset => {}
        StatusCode::Ok => tags.push(Tag::text("otel.status_code", "OK")),
        StatusCode::Error => {
            tags.push(Tag::text("otel.status_code", "ERROR"));
            tags.push(Tag::truth("error", true));
        }
    }
    push_text(&mut tags, "otel.status_description", &span.status.message);
    push_text(&mut tags, "w3c.tracestate", &span.trace_state);
    tags
}

fn push_text<'a>(tags: &mut Vec<Tag<'a>>, key: &'a str, text: &'a str) {
    if !text.is_empty() {
        tags.push(Tag::text(key, text));
    }
}

fn tags_of(attributes: &Attributes) -> impl Iterator<Item = Tag<'_>> {
    attributes.iter().map(|pair| Tag::of(&pair.key, &pair.value))
}

/// The name of an event is the field `event`, unless an attribute already says the same.
fn log(event: &Event) -> LogJson<'_> {
    let mut fields = Vec::with_capacity(event.attributes.len() + 1);
    if event.attributes.text("event") != Some(event.name.as_str()) {
        push_text(&mut fields, "event", &event.name);
    }
    fields.extend(tags_of(&event.attributes));
    LogJson { timestamp: event.time.micros(), fields }
}

/// The parent first; it is a child-of reference unless a link to it says otherwise.
fn references(span: &Span) -> Vec<ReferenceJson<'_>> {
    let to_parent = |link: &&Link| {
        link.trace_id == span.trace_id
            && Some(link.span_id) == span.parent_span_id
            && link.attributes.text(REF_TYPE).is_some()
    };
    let parent_link = span.links.iter().find(to_parent);
    let parent = span.parent_span_id.map(|id| {
        let ref_type = parent_link.map_or("CHILD_OF", ref_type_of);
        reference(ref_type, span.trace_id, id, parent_link)
    });
    let others = span.links.iter().filter(|link| !parent_link.is_some_and(|known| std::ptr::eq(known, *link)));
    parent
        .into_iter()
        .chain(others.map(|link| reference(ref_type_of(link), link.trace_id, link.span_id, Some(link))))
        .collect()
}

fn ref_type_of(link: &Link) -> &'static str {
    match link.attributes.text(REF_TYPE) {
        Some("child_of") => "CHILD_OF",
        _ => "FOLLOWS_FROM",
    }
}

fn reference<'a>(
    ref_type: &'static str,
    trace_id: TraceId,
    span_id: SpanId,
    link: Option<&'a Link>,
) -> ReferenceJson<'a> {
    let tags = link.map(|link| tags_of(&link.attributes).filter(|tag| tag.key() != REF_TYPE).collect());
    ReferenceJson {
        ref_type,
        trace_id: trace_id_text(trace_id),
        span_id: span_id.to_string(),
        tags: tags.unwrap_or_default(),
    }
}

/// Resources numbered p1, p2, … by first use.
#[derive(Default)]
struct Processes<'a> {
    known: Vec<&'a Arc<Resource>>,
}

// === impl Processes ===

impl<'a> Processes<'a> {
    fn id_of(&mut self, resource: &'a Arc<Resource>) -> String {
        // The same allocation first: neighbouring spans mostly share it. From the back, for the same reason.
        let same = self.known.iter().rposition(|known| Arc::ptr_eq(known, resource));
        let place = same.or_else(|| self.known.iter().rposition(|known| *known == resource)).unwrap_or_else(|| {
            self.known.push(resource);
            self.known.len() - 1
        });
        format!("p{}", place + 1)
    }

    fn into_json(self) -> BTreeMap<String, ProcessJson<'a>> {
        let json = |resource: &'a Arc<Resource>| ProcessJson {
            service_name: resource.service(),
            // A name that is no text stays where it can be seen.
            tags: tags_of(&resource.attributes).filter(|tag| !tag.is("service.name", resource.service())).collect(),
        };
        self.known
            .into_iter()
            .enumerate()
            .map(|(place, resource)| (format!("p{}", place + 1), json(resource)))
            .collect()
    }
}

#[cfg(test)]
mod tests;
