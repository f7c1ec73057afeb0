//! Spans as the bytes of OTLP export requests, and where the times stand in them. Not here: which spans share a request.

use super::protobuf::Writer;
use super::protobuf::read::{Field, Value as Wire, fields};
use super::span::{Attributes, Event, Spans, Value};
use super::workload::Workload;

/// When workloads begin, unix nanoseconds: 2026-01-01. A sender moves it to the time of sending.
pub(super) const BASE_NANOS: u64 = 1_767_225_600 * 1_000_000_000;
/// OTLP's number of the status of a failed span.
const STATUS_ERROR: u64 = 2;
/// OTLP's fields that hold times: of a span, and of an event in field 11 of a span.
const SPAN_TIMES: [u32; 2] = [7, 8];
const SPAN_EVENT: u32 = 11;
const EVENT_TIME: u32 = 1;

/// The request with these rows, grouped by resource in the order of their first row.
pub(super) fn request(workload: &dyn Workload, spans: &Spans, rows: &[u32]) -> Vec<u8> {
    let mut groups: Vec<((u16, u8), Vec<u32>)> = Vec::new();
    for row in rows {
        let span = &spans.rows[*row as usize];
        let key = (span.service, span.instance);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, rows)) => rows.push(*row),
            None => groups.push((key, vec![*row])),
        }
    }
    let mut writer = Writer::default();
    for ((service, instance), rows) in groups {
        writer.message(1, |group| {
            group.message(1, |resource| attributes(resource, 1, &workload.resource(service, instance)));
            group.message(2, |scoped| {
                scoped.message(1, |scope| {
                    scope.bytes(1, b"bench.instrumentation");
                    scope.bytes(2, b"1.0.0");
                });
                for row in rows {
                    scoped.message(2, |writer| span(writer, workload, spans, row));
                }
            });
        });
    }
    writer.bytes
}

fn span(writer: &mut Writer, workload: &dyn Workload, spans: &Spans, row: u32) {
    let row = &spans.rows[row as usize];
    writer.bytes(1, &spans.traces[row.trace as usize].id.to_be_bytes());
    writer.bytes(2, &row.span_id.to_be_bytes());
    if let Some(parent) = row.parent {
        writer.bytes(4, &spans.rows[parent as usize].span_id.to_be_bytes());
    }
    writer.bytes(5, workload.name(row).as_bytes());
    writer.varint(6, workload.kind(row) as u64);
    writer.fixed64(7, BASE_NANOS + row.start);
    writer.fixed64(8, BASE_NANOS + row.end());
    attributes(writer, 9, &workload.attributes(row));
    for event in workload.events(row) {
        writer.message(SPAN_EVENT, |writer| write_event(writer, row.start, &event));
    }
    if row.is_error {
        writer.message(15, |status| {
            status.bytes(2, workload.status_message(row).as_bytes());
            status.varint(3, STATUS_ERROR);
        });
    }
}

fn write_event(writer: &mut Writer, start: u64, event: &Event<'_>) {
    writer.fixed64(EVENT_TIME, BASE_NANOS + start + event.after);
    writer.bytes(2, event.name.as_bytes());
    attributes(writer, 3, &event.attributes);
}

fn attributes(writer: &mut Writer, number: u32, attributes: &Attributes<'_>) {
    for (key, value) in attributes {
        writer.message(number, |pair| {
            pair.bytes(1, key.as_bytes());
            pair.message(2, |any| match value {
                Value::Text(text) => any.bytes(1, text.as_bytes()),
                Value::Int(number) => any.varint(3, number.cast_unsigned()),
            });
        });
    }
}

/// Where in a request the times stand: offsets of eight bytes each.
pub(super) fn time_offsets(request: &[u8]) -> Vec<u32> {
    let mut offsets = Vec::new();
    for group in messages(request, 0, 1) {
        for scoped in messages(group.0, group.1, 2) {
            for (span, offset) in messages(scoped.0, scoped.1, 2) {
                push_times(&mut offsets, fields(span, offset), &SPAN_TIMES);
                for (event, offset) in messages(span, offset, SPAN_EVENT) {
                    push_times(&mut offsets, fields(event, offset), &[EVENT_TIME]);
                }
            }
        }
    }
    offsets
}

/// Moves all times of a request by `nanos`.
pub(super) fn move_times(request: &mut [u8], offsets: impl Iterator<Item = u32>, nanos: u64) {
    for offset in offsets {
        let place = offset as usize;
        let bytes: &mut [u8; 8] = (&mut request[place..place + 8]).try_into().expect("eight bytes are eight bytes");
        *bytes = u64::from_le_bytes(*bytes).wrapping_add(nanos).to_le_bytes();
    }
}

/// The messages in field `number`, with their offsets.
pub(super) fn messages(bytes: &[u8], offset: usize, number: u32) -> impl Iterator<Item = (&[u8], usize)> {
    fields(bytes, offset).filter(move |field| field.number == number).filter_map(|field| match field.value {
        Wire::Bytes(bytes) => Some((bytes, field.offset)),
        Wire::Varint(_) | Wire::Fixed64(_) => None,
    })
}

fn push_times<'a>(offsets: &mut Vec<u32>, fields: impl Iterator<Item = Field<'a>>, numbers: &[u32]) {
    let times = fields.filter(|field| numbers.contains(&field.number) && matches!(field.value, Wire::Fixed64(_)));
    offsets.extend(times.map(|field| u32::try_from(field.offset).expect("a request is far below 4 GiB")));
}
