//! Batches in Thrift: a datagram's one-way call in either form, or the bare struct that clients post over HTTP.

use model::{SpanId, UnixNanos};

use super::draft::{LogDraft, ProcessDraft, Reference, ReferenceKind, SpanDraft, Tag, TagKind, trace_id_of};
use super::translate::{Translator, micros};
use crate::assemble::Assembler;
use crate::decoded::{DecodeError, DecodedBatch};
use crate::fault::Fault;
use crate::intake::{AttributesDraft, Intake};
use crate::limits::Limits;
use crate::thrift::{Field, Form, Kind, Place, Reader};

const ENCODING: &str = "Jaeger Thrift";

/// What a datagram calls.
const EMIT_BATCH: &[u8] = b"emitBatch";

/// How deep the fields of the structs lie, counted as the reader counts: for what is skipped in them.
const IN_BATCH: usize = 2;
const IN_SPAN: usize = 4;
const IN_TAG: usize = 8;

/// The form of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Port 6831.
    Compact,
    /// Port 6832.
    Binary,
}

/// What a client calls itself, among the tags of its process.
const CLIENT_ID: &str = "client-uuid";

impl Envelope {
    fn form(self) -> Form {
        match self {
            Envelope::Compact => Form::Compact,
            Envelope::Binary => Form::Binary,
        }
    }
}

/// A batch, and what its client says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Its spans.
    pub decoded: DecodedBatch,
    /// Who sent it, and what was before it.
    pub client: ClientReport,
}

/// What a client says of itself and of its batches before this one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientReport {
    /// Differs between clients, also of one service; empty for clients that do not call themselves anything.
    pub id: String,
    /// The service of its process; empty when it says none.
    pub service: String,
    /// Rises by one with each batch of a client, for clients that count.
    pub sequence: Option<i64>,
    /// What the client lost so far, for clients that say.
    pub stats: Option<ClientStats>,
}

/// Spans that a client could not send, since it started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClientStats {
    /// Its queue was full.
    pub queue_full: u64,
    /// They did not fit into a datagram.
    pub too_large: u64,
    /// Sending failed.
    pub not_sent: u64,
}

/// Whether a datagram begins as a batch does: a look at its first bytes, much cheaper than reading it.
pub fn begins_as_batch(envelope: Envelope, bytes: &[u8]) -> bool {
    Reader::new(envelope.form(), bytes).envelope().is_ok_and(|name| name == EMIT_BATCH)
}

/// Reads one datagram.
pub fn datagram(envelope: Envelope, bytes: &[u8], limits: &Limits) -> Result<Batch, DecodeError> {
    let mut reader = Reader::new(envelope.form(), bytes);
    call(&mut reader, limits, bytes.len()).map_err(|fault| fault.of(ENCODING))
}

/// Reads the body of a request: a `Batch` in the binary form, without an envelope.
pub fn body(bytes: &[u8], limits: &Limits) -> Result<Batch, DecodeError> {
    let mut reader = Reader::new(Form::Binary, bytes);
    batch(&mut reader, limits, bytes.len()).map_err(|fault| fault.of(ENCODING))
}

fn call(reader: &mut Reader<'_>, limits: &Limits, request_bytes: usize) -> Result<Batch, Fault> {
    if reader.envelope()? != EMIT_BATCH {
        return Err(reader.fault("a call other than emitBatch"));
    }
    let mut found = None;
    let mut place = Place::default();
    while let Some(field) = reader.field(&mut place)? {
        match (field.id, field.kind) {
            (1, Kind::Struct) => found = Some(batch(reader, limits, request_bytes)?),
            _ => reader.skip(field.kind, 1)?,
        }
    }
    found.ok_or_else(|| reader.fault("a call without a batch"))
}

