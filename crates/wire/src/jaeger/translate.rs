//! What Jaeger and OpenTracing say, in OpenTelemetry's words: tags that mean more than their text, references, logs.
//!
//! Nothing is lost: a tag goes only where its meaning has a field of its own, from which it can be written again.

use model::{Attributes, Event, Link, Resource, Scope, SpanKind, Status, StatusCode, UnixNanos, Value, Warnings};

use super::draft::{LogDraft, ProcessDraft, Reference, ReferenceKind, SpanDraft};
use super::peer;
use crate::assemble::{self, Assembler, Origin};
use crate::decoded::Decoded;
use crate::intake::AttributesDraft;
use crate::tags::take_scope;

/// On a link: how the span refers to the other one, `child_of` or `follows_from`.
pub(crate) const REFERENCE_KIND: &str = "opentracing.ref_type";

/// A client that has no name for its service says this.
const NO_SERVICE: &str = "OTLPResourceNoServiceName";

/// Bit of a span's flags, Jaeger's and W3C's alike.
const SAMPLED: u32 = 1;
/// Jaeger's alone.
const DEBUG: u32 = 2;

/// Turns the drafts of one batch into spans.
pub(super) struct Translator<'l> {
    pub(super) assembler: Assembler<'l>,
    origin: Origin,
}

/// Microseconds as they travel: signed. A time before 1970 counts as none.
pub(super) fn micros(micros: i64) -> UnixNanos {
    UnixNanos::from_micros(u64::try_from(micros).unwrap_or(0))
}

