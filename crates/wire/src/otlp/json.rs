//! OTLP JSON to spans, leniently: everything that is known of real clients is understood, unknown members are skipped.
//!
//! Not here: JSON as text (`crate::json`), members of a span (`json/span`), values (`json/value`), scalars (`json/scalar`).

mod scalar;
mod span;
mod value;

use model::{Resource, Scope, Warning, Warnings};

use crate::assemble::{Assembler, Origin};
use crate::decoded::{DecodeError, Decoded};
use crate::intake::{AttributesDraft, Intake};
use crate::json::read::{Cause, Fault, JsonReader};
use crate::json::scalar::text;
use crate::limits::Limits;

/// Reads an `ExportTraceServiceRequest`, or `TracesData`, which has the same form. Nothing but white space is an empty request.
///
/// A span of another shape is rejected alone; a text that is no JSON cannot be decoded at all.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Decoded, DecodeError> {
    let mut reader = JsonReader::new(bytes, limits.json_depth_max);
    let mut assembler = Assembler::new(bytes.len(), limits);
    if !reader.is_at_end() {
        request(&mut assembler, &mut reader).map_err(|fault| error_from(fault, limits))?;
    }
    Ok(assembler.finish())
}

fn error_from(fault: Fault, limits: &Limits) -> DecodeError {
    let (encoding, position) = ("OTLP JSON", fault.position);
    match fault.cause {
        Cause::TooDeep => DecodeError::TooDeep { encoding, position, depth_max: limits.json_depth_max },
        Cause::Syntax(reason) | Cause::Shape(reason) => DecodeError::Malformed { encoding, position, reason },
    }
}

fn request(assembler: &mut Assembler<'_>, reader: &mut JsonReader<'_>) -> Result<(), Fault> {
    let [resource_spans] = members(reader, [["resourceSpans", "resource_spans"]])?;
    if !reader.is_at_end() {
        return Err(reader.syntax("more follows after the request"));
    }
    each(resource_spans, |reader| decode_resource_spans(assembler, reader))
}

fn decode_resource_spans(assembler: &mut Assembler<'_>, reader: &mut JsonReader<'_>) -> Result<(), Fault> {
    let [resource, scope_spans, schema_url] =
        members(reader, [["resource", "resource"], ["scopeSpans", "scope_spans"], ["schemaUrl", "schema_url"]])?;
    let mut origin = Origin::default();
    let (resource, warnings) = decode_resource(&mut assembler.intake, resource, schema_url)?;
    origin.resource = assembler.shared_resource(resource);
    origin.resource_warnings = warnings;
    each(scope_spans, |reader| decode_scope_spans(assembler, &mut origin, reader))
}

fn decode_scope_spans(
    assembler: &mut Assembler<'_>,
    origin: &mut Origin,
    reader: &mut JsonReader<'_>,
) -> Result<(), Fault> {
    let [scope, spans, schema_url] =
        members(reader, [["scope", "scope"], ["spans", "spans"], ["schemaUrl", "schema_url"]])?;
    let (scope, warnings) = decode_scope(&mut assembler.intake, scope, schema_url)?;
    origin.scope = assembler.shared_scope(scope);
    origin.scope_warnings = warnings;
    each(spans, |reader| decode_span(assembler, origin, reader))
}

/// Accepts or rejects the next span. A fault is one of the whole text.
fn decode_span(assembler: &mut Assembler<'_>, origin: &Origin, reader: &mut JsonReader<'_>) -> Result<(), Fault> {
    if reader.null()? {
        return Ok(());
    }
    if !assembler.admits_span() {
        return reader.skip();
    }
    let before = reader.mark();
    let draft = span::decode(&mut assembler.intake, reader);
    let warnings = warnings_of(&mut assembler.intake, reader);
    match draft {
        Ok(draft) => assembler.accept(draft, warnings, origin),
        Err(Fault { cause: Cause::Shape(reason), .. }) => {
            assembler.reject(reason);
            *reader = before;
            reader.skip()?;
        }
        Err(fault) => return Err(fault),
    }
    Ok(())
}

fn decode_resource(
    intake: &mut Intake<'_>,
    resource: Option<JsonReader<'_>>,
    schema_url: Option<JsonReader<'_>>,
) -> Result<(Resource, Warnings), Fault> {
    let (mut read, mut attributes) = (Resource::default(), AttributesDraft::default());
    let mut warnings = Warnings::NONE;
    if let Some(mut reader) = resource {
        reader.object(|reader, name| match name {
            "attributes" => value::decode_attributes(intake, reader, &mut attributes),
            "droppedAttributesCount" | "dropped_attributes_count" => {
                attributes.dropped_by_client = scalar::count(reader)?;
                Ok(())
            }
            _ => reader.skip(),
        })?;
        warnings = warnings_of(intake, &mut reader);
    }
    read.schema_url = decode_url(intake, schema_url)?;
    (read.attributes, read.attributes_dropped) = attributes.finish();
    Ok((read, warnings))
}

fn decode_scope(
    intake: &mut Intake<'_>,
    scope: Option<JsonReader<'_>>,
    schema_url: Option<JsonReader<'_>>,
) -> Result<(Scope, Warnings), Fault> {
    let (mut read, mut attributes) = (Scope::default(), AttributesDraft::default());
    let mut warnings = Warnings::NONE;
    if let Some(mut reader) = scope {
        reader.object(|reader, name| {
            match name {
                "name" => read.name = text(intake, reader)?,
                "version" => read.version = text(intake, reader)?,
                "attributes" => value::decode_attributes(intake, reader, &mut attributes)?,
                "droppedAttributesCount" | "dropped_attributes_count" => {
                    attributes.dropped_by_client = scalar::count(reader)?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        warnings = warnings_of(intake, &mut reader);
    }
    read.schema_url = decode_url(intake, schema_url)?;
    (read.attributes, read.attributes_dropped) = attributes.finish();
    Ok((read, warnings))
}

fn decode_url(intake: &mut Intake<'_>, url: Option<JsonReader<'_>>) -> Result<String, Fault> {
    url.map_or(Ok(String::new()), |mut reader| text(intake, &mut reader))
}

/// What was noted since the last call, by the intake and by the reader.
fn warnings_of(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Warnings {
    if reader.take_lossy() {
        intake.warn(Warning::InvalidUtf8);
    }
    intake.take_warnings()
}

/// Passes the next object; where the values of these members begin, each known by two names. The last of a name wins.
///
/// A resource may follow the spans it produced, hence the first look.
fn members<'a, const N: usize>(
    reader: &mut JsonReader<'a>,
    names: [[&str; 2]; N],
) -> Result<[Option<JsonReader<'a>>; N], Fault> {
    let mut found = [const { None }; N];
    reader.object(|reader, name| {
        if let Some(place) = names.iter().position(|known| known.contains(&name)) {
            found[place] = Some(reader.mark());
        }
        reader.skip()
    })?;
    Ok(found)
}

/// Calls `element` before each element of the list; no list has no elements.
fn each<'a>(
    list: Option<JsonReader<'a>>,
    element: impl FnMut(&mut JsonReader<'a>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    list.map_or(Ok(()), |mut reader| reader.array(element))
}
