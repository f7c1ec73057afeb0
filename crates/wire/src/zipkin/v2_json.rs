//! Spans of Zipkin's second version in JSON: `POST /api/v2/spans`.

use model::{Attribute, SpanKind, UnixNanos, Value};

use super::draft::{Annotation, SpanDraft, span_id_of, trace_id_of};
use super::json::{endpoint, one, spans, truth};
use super::translate::Translator;
use crate::assemble::Assembler;
use crate::decoded::{DecodeError, DecodedBatch};
use crate::intake::Intake;
use crate::json::read::{Fault, JsonReader};
use crate::json::scalar::{text, unsigned};
use crate::limits::Limits;

const ENCODING: &str = "Zipkin JSON";

/// Reads a list of spans. Nothing but white space is an empty request.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, DecodeError> {
    let mut translator = Translator::new(Assembler::new(bytes.len(), limits));
    spans(bytes, limits, ENCODING, |reader| {
        let read = one(&mut translator.assembler, reader, span)?;
        read.into_iter().for_each(|span| translator.accept(span));
        Ok(())
    })?;
    Ok(translator.finish())
}

fn span(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<SpanDraft, Fault> {
    let mut span = SpanDraft::default();
    reader.object(|reader, name| {
        match name {
            "traceId" => span.trace_id = trace_id_of(reader.scalar()?.as_text()),
            "id" => span.span_id = span_id_of(reader.scalar()?.as_text()),
            "parentId" => span.parent_span_id = span_id_of(reader.scalar()?.as_text()).ok(),
            "name" => span.name = text(intake, reader)?,
            "kind" => {
                let word = reader.scalar()?.as_text().to_ascii_lowercase();
                span.kind = SpanKind::from_word(&word).unwrap_or_default();
            }
            "timestamp" => span.start = unsigned(reader)?,
            "duration" => span.duration = unsigned(reader)?,
            "debug" => span.is_debug = truth(reader)?,
            "shared" => span.is_shared = truth(reader)?,
            "localEndpoint" => span.local = endpoint(intake, reader)?,
            "remoteEndpoint" => span.remote = endpoint(intake, reader)?,
            "annotations" => annotations(intake, reader, &mut span)?,
            "tags" => tags(intake, reader, &mut span)?,
            // Read as what it is not, it would lose most of what it says.
            "binaryAnnotations" => {
                return Err(reader.syntax("expected a JSON_V2 encoded list, but received: JSON_V1"));
            }
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(span)
}

fn annotations(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, span: &mut SpanDraft) -> Result<(), Fault> {
    reader.array(|reader| {
        if reader.null()? {
            return Ok(());
        }
        if !span.admits_annotation(intake) {
            return reader.skip();
        }
        let mut annotation = Annotation { time: UnixNanos(0), value: String::new() };
        reader.object(|reader, name| {
            match name {
                "timestamp" => annotation.time = UnixNanos::from_micros(unsigned(reader)?),
                "value" => annotation.value = text(intake, reader)?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        span.annotations.push(annotation);
        Ok(())
    })
}

fn tags(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, span: &mut SpanDraft) -> Result<(), Fault> {
    reader.object(|reader, key| {
        if reader.null()? {
            return Ok(());
        }
        if !span.tags.admits(intake) {
            return reader.skip();
        }
        let key = intake.key(key.as_bytes());
        let value = Value::String(text(intake, reader)?);
        span.tags.push(Attribute { key, value });
        Ok(())
    })
}
