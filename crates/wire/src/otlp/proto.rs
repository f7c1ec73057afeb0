//! OTLP protobuf to spans: opens a request, its resources and its scopes, and decodes each span on its own.
//!
//! Not here: the fields of a span (`proto/span`), its values (`proto/value`), damaged requests (`salvage`).

pub(super) mod span;
pub(super) mod value;

use model::{Resource, Scope, Warnings};

use super::salvage;
use crate::assemble::{Assembler, Origin};
use crate::decoded::{DecodeError, Decoded};
use crate::fault::Fault;
use crate::intake::{AttributesDraft, Intake};
use crate::limits::Limits;
use crate::protobuf::read::{Field, Overrun, Part, Payload};

/// Reads an `ExportTraceServiceRequest`, or `TracesData`, which has the same form. No bytes are an empty request.
///
/// When the request is damaged, what can be read of it is, flagged `Salvaged`.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, DecodeError> {
    let mut assembler = Assembler::new(bytes.len(), limits);
    match request(&mut assembler, Part::whole(bytes)) {
        Ok(()) => Ok(assembler.finish()),
        Err(fault) => {
            drop(assembler);
            salvage::decode(bytes, limits, fault)
        }
    }
}

/// Whether nothing is wrong with the structure of a request.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn is_whole(whole: Part<'_>, limits: &Limits) -> bool {
    request(&mut Assembler::new(whole.bytes.len(), limits), whole).is_ok()
}

fn request(assembler: &mut Assembler<'_>, request: Part<'_>) -> Result<(), Fault> {
    for field in request.fields(Overrun::Refuse) {
        if let Some(resource_spans) = message(field?, 1)? {
            decode_resource_spans(assembler, resource_spans)?;
        }
    }
    Ok(())
}

fn decode_resource_spans(assembler: &mut Assembler<'_>, resource_spans: Part<'_>) -> Result<(), Fault> {
    let mut origin = Origin::default();
    // The resource may follow the spans it produced, so it is looked for first.
    let (resource, warnings, whole) = resource_of(&mut assembler.intake, resource_spans, Overrun::Refuse);
    whole?;
    origin.resource = assembler.shared_resource(resource);
    origin.resource_warnings = warnings;
    for field in resource_spans.fields(Overrun::Refuse) {
        if let Some(scope_spans) = message(field?, 2)? {
            decode_scope_spans(assembler, &mut origin, scope_spans)?;
        }
    }
    Ok(())
}

fn decode_scope_spans(assembler: &mut Assembler<'_>, origin: &mut Origin, scope_spans: Part<'_>) -> Result<(), Fault> {
    let (scope, warnings, whole) = scope_of(&mut assembler.intake, scope_spans, Overrun::Refuse);
    whole?;
    origin.scope = assembler.shared_scope(scope);
    origin.scope_warnings = warnings;
    for field in scope_spans.fields(Overrun::Refuse) {
        let Some(span) = message(field?, 2)? else { continue };
        if assembler.admits_span() {
            let draft = span::decode(&mut assembler.intake, span)?;
            let warnings = assembler.intake.take_warnings();
            assembler.accept(draft, warnings, origin);
        }
    }
    Ok(())
}

/// The message in `field` when it has this number. One that is no message there means that this is no such request.
pub(super) fn message(field: Field<'_>, number: u64) -> Result<Option<Part<'_>>, Fault> {
    match field.payload {
        _ if field.number != number => Ok(None),
        Payload::Bytes(part) => Ok(Some(part)),
        _ => Err(Fault { position: field.position, reason: "a number stands where a message is expected" }),
    }
}

/// The resource of a `ResourceSpans`: what can be read of it, the warnings about it, and whether that was all.
pub(super) fn resource_of(
    intake: &mut Intake<'_>,
    resource_spans: Part<'_>,
    overrun: Overrun,
) -> (Resource, Warnings, Result<(), Fault>) {
    let mut resource = Resource::default();
    let mut attributes = AttributesDraft::default();
    let mut merged = 0;
    let whole = resource_spans.fields(overrun).try_for_each(|field| {
        let field = field?;
        match (field.number, field.payload) {
            // Protobuf merges repeated messages. In a damaged request the second one is not the resource.
            (1, Payload::Bytes(_)) if overrun == Overrun::Clamp && merged > 0 => {}
            (1, Payload::Bytes(part)) => {
                merged += 1;
                resource_attributes(intake, part, &mut attributes)?;
            }
            (3, Payload::Bytes(url)) => resource.schema_url = intake.text(url.bytes),
            _ => {}
        }
        Ok(())
    });
    (resource.attributes, resource.attributes_dropped) = attributes.finish();
    (resource, intake.take_warnings(), whole)
}

/// The attributes of a `Resource`.
pub(super) fn resource_attributes(
    intake: &mut Intake<'_>,
    resource: Part<'_>,
    attributes: &mut AttributesDraft,
) -> Result<(), Fault> {
    for field in resource.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(pair)) => value::decode_attribute(intake, pair, attributes)?,
            (2, Payload::Varint(count)) => attributes.dropped_by_client = value::count_from(count),
            _ => {}
        }
    }
    Ok(())
}

/// The scope of a `ScopeSpans`, likewise.
pub(super) fn scope_of(
    intake: &mut Intake<'_>,
    scope_spans: Part<'_>,
    overrun: Overrun,
) -> (Scope, Warnings, Result<(), Fault>) {
    let mut scope = Scope::default();
    let mut attributes = AttributesDraft::default();
    let whole = scope_spans.fields(overrun).try_for_each(|field| {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(part)) => scope_fields(intake, part, &mut scope, &mut attributes)?,
            (3, Payload::Bytes(url)) => scope.schema_url = intake.text(url.bytes),
            _ => {}
        }
        Ok(())
    });
    (scope.attributes, scope.attributes_dropped) = attributes.finish();
    (scope, intake.take_warnings(), whole)
}

/// The fields of an `InstrumentationScope`.
pub(super) fn scope_fields(
    intake: &mut Intake<'_>,
    part: Part<'_>,
    scope: &mut Scope,
    attributes: &mut AttributesDraft,
) -> Result<(), Fault> {
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(name)) => scope.name = intake.text(name.bytes),
            (2, Payload::Bytes(version)) => scope.version = intake.text(version.bytes),
            (3, Payload::Bytes(pair)) => value::decode_attribute(intake, pair, attributes)?,
            (4, Payload::Varint(count)) => attributes.dropped_by_client = value::count_from(count),
            _ => {}
        }
    }
    Ok(())
}
