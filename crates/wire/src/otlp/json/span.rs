//! The members of one span, of its events, links and status, by their names in either case. Unknown members are skipped.

use model::{Event, Link, Status, UnixNanos, Warning};

use super::scalar::{count, id_bytes, kind, nanos, span_id, status_code, trace_id};
use super::value::decode_attributes;
use crate::assemble::{SpanDraft, parent_span_id_from};
use crate::intake::{AttributesDraft, Intake};
use crate::json::read::{Fault, JsonReader};
use crate::json::scalar::text;

/// Reads a span. Its warnings stay in `intake` and `reader`.
pub(super) fn decode(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<SpanDraft, Fault> {
    let mut draft = SpanDraft::default();
    reader.object(|reader, name| {
        match name {
            "traceId" | "trace_id" => draft.trace_id = trace_id(reader)?,
            "spanId" | "span_id" => draft.span_id = span_id(reader)?,
            "parentSpanId" | "parent_span_id" => draft.parent_span_id = parent(intake, reader)?,
            "traceState" | "trace_state" => draft.trace_state = text(intake, reader)?,
            "flags" => draft.flags = count(reader)?,
            "name" => draft.name = text(intake, reader)?,
            "kind" => draft.kind = kind(reader)?,
            "startTimeUnixNano" | "start_time_unix_nano" => draft.start = nanos(reader)?,
            "endTimeUnixNano" | "end_time_unix_nano" => draft.end = nanos(reader)?,
            "attributes" => decode_attributes(intake, reader, &mut draft.attributes)?,
            "droppedAttributesCount" | "dropped_attributes_count" => {
                draft.attributes.dropped_by_client = count(reader)?;
            }
            "events" => events(intake, reader, &mut draft)?,
            "droppedEventsCount" | "dropped_events_count" => draft.events_dropped_by_client = count(reader)?,
            "links" => links(intake, reader, &mut draft)?,
            "droppedLinksCount" | "dropped_links_count" => draft.links_dropped_by_client = count(reader)?,
            "status" => draft.status = status(intake, reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(draft)
}

fn parent(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<Option<model::SpanId>, Fault> {
    match id_bytes(reader)? {
        Some(bytes) => Ok(parent_span_id_from(&bytes, intake)),
        None => {
            intake.warn(Warning::ParentMissing);
            Ok(None)
        }
    }
}

fn events(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, draft: &mut SpanDraft) -> Result<(), Fault> {
    (draft.events, draft.events_dropped) = (Vec::new(), 0);
    reader.array(|reader| {
        if reader.null()? {
            return Ok(());
        }
        if !draft.admits_event(intake) {
            return reader.skip();
        }
        draft.events.push(event(intake, reader)?);
        Ok(())
    })
}

fn event(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<Event, Fault> {
    let (mut time, mut event_name) = (UnixNanos(0), String::new());
    let mut attributes = AttributesDraft::default();
    reader.object(|reader, name| {
        match name {
            "timeUnixNano" | "time_unix_nano" => time = nanos(reader)?,
            "name" => event_name = text(intake, reader)?,
            "attributes" => decode_attributes(intake, reader, &mut attributes)?,
            "droppedAttributesCount" | "dropped_attributes_count" => attributes.dropped_by_client = count(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let (attributes, attributes_dropped) = attributes.finish();
    Ok(Event { time, name: event_name, attributes, attributes_dropped })
}

fn links(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>, draft: &mut SpanDraft) -> Result<(), Fault> {
    (draft.links, draft.links_dropped) = (Vec::new(), 0);
    reader.array(|reader| {
        if reader.null()? {
            return Ok(());
        }
        if !draft.admits_link(intake) {
            return reader.skip();
        }
        let link = link(intake, reader)?;
        draft.push_link(link, intake);
        Ok(())
    })
}

/// `None` when its ids name no span.
fn link(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<Option<Link>, Fault> {
    let (mut linked_trace, mut linked_span, mut trace_state, mut flags) = (None, None, String::new(), 0);
    let mut attributes = AttributesDraft::default();
    reader.object(|reader, name| {
        match name {
            "traceId" | "trace_id" => linked_trace = trace_id(reader)?.ok(),
            "spanId" | "span_id" => linked_span = span_id(reader)?.ok(),
            "traceState" | "trace_state" => trace_state = text(intake, reader)?,
            "flags" => flags = count(reader)?,
            "attributes" => decode_attributes(intake, reader, &mut attributes)?,
            "droppedAttributesCount" | "dropped_attributes_count" => attributes.dropped_by_client = count(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    let (Some(trace_id), Some(span_id)) = (linked_trace, linked_span) else { return Ok(None) };
    let (attributes, attributes_dropped) = attributes.finish();
    Ok(Some(Link { trace_id, span_id, trace_state, flags, attributes, attributes_dropped }))
}

fn status(intake: &mut Intake<'_>, reader: &mut JsonReader<'_>) -> Result<Status, Fault> {
    let mut status = Status::default();
    reader.object(|reader, name| {
        match name {
            "message" => status.message = text(intake, reader)?,
            "code" => status.code = status_code(reader)?,
            _ => reader.skip()?,
        }
        Ok(())
    })?;
    Ok(status)
}
