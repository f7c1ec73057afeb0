//! What Zipkin says, in OpenTelemetry's words: endpoints, the tag `error`, annotations, links in tags.
//!
//! Nothing is lost: a tag goes only where its meaning has a field of its own, from which it can be written again.

use model::{Link, Resource, Scope, SpanId, SpanKind, Status, StatusCode, TraceId, UnixNanos, Value};

use super::annotation::event_of;
use super::draft::{Endpoint, SpanDraft};
use crate::assemble::{self, Assembler, Origin};
use crate::decoded::{Decoded, DecodedBatch};
use crate::intake::{AttributesDraft, Intake};
use crate::tags::take_scope;

/// W3C's flag.
const SAMPLED: u32 = 1;

/// Exporters write links into tags of this name, with a number behind it.
const LINK_PREFIX: &str = "otlp.link.";

/// Turns the drafts of one request into spans.
pub(super) struct Translator<'l> {
    pub(super) assembler: Assembler<'l>,
}

impl<'l> Translator<'l> {
    pub(super) fn new(assembler: Assembler<'l>) -> Translator<'l> {
        Translator { assembler }
    }

    /// Takes a span in. Warnings about it are in the intake.
    pub(super) fn accept(&mut self, mut span: SpanDraft) {
        let resource = self.assembler.shared_resource(resource_of(&span.local));
        // OpenTelemetry's exporters repeat the resource on every span.
        span.tags.retain(|tag| resource.attributes.get(&tag.key) != Some(&tag.value));
        let mut origin = Origin { resource, ..Origin::default() };
        let scope = take_scope(&mut span.tags);
        if scope != Scope::default() {
            origin.scope = self.assembler.shared_scope(scope);
        }
        let draft = translated(span, &mut self.assembler.intake);
        let warnings = self.assembler.intake.take_warnings();
        self.assembler.accept(draft, warnings, &origin);
    }

    pub(super) fn finish(self) -> DecodedBatch {
        let decoded: Decoded = self.assembler.finish();
        decoded.into()
    }
}

fn resource_of(local: &Endpoint) -> Resource {
    let mut resource = Resource::default();
    if !local.service.is_empty() {
        resource.attributes.set("service.name", local.service.as_str());
    }
    if !local.ip.is_empty() {
        resource.attributes.set("host.ip", local.ip.as_str());
    }
    if local.port != 0 {
        resource.attributes.set("network.local.port", i64::from(local.port));
    }
    resource
}

fn translated(mut span: SpanDraft, intake: &mut Intake<'_>) -> assemble::SpanDraft {
    let status = status_of(&mut span.tags);
    let links = links_of(&mut span.tags);
    add_remote(&mut span.tags, &span.remote, span.kind);
    if span.is_debug {
        span.tags.add("debug", Value::Bool(true));
    }
    if span.is_shared {
        span.tags.add("zipkin.shared", Value::Bool(true));
    }
    assemble::SpanDraft {
        trace_id: span.trace_id,
        span_id: span.span_id,
        parent_span_id: span.parent_span_id,
        // Who is asked to report is sampled.
        flags: SAMPLED,
        name: span.name,
        kind: span.kind,
        start: UnixNanos::from_micros(span.start),
        end: UnixNanos::from_micros(span.start.saturating_add(span.duration)),
        attributes: span.tags,
        events: span.annotations.into_iter().map(|annotation| event_of(annotation, intake)).collect(),
        events_dropped: span.annotations_dropped,
        links,
        status,
        ..assemble::SpanDraft::default()
    }
}

/// The tag `error` says by its presence that the span failed, and by its value why.
fn status_of(tags: &mut AttributesDraft) -> Status {
    let code = match tags.text("otel.status_code") {
        Some("ERROR") => Some(StatusCode::Error),
        Some("OK") => Some(StatusCode::Ok),
        _ => None,
    };
    if code.is_some() {
        tags.take("otel.status_code");
    }
    match tags.take("error") {
        None => Status { code: code.unwrap_or_default(), message: String::new() },
        Some(Value::Bool(false)) => {
            tags.add("error", Value::Bool(false));
            Status { code: code.unwrap_or_default(), message: String::new() }
        }
        Some(Value::String(why)) if why != "true" => Status { code: StatusCode::Error, message: why },
        Some(_) => Status { code: StatusCode::Error, message: String::new() },
    }
}

/// Links that an exporter wrote as `trace|span|state|attributes|dropped`. What is none stays a tag.
fn links_of(tags: &mut AttributesDraft) -> Vec<Link> {
    let mut links = Vec::new();
    tags.retain(|tag| {
        let link = tag.key.starts_with(LINK_PREFIX).then(|| link_of(tag.value.as_str()?)).flatten();
        let is_link = link.is_some();
        links.extend(link);
        !is_link
    });
    links
}

fn link_of(text: &str) -> Option<Link> {
    let (trace, rest) = text.split_once('|')?;
    let (span, rest) = rest.split_once('|')?;
    let (state, rest) = rest.split_once('|')?;
    let (json, dropped) = rest.rsplit_once('|')?;
    // Attributes of links are rare and would need a decoder of their own: such a link stays a tag, whole.
    (json.is_empty() || json == "{}").then_some(())?;
    Some(Link {
        trace_id: TraceId::from_hex(trace)?,
        span_id: SpanId::from_hex(span)?,
        trace_state: state.to_owned(),
        flags: 0,
        attributes: model::Attributes::new(),
        attributes_dropped: dropped.parse().ok()?,
    })
}

/// The other side: of a span that was asked it is the client, else the server.
fn add_remote(tags: &mut AttributesDraft, remote: &Endpoint, kind: SpanKind) {
    let (address, port) = match kind.is_entry() {
        true => ("client.address", "client.port"),
        false => ("server.address", "server.port"),
    };
    if !remote.service.is_empty() {
        tags.add("service.peer.name", Value::from(remote.service.as_str()));
    }
    if !remote.ip.is_empty() {
        tags.add("network.peer.address", Value::from(remote.ip.as_str()));
        tags.add(address, Value::from(remote.ip.as_str()));
    }
    if remote.port != 0 {
        tags.add(port, Value::Int(i64::from(remote.port)));
    }
}
