//! Spans of Zipkin's first version in JSON: `POST /api/v1/spans`.

use model::Value;

use super::draft::{Endpoint, span_id_of, trace_id_of};
use super::json::{endpoint, one, spans, truth, value};
use super::translate::Translator;
use super::v1::{BinaryAnnotation, HostAnnotation, V1Draft};
use crate::assemble::Assembler;
use crate::decoded::{DecodeError, DecodedBatch};
use crate::intake::Intake;
use crate::json::read::{Fault, JsonReader};
use crate::json::scalar::{key, text, unsigned};
use crate::limits::Limits;

const ENCODING: &str = "Zipkin v1 JSON";

/// Reads a list of spans. Nothing but white space is an empty request.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, DecodeError> {
    let mut translator = Translator::new(Assembler::new(bytes.len(), limits));
    spans(bytes, limits, ENCODING, |reader| {
        let read = one(&mut translator.assembler, reader, span)?;
        read.into_iter().flat_map(V1Draft::into_spans).for_each(|span| translator.accept(span));
        Ok(())
    })?;
    Ok(translator.finish())
}

fn span(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<V1Draft, Fault> {
    let mut span = V1Draft::default();
    reader.object(|reader, name| {
        match name {
            "traceId" => span.trace_id = trace_id_of(reader.scalar()?.as_text()),
            "id" => span.span_id = span_id_of(reader.scalar()?.as_text()),
            "parentId" => span.parent_span_id = span_id_of(reader.scalar()?.as_text()).ok(),
            "name" => span.name = text(intake, reader)?,
            "timestamp" => span.timestamp = unsigned(reader)?,
            "duration" => span.duration = unsigned(reader)?,
            "debug" => span.is_debug = truth(reader)?,
            "annotations" => reader.array(|reader| annotation(intake, reader, &mut span))?,
            "binaryAnnotations" => reader.array(|reader| binary_annotation(intake, reader, &mut span))?,
            // Read as what it is not, it would lose most of what it says.
            "localEndpoint" | "remoteEndpoint" | "tags" => {
                return Err(reader.syntax("expected a JSON_V1 encoded list, but received: JSON_V2"));
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(span)
}

fn annotation(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, span: &mut V1Draft) -> Result<(), Fault> {
    if reader.null()? {
        return Ok(());
    }
    if !span.admits_annotation(intake) {
        return reader.skip();
    }
    let mut read = HostAnnotation { micros: 0, value: String::new(), host: Endpoint::default() };
    reader.object(|reader, name| {
        match name {
            "timestamp" => read.micros = unsigned(reader)?,
            "value" => read.value = text(intake, reader)?,
            "endpoint" => read.host = endpoint(intake, reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    span.annotations.push(read);
    Ok(())
}

fn binary_annotation(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, span: &mut V1Draft) -> Result<(), Fault> {
    if reader.null()? {
        return Ok(());
    }
    if !span.admits_binary(intake) {
        return reader.skip();
    }
    let mut read = BinaryAnnotation { key: String::new(), value: Value::Empty, host: Endpoint::default() };
    reader.object(|reader, name| {
        match name {
            "key" => read.key = key(intake, reader)?,
            "value" => read.value = value(intake, reader)?,
            "endpoint" => read.host = endpoint(intake, reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    span.binary.push(read);
    Ok(())
}
