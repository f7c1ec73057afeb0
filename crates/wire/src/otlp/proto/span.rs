//! The fields of one span, of its events, links and status. A field of an unknown number or of another wire type is skipped,
//! as protobuf's own readers do, so that newer fields never fail and log records sent as spans lack their ids.

use model::{Event, Link, SpanKind, Status, StatusCode, UnixNanos};

use super::value::{count_from, decode_attribute};
use crate::assemble::{SpanDraft, parent_span_id_from, span_id_from, trace_id_from};
use crate::fault::Fault;
use crate::intake::{AttributesDraft, Intake};
use crate::protobuf::read::{Overrun, Part, Payload};

/// Reads a `Span`. Its warnings stay in `intake`.
pub(in crate::otlp) fn decode(intake: &mut Intake<'_>, span: Part<'_>) -> Result<SpanDraft, Fault> {
    let mut draft = SpanDraft::default();
    for field in span.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(id)) => draft.trace_id = trace_id_from(id.bytes),
            (2, Payload::Bytes(id)) => draft.span_id = span_id_from(id.bytes),
            (3, Payload::Bytes(text)) => draft.trace_state = intake.text(text.bytes),
            (4, Payload::Bytes(id)) => draft.parent_span_id = parent_span_id_from(id.bytes, intake),
            (5, Payload::Bytes(text)) => draft.name = intake.text(text.bytes),
            (6, Payload::Varint(number)) => draft.kind = SpanKind::from_number(number as i64),
            (7, Payload::Fixed64(nanos)) => draft.start = UnixNanos(nanos),
            (8, Payload::Fixed64(nanos)) => draft.end = UnixNanos(nanos),
            (9, Payload::Bytes(pair)) => decode_attribute(intake, pair, &mut draft.attributes)?,
            (10, Payload::Varint(count)) => draft.attributes.dropped_by_client = count_from(count),
            (11, Payload::Bytes(part)) if draft.admits_event(intake) => draft.events.push(event(intake, part)?),
            (12, Payload::Varint(count)) => draft.events_dropped_by_client = count_from(count),
            (13, Payload::Bytes(part)) if draft.admits_link(intake) => {
                let link = link(intake, part)?;
                draft.push_link(link, intake);
            }
            (14, Payload::Varint(count)) => draft.links_dropped_by_client = count_from(count),
            (15, Payload::Bytes(part)) => status(intake, part, &mut draft.status)?,
            (16, Payload::Fixed32(flags)) => draft.flags = flags,
            _ => {}
        }
    }
    Ok(draft)
}

fn event(intake: &mut Intake<'_>, part: Part<'_>) -> Result<Event, Fault> {
    let (mut time, mut name) = (UnixNanos(0), String::new());
    let mut attributes = AttributesDraft::default();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Fixed64(nanos)) => time = UnixNanos(nanos),
            (2, Payload::Bytes(text)) => name = intake.text(text.bytes),
            (3, Payload::Bytes(pair)) => decode_attribute(intake, pair, &mut attributes)?,
            (4, Payload::Varint(count)) => attributes.dropped_by_client = count_from(count),
            _ => {}
        }
    }
    let (attributes, attributes_dropped) = attributes.finish();
    Ok(Event { time, name, attributes, attributes_dropped })
}

/// `None` when its ids name no span.
fn link(intake: &mut Intake<'_>, part: Part<'_>) -> Result<Option<Link>, Fault> {
    let (mut trace_id, mut span_id, mut trace_state, mut flags) = (None, None, String::new(), 0);
    let mut attributes = AttributesDraft::default();
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (1, Payload::Bytes(id)) => trace_id = trace_id_from(id.bytes).ok(),
            (2, Payload::Bytes(id)) => span_id = span_id_from(id.bytes).ok(),
            (3, Payload::Bytes(text)) => trace_state = intake.text(text.bytes),
            (4, Payload::Bytes(pair)) => decode_attribute(intake, pair, &mut attributes)?,
            (5, Payload::Varint(count)) => attributes.dropped_by_client = count_from(count),
            (6, Payload::Fixed32(bits)) => flags = bits,
            _ => {}
        }
    }
    let (Some(trace_id), Some(span_id)) = (trace_id, span_id) else { return Ok(None) };
    let (attributes, attributes_dropped) = attributes.finish();
    Ok(Some(Link { trace_id, span_id, trace_state, flags, attributes, attributes_dropped }))
}

fn status(intake: &mut Intake<'_>, part: Part<'_>, status: &mut Status) -> Result<(), Fault> {
    for field in part.fields(Overrun::Refuse) {
        let field = field?;
        match (field.number, field.payload) {
            (2, Payload::Bytes(text)) => status.message = intake.text(text.bytes),
            (3, Payload::Varint(number)) => status.code = StatusCode::from_number(number as i64),
            _ => {}
        }
    }
    Ok(())
}