fn batch(reader: &mut Reader<'_>, limits: &Limits, request_bytes: usize) -> Result<Batch, Fault> {
    let mut assembler = Assembler::new(request_bytes, limits);
    let mut batch = Batch::default();
    let mut process = ProcessDraft::default();
    let mut spans = None;
    let mut place = Place::default();
    while let Some(Field { id, kind }) = reader.field(&mut place)? {
        match (id, kind) {
            (1, Kind::Struct) => process = read_process(reader, &mut assembler.intake)?,
            (2, Kind::List) => {
                // The process may follow the spans it ran, so they are come back to.
                spans = Some(reader.clone());
                reader.skip(kind, IN_BATCH)?;
            }
            (3, Kind::I64) => batch.client.sequence = Some(reader.i64()?),
            (4, Kind::Struct) => batch.client.stats = Some(read_stats(reader)?),
            _ => reader.skip(kind, IN_BATCH)?,
        }
    }
    batch.client.service.clone_from(&process.service);
    batch.client.id = process.tags.text(CLIENT_ID).unwrap_or_default().to_owned();
    let process_warnings = assembler.intake.take_warnings();
    let mut translator = Translator::new(assembler, process, process_warnings);
    if let Some(mut reader) = spans {
        let list = reader.list()?;
        for _ in 0..list.count {
            if list.kind != Kind::Struct || !translator.assembler.admits_span() {
                reader.skip(list.kind, IN_BATCH + 1)?;
                continue;
            }
            let span = read_span(&mut reader, &mut translator.assembler.intake)?;
            translator.accept(span, None);
        }
    }
    batch.decoded = translator.finish().into();
    Ok(batch)
}

fn read_process(reader: &mut Reader<'_>, intake: &mut Intake<'_>) -> Result<ProcessDraft, Fault> {
    let mut process = ProcessDraft::default();
    let mut place = Place::default();
    while let Some(Field { id, kind }) = reader.field(&mut place)? {
        match (id, kind) {
            (1, Kind::Bytes) => process.service = intake.text(reader.bytes()?),
            (2, Kind::List) => read_tags(reader, intake, &mut process.tags)?,
            _ => reader.skip(kind, IN_SPAN)?,
        }
    }
    Ok(process)
}

fn read_stats(reader: &mut Reader<'_>) -> Result<ClientStats, Fault> {
    let mut stats = ClientStats::default();
    let mut place = Place::default();
    while let Some(Field { id, kind }) = reader.field(&mut place)? {
        let count = match (id, kind) {
            (1, Kind::I64) => &mut stats.queue_full,
            (2, Kind::I64) => &mut stats.too_large,
            (3, Kind::I64) => &mut stats.not_sent,
            _ => {
                reader.skip(kind, IN_SPAN)?;
                continue;
            }
        };
        *count = u64::try_from(reader.i64()?).unwrap_or(0);
    }
    Ok(stats)
}

fn read_span(reader: &mut Reader<'_>, intake: &mut Intake<'_>) -> Result<SpanDraft, Fault> {
    let mut span = SpanDraft::default();
    let (mut high, mut low, mut start, mut duration) = (0, 0, 0, 0);
    let mut place = Place::default();
    while let Some(Field { id, kind }) = reader.field(&mut place)? {
        match (id, kind) {
            (1, Kind::I64) => low = reader.i64()?,
            (2, Kind::I64) => high = reader.i64()?,
            (3, Kind::I64) => span.span_id = span_id_of(reader.i64()?).ok_or("span id is zero"),
            (4, Kind::I64) => span.parent_span_id = span_id_of(reader.i64()?),
            (5, Kind::Bytes) => span.name = intake.text(reader.bytes()?),
            (6, Kind::List) => read_references(reader, intake, &mut span)?,
            (7, Kind::I32) => span.flags = reader.i32()? as u32,
            (8, Kind::I64) => start = reader.i64()?,
            (9, Kind::I64) => duration = reader.i64()?,
            (10, Kind::List) => read_tags(reader, intake, &mut span.tags)?,
            (11, Kind::List) => read_logs(reader, intake, &mut span)?,
            _ => reader.skip(kind, IN_SPAN)?,
        }
    }
    span.trace_id = trace_id_of(high as u64, low as u64);
    span.start = micros(start);
    span.end = micros(start.saturating_add(duration));
    Ok(span)
}