impl<'l> Translator<'l> {
    /// `warnings` were noted while the process was read.
    pub(super) fn new(mut assembler: Assembler<'l>, process: ProcessDraft, warnings: Warnings) -> Translator<'l> {
        let resource = assembler.shared_resource(resource_of(process));
        Translator { assembler, origin: Origin { resource, resource_warnings: warnings, ..Origin::default() } }
    }

    /// Takes a span in. A process of its own counts more than that of the batch.
    pub(super) fn accept(&mut self, mut span: SpanDraft, process: Option<ProcessDraft>) {
        let warnings = self.assembler.intake.take_warnings();
        let mut origin = self.origin.clone();
        if let Some(process) = process {
            origin.resource = self.assembler.shared_resource(resource_of(process));
            origin.resource_warnings = Warnings::NONE;
        }
        // OpenTelemetry's exporters repeat the resource on every span.
        let of_resource = &origin.resource.attributes;
        span.tags.retain(|tag| of_resource.get(&tag.key) != Some(&tag.value));
        let scope = take_scope(&mut span.tags);
        if scope != Scope::default() {
            origin.scope = self.assembler.shared_scope(scope);
        }
        self.assembler.accept(translated(span), warnings, &origin);
    }

    pub(super) fn finish(self) -> Decoded {
        self.assembler.finish()
    }
}

fn resource_of(mut process: ProcessDraft) -> Resource {
    process.tags.rename("hostname", "host.name");
    process.tags.rename("ip", "host.ip");
    let has_service = !process.service.is_empty() && process.service != NO_SERVICE;
    let mut attributes = Attributes::new();
    if has_service {
        attributes.set("service.name", process.service);
        process.tags.retain(|tag| tag.key != "service.name");
    }
    let (tags, attributes_dropped) = process.tags.finish();
    tags.into_iter().for_each(|tag| attributes.set(tag.key, tag.value));
    Resource { attributes, attributes_dropped, schema_url: String::new() }
}

fn translated(mut span: SpanDraft) -> assemble::SpanDraft {
    let kind = span.tags.text("span.kind").and_then(SpanKind::from_word);
    if kind.is_some() {
        span.tags.take("span.kind");
    }
    let kind = kind.unwrap_or_default();
    let status = status_of(&mut span.tags, kind);
    let trace_state = match span.tags.take("w3c.tracestate") {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    if span.flags & DEBUG != 0 {
        span.tags.add("debug", Value::Bool(true));
    }
    peer::add(&mut span.tags, kind);
    let of_this_trace = |reference: &&Reference| span.trace_id == Ok(reference.trace_id);
    let first = |kind| span.references.iter().filter(of_this_trace).find(|reference| reference.kind == kind);
    let parent = first(ReferenceKind::ChildOf).or_else(|| first(ReferenceKind::FollowsFrom));
    let parent_span_id = span.parent_span_id.or(parent.map(|parent| parent.span_id));
    let is_parent = |reference: &Reference| {
        reference.kind == ReferenceKind::ChildOf
            && of_this_trace(&reference)
            && parent_span_id == Some(reference.span_id)
    };
    let links: Vec<Link> = span.references.iter().filter(|reference| !is_parent(reference)).map(link_of).collect();
    assemble::SpanDraft {
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_span_id,
        trace_state,
        flags: span.flags & SAMPLED,
        name: span.name,
        kind,
        start: span.start,
        end: span.end,
        attributes: span.tags,
        events: span.logs.into_iter().map(event_of).collect(),
        events_dropped: span.logs_dropped,
        links,
        links_dropped: span.references_dropped,
        status,
        ..assemble::SpanDraft::default()
    }
}

fn link_of(reference: &Reference) -> Link {
    let word = match reference.kind {
        ReferenceKind::ChildOf => "child_of",
        ReferenceKind::FollowsFrom => "follows_from",
    };
    let mut attributes = Attributes::new();
    attributes.set(REFERENCE_KIND, word);
    Link {
        trace_id: reference.trace_id,
        span_id: reference.span_id,
        trace_state: String::new(),
        flags: 0,
        attributes,
        attributes_dropped: 0,
    }
}

/// From the tags that say it, the clearest one first.
fn status_of(tags: &mut AttributesDraft, kind: SpanKind) -> Status {
    let is_true = |value: &Value| *value == Value::Bool(true) || value.as_str() == Some("true");
    let mut code = match tags.text("otel.status_code") {
        Some("ERROR") => Some(StatusCode::Error),
        Some("OK") => Some(StatusCode::Ok),
        Some("UNSET") => Some(StatusCode::Unset),
        _ => None,
    };
    if code.is_some() {
        tags.take("otel.status_code");
    }
    if tags.get("error").is_some_and(is_true) {
        tags.take("error");
        code = Some(StatusCode::Error);
    }
    let code = code.unwrap_or_else(|| code_of_http(tags, kind));
    let message = match tags.take("otel.status_description") {
        Some(Value::String(text)) => text,
        _ if code == StatusCode::Error => tags.text("http.status_message").unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    Status { code, message }
}

/// A server answers for what went wrong in it, a client for whatever it was told.
fn code_of_http(tags: &AttributesDraft, kind: SpanKind) -> StatusCode {
    let number = match tags.get("http.status_code") {
        Some(Value::Int(number)) => *number,
        Some(Value::String(text)) => text.parse().unwrap_or(0),
        _ => 0,
    };
    let failed_from = if kind == SpanKind::Client { 400 } else { 500 };
    if number >= failed_from { StatusCode::Error } else { StatusCode::Unset }
}

fn event_of(mut log: LogDraft) -> Event {
    let name = match log.fields.text("event").map(str::to_owned) {
        Some(name) => {
            log.fields.take("event");
            name
        }
        None => log.fields.text("message").unwrap_or("log").to_owned(),
    };
    let name = match name.as_str() {
        "error" => {
            log.fields.rename("error.kind", "exception.type");
            log.fields.rename("message", "exception.message");
            log.fields.rename("stack", "exception.stacktrace");
            "exception".to_owned()
        }
        _ => name,
    };
    let (attributes, attributes_dropped) = log.fields.finish();
    Event { time: log.time, name, attributes, attributes_dropped }
}
