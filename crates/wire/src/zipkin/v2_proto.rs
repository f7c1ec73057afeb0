//! Spans of Zipkin's second version in protobuf: `ListOfSpans`.

use model::{Attribute, SpanId, SpanKind, UnixNanos, Value};

use super::draft::{Annotation, Endpoint, SpanDraft};
use super::translate::Translator;
use crate::assemble::{Assembler, padded_trace_id_from, span_id_from};
use crate::decoded::{DecodeError, DecodedBatch};
use crate::fault::Fault;
use crate::intake::Intake;
use crate::limits::Limits;
use crate::protobuf::read::{Overrun, Part, Payload};

const ENCODING: &str = "Zipkin protobuf";

/// Reads a `ListOfSpans`. No bytes are an empty request.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, DecodeError> {
    let mut translator = Translator::new(Assembler::new(bytes.len(), limits));
    list(&mut translator, Part::whole(bytes)).map_err(|fault| fault.of(ENCODING))?;
    Ok(translator.finish())
}

fn list(translator: &mut Translator<'_>, list: Part<'_>) -> Result<(), Fault> {
    for field in list.fields(Overrun::Refuse) {
        let field = field?;
        let (1, Payload::Bytes(part)) = (field.number, field.payload) else { continue };
        if translator.assembler.admits_span() {
            let span = span(&mut translator.assembler.intake, part)?;
            translator.accept(span);
        }
    }
    Ok(())
}

fn span(intake: &mut Intake<'_>, part: Part<'_>) -> Result<SpanDraft, Fault> {
    let mut span = SpanDraft::default();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(id)) => span.trace_id = padded_trace_id_from(id.bytes),
            (2, Payload::Bytes(id)) => span.parent_span_id = SpanId::from_slice(id.bytes),
            (3, Payload::Bytes(id)) => span.span_id = span_id_from(id.bytes),
            (4, Payload::Varint(number)) => span.kind = kind_of(number),
            (5, Payload::Bytes(text)) => span.name = intake.text(text.bytes),
            (6, Payload::Fixed64(micros)) => span.start = micros,
            (7, Payload::Varint(micros)) => span.duration = micros,
            (8, Payload::Bytes(part)) => span.local = endpoint(intake, part)?,
            (9, Payload::Bytes(part)) => span.remote = endpoint(intake, part)?,
            (10, Payload::Bytes(part)) if span.admits_annotation(intake) => {
                let annotation = annotation(intake, part)?;
                span.annotations.push(annotation);
            }
            (11, Payload::Bytes(part)) if span.tags.admits(intake) => {
                let tag = tag(intake, part)?;
                span.tags.push(tag);
            }
            (12, Payload::Varint(number)) => span.is_debug = number != 0,
            (13, Payload::Varint(number)) => span.is_shared = number != 0,
            _ => {}
        }
    }
    Ok(span)
}

/// Not OTLP's numbers.
fn kind_of(number: u64) -> SpanKind {
    match number {
        1 => SpanKind::Client,
        2 => SpanKind::Server,
        3 => SpanKind::Producer,
        4 => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn endpoint(intake: &mut Intake<'_>, part: Part<'_>) -> Result<Endpoint, Fault> {
    let mut endpoint = Endpoint::default();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(text)) => endpoint.service = intake.text(text.bytes),
            (2, Payload::Bytes(ip)) => endpoint.set_ipv4(ip.bytes),
            (3, Payload::Bytes(ip)) => endpoint.set_ipv6(ip.bytes),
            (4, Payload::Varint(port)) => endpoint.set_port(port as i64),
            _ => {}
        }
    }
    Ok(endpoint)
}

fn annotation(intake: &mut Intake<'_>, part: Part<'_>) -> Result<Annotation, Fault> {
    let mut annotation = Annotation { time: UnixNanos(0), value: String::new() };
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Fixed64(micros)) => annotation.time = UnixNanos::from_micros(micros),
            (2, Payload::Bytes(text)) => annotation.value = intake.text(text.bytes),
            _ => {}
        }
    }
    Ok(annotation)
}

/// An entry of the map of tags.
fn tag(intake: &mut Intake<'_>, part: Part<'_>) -> Result<Attribute, Fault> {
    let (mut key, mut value) = (String::new(), String::new());
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(text)) => key = intake.key(text.bytes),
            (2, Payload::Bytes(text)) => value = intake.text(text.bytes),
            _ => {}
        }
    }
    Ok(Attribute { key, value: Value::String(value) })
}
