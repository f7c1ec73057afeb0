//! Batches in protobuf, as gRPC clients send them: `jaeger.api_v2.PostSpansRequest`.

use model::{SpanId, UnixNanos};

use super::draft::{LogDraft, ProcessDraft, Reference, ReferenceKind, SpanDraft, Tag, TagKind};
use super::translate::Translator;
use crate::assemble::{Assembler, padded_trace_id_from, span_id_from};
use crate::decoded::{DecodeError, DecodedBatch};
use crate::fault::Fault;
use crate::intake::{AttributesDraft, Intake};
use crate::limits::Limits;
use crate::protobuf::read::{Overrun, Part, Payload};

const ENCODING: &str = "Jaeger protobuf";
const NANOS_PER_SECOND: i128 = 1_000_000_000;

/// Reads a `PostSpansRequest`. No bytes are an empty request.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, DecodeError> {
    request(Part::whole(bytes), limits).map_err(|fault| fault.of(ENCODING))
}

fn request(request: Part<'_>, limits: &Limits) -> Result<DecodedBatch, Fault> {
    let mut decoded = DecodedBatch::default();
    for field in request.fields(Overrun::Refuse) {
        let field = field?;
        if let (1, Payload::Bytes(part)) = (field.number, field.payload) {
            decoded = batch(part, limits)?;
        }
    }
    Ok(decoded)
}

fn batch(batch: Part<'_>, limits: &Limits) -> Result<DecodedBatch, Fault> {
    let mut assembler = Assembler::new(batch.bytes.len(), limits);
    let mut process = ProcessDraft::default();
    // It follows the spans it ran, so it is looked for first.
    for field in batch.fields(Overrun::Refuse) {
        let field = field?;
        if let (2, Payload::Bytes(part)) = (field.number, field.payload) {
            process = read_process(&mut assembler.intake, part)?;
        }
    }
    let warnings = assembler.intake.take_warnings();
    let mut translator = Translator::new(assembler, process, warnings);
    for field in batch.fields(Overrun::Refuse) {
        let field = field?;
        let (1, Payload::Bytes(part)) = (field.number, field.payload) else { continue };
        if translator.assembler.admits_span() {
            let (span, own_process) = read_span(&mut translator.assembler.intake, part)?;
            translator.accept(span, own_process);
        }
    }
    Ok(translator.finish().into())
}

fn read_process(intake: &mut Intake<'_>, part: Part<'_>) -> Result<ProcessDraft, Fault> {
    let mut process = ProcessDraft::default();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(text)) => process.service = intake.text(text.bytes),
            (2, Payload::Bytes(part)) => read_tag(intake, part, &mut process.tags)?,
            _ => {}
        }
    }
    Ok(process)
}

/// The span, and its own process when it has one.
fn read_span(intake: &mut Intake<'_>, part: Part<'_>) -> Result<(SpanDraft, Option<ProcessDraft>), Fault> {
    let mut span = SpanDraft::default();
    let mut process = None;
    let (mut start, mut duration) = (0, 0);
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(id)) => span.trace_id = padded_trace_id_from(id.bytes),
            (2, Payload::Bytes(id)) => span.span_id = span_id_from(id.bytes),
            (3, Payload::Bytes(text)) => span.name = intake.text(text.bytes),
            (4, Payload::Bytes(part)) if span.admits_reference(intake) => {
                let reference = read_reference(part)?;
                span.push_reference(reference);
            }
            (5, Payload::Varint(flags)) => span.flags = flags as u32,
            (6, Payload::Bytes(part)) => start = read_nanos(part)?,
            (7, Payload::Bytes(part)) => duration = read_nanos(part)?,
            (8, Payload::Bytes(part)) => read_tag(intake, part, &mut span.tags)?,
            (9, Payload::Bytes(part)) if span.admits_log(intake) => {
                let log = read_log(intake, part)?;
                span.logs.push(log);
            }
            (10, Payload::Bytes(part)) => process = Some(read_process(intake, part)?),
            _ => {}
        }
    }
    span.start = nanos(start);
    span.end = nanos(start.saturating_add(duration));
    Ok((span, process))
}

/// `None` when its ids name no span.
fn read_reference(part: Part<'_>) -> Result<Option<Reference>, Fault> {
    let (mut trace_id, mut span_id, mut kind) = (None, None, ReferenceKind::ChildOf);
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(id)) => trace_id = padded_trace_id_from(id.bytes).ok(),
            (2, Payload::Bytes(id)) => span_id = SpanId::from_slice(id.bytes),
            (3, Payload::Varint(1)) => kind = ReferenceKind::FollowsFrom,
            _ => {}
        }
    }
    Ok(trace_id.zip(span_id).map(|(trace_id, span_id)| Reference { kind, trace_id, span_id }))
}

fn read_log(intake: &mut Intake<'_>, part: Part<'_>) -> Result<LogDraft, Fault> {
    let mut log = LogDraft { time: UnixNanos(0), fields: AttributesDraft::default() };
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(part)) => log.time = nanos(read_nanos(part)?),
            (2, Payload::Bytes(part)) => read_tag(intake, part, &mut log.fields)?,
            _ => {}
        }
    }
    Ok(log)
}

fn read_tag(intake: &mut Intake<'_>, part: Part<'_>, tags: &mut AttributesDraft) -> Result<(), Fault> {
    if !tags.admits(intake) {
        return Ok(());
    }
    let mut tag = Tag::default();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(text)) => tag.key = text.bytes,
            (2, Payload::Varint(number)) => tag.kind = tag_kind_of(number),
            (3, Payload::Bytes(text)) => tag.text = text.bytes,
            (4, Payload::Varint(number)) => tag.bool = number != 0,
            (5, Payload::Varint(number)) => tag.int = number as i64,
            (6, Payload::Fixed64(bits)) => tag.double = f64::from_bits(bits),
            (7, Payload::Bytes(raw)) => tag.raw = raw.bytes,
            _ => {}
        }
    }
    tags.push(tag.take(intake));
    Ok(())
}

/// Not Thrift's numbers.
fn tag_kind_of(number: u64) -> TagKind {
    match number {
        1 => TagKind::Bool,
        2 => TagKind::Int,
        3 => TagKind::Double,
        4 => TagKind::Raw,
        _ => TagKind::Text,
    }
}

/// A `Timestamp` or a `Duration`, in nanoseconds.
fn read_nanos(part: Part<'_>) -> Result<i128, Fault> {
    let (mut seconds, mut nanos) = (0, 0);
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Varint(number)) => seconds = number as i64,
            (2, Payload::Varint(number)) => nanos = number as i32,
            _ => {}
        }
    }
    Ok(i128::from(seconds) * NANOS_PER_SECOND + i128::from(nanos))
}

fn nanos(nanos: i128) -> UnixNanos {
    UnixNanos(nanos.clamp(0, i128::from(u64::MAX)) as u64)
}