fn read_references(reader: &mut Reader<'_>, intake: &mut Intake<'_>, span: &mut SpanDraft) -> Result<(), Fault> {
    let list = reader.list()?;
    for _ in 0..list.count {
        if list.kind != Kind::Struct || !span.admits_reference(intake) {
            reader.skip(list.kind, IN_SPAN + 1)?;
            continue;
        }
        let (mut kind_number, mut low, mut high, mut span_id) = (0, 0, 0, 0);
        let mut place = Place::default();
        while let Some(Field { id, kind }) = reader.field(&mut place)? {
            match (id, kind) {
                (1, Kind::I32) => kind_number = reader.i32()?,
                (2, Kind::I64) => low = reader.i64()?,
                (3, Kind::I64) => high = reader.i64()?,
                (4, Kind::I64) => span_id = reader.i64()?,
                _ => reader.skip(kind, IN_TAG)?,
            }
        }
        let kind = if kind_number == 1 { ReferenceKind::FollowsFrom } else { ReferenceKind::ChildOf };
        let ids = trace_id_of(high as u64, low as u64).ok().zip(span_id_of(span_id));
        span.push_reference(ids.map(|(trace_id, span_id)| Reference { kind, trace_id, span_id }));
    }
    Ok(())
}

fn read_logs(reader: &mut Reader<'_>, intake: &mut Intake<'_>, span: &mut SpanDraft) -> Result<(), Fault> {
    let list = reader.list()?;
    for _ in 0..list.count {
        if list.kind != Kind::Struct || !span.admits_log(intake) {
            reader.skip(list.kind, IN_SPAN + 1)?;
            continue;
        }
        let mut log = LogDraft { time: UnixNanos(0), fields: AttributesDraft::default() };
        let mut place = Place::default();
        while let Some(Field { id, kind }) = reader.field(&mut place)? {
            match (id, kind) {
                (1, Kind::I64) => log.time = micros(reader.i64()?),
                (2, Kind::List) => read_tags(reader, intake, &mut log.fields)?,
                _ => reader.skip(kind, IN_TAG)?,
            }
        }
        span.logs.push(log);
    }
    Ok(())
}

fn read_tags(reader: &mut Reader<'_>, intake: &mut Intake<'_>, tags: &mut AttributesDraft) -> Result<(), Fault> {
    let list = reader.list()?;
    for _ in 0..list.count {
        if list.kind != Kind::Struct || !tags.admits(intake) {
            reader.skip(list.kind, IN_TAG)?;
            continue;
        }
        let mut tag = Tag::default();
        let mut place = Place::default();
        while let Some(Field { id, kind }) = reader.field(&mut place)? {
            match (id, kind) {
                (1, Kind::Bytes) => tag.key = reader.bytes()?,
                (2, Kind::I32) => tag.kind = tag_kind_of(reader.i32()?),
                (3, Kind::Bytes) => tag.text = reader.bytes()?,
                (4, Kind::Double) => tag.double = reader.double()?,
                (5, Kind::Bool) => tag.bool = reader.bool()?,
                (6, Kind::I64) => tag.int = reader.i64()?,
                (7, Kind::Bytes) => tag.raw = reader.bytes()?,
                _ => reader.skip(kind, IN_TAG)?,
            }
        }
        tags.push(tag.take(intake));
    }
    Ok(())
}

/// An unknown number is read as text, the number that is left out when it is the default.
fn tag_kind_of(number: i32) -> TagKind {
    match number {
        1 => TagKind::Double,
        2 => TagKind::Bool,
        3 => TagKind::Int,
        4 => TagKind::Raw,
        _ => TagKind::Text,
    }
}

fn span_id_of(number: i64) -> Option<SpanId> {
    SpanId::new(number.to_be_bytes())
}
