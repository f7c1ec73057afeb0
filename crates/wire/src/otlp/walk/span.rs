//! The fields of one span, of its events, links and status, into columns. A field of an unknown number or of another wire type
//! is skipped, as `proto` does.

use model::batch::{EventCell, LinkCell, Slice, StringId};
use model::{Event, Link, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Warning};

use super::words::{EMPTY, Level, List};
use super::{Origin, Walk};
use crate::assemble::{parent_span_id_from, span_id_from, time_warnings, trace_id_from};
use crate::otlp::proto::value::count_from;
use crate::protobuf::cursor::{Cursor, Damaged};

/// What of a span is not in any column yet.
struct Row {
    trace_id: Result<TraceId, &'static str>,
    span_id: Result<SpanId, &'static str>,
    parent_span_id: Option<SpanId>,
    trace_state: StringId,
    name: StringId,
    kind: SpanKind,
    start: UnixNanos,
    end: UnixNanos,
    status_code: StatusCode,
    status_message: StringId,
    flags: u32,
    attributes: Option<List>,
    events_dropped: u32,
    events_dropped_by_client: u32,
    links_dropped: u32,
    links_dropped_by_client: u32,
    /// Where its events and links begin.
    events_start: usize,
    links_start: usize,
}

impl Walk<'_> {
    /// Reads a `Span` into a row, or rejects it for its ids.
    pub(super) fn span(&mut self, span: &[u8], origin: Origin) -> Result<(), Damaged> {
        let mark = self.mark();
        self.pairs.clear();
        let row = self.row(span)?;
        match (row.trace_id, row.span_id) {
            (Ok(trace_id), Ok(span_id)) => {
                self.charge_span();
                self.push(trace_id, span_id, &row, origin);
            }
            (Err(reason), _) | (Ok(_), Err(reason)) => {
                let _noted = self.words.intake.take_warnings();
                self.rejected.add(reason, 1);
                self.forget_since(&mark);
            }
        }
        Ok(())
    }

    fn row(&mut self, span: &[u8]) -> Result<Row, Damaged> {
        let mut row = Row::new(self.columns.events.len(), self.columns.links.len());
        let mut fields = Cursor::new(span);
        while let Some(tag) = fields.tag()? {
            match tag {
                0x0a => row.trace_id = trace_id_from(fields.bytes()?),
                0x12 => row.span_id = span_id_from(fields.bytes()?),
                0x1a => row.trace_state = self.words.text(fields.bytes()?),
                0x22 => row.parent_span_id = parent_span_id_from(fields.bytes()?, &mut self.words.intake),
                0x2a => row.name = self.words.text(fields.bytes()?),
                0x30 => row.kind = SpanKind::from_number(fields.varint()? as i64),
                0x39 => row.start = UnixNanos(fields.fixed64()?),
                0x41 => row.end = UnixNanos(fields.fixed64()?),
                0x4a => {
                    let pair = fields.bytes()?;
                    let list = row.list(&mut self.words);
                    self.words.attribute(pair, list, &mut self.pairs)?;
                }
                0x50 => row.list(&mut self.words).dropped_by_client = count_from(fields.varint()?),
                0x5a => self.event(fields.bytes()?, &mut row)?,
                0x60 => row.events_dropped_by_client = count_from(fields.varint()?),
                0x6a => self.link(fields.bytes()?, &mut row)?,
                0x70 => row.links_dropped_by_client = count_from(fields.varint()?),
                0x7a => self.status(fields.bytes()?, &mut row)?,
                // Number 16, 32 bits.
                0x85 => row.flags = fields.fixed32()?,
                _ => fields.skip(tag)?,
            }
        }
        Ok(row)
    }

    fn event(&mut self, event: &[u8], row: &mut Row) -> Result<(), Damaged> {
        let events = self.columns.events.len() - row.events_start;
        if !self.words.intake.admits::<Event>(events, self.words.intake.limits.events_max) {
            row.events_dropped += 1;
            return Ok(());
        }
        let start = self.columns.attributes.len();
        let mut list = self.words.list(Level::Inner, EMPTY);
        let (mut time, mut name) = (UnixNanos(0), EMPTY);
        let mut fields = Cursor::new(event);
        while let Some(tag) = fields.tag()? {
            match tag {
                0x09 => time = UnixNanos(fields.fixed64()?),
                0x12 => name = self.words.text(fields.bytes()?),
                0x1a => self.words.attribute(fields.bytes()?, &mut list, &mut self.columns.attributes)?,
                0x20 => list.dropped_by_client = count_from(fields.varint()?),
                _ => fields.skip(tag)?,
            }
        }
        let attributes = self.run_since(start);
        self.columns.events.push(EventCell { time, name, attributes, attributes_dropped: list.dropped() });
        Ok(())
    }

    fn link(&mut self, link: &[u8], row: &mut Row) -> Result<(), Damaged> {
        let links = self.columns.links.len() - row.links_start;
        if !self.words.intake.admits::<Link>(links, self.words.intake.limits.links_max) {
            row.links_dropped += 1;
            return Ok(());
        }
        let start = self.columns.attributes.len();
        let mut list = self.words.list(Level::Inner, EMPTY);
        let (mut trace_id, mut span_id, mut trace_state, mut flags) = (None, None, EMPTY, 0);
        let mut fields = Cursor::new(link);
        while let Some(tag) = fields.tag()? {
            match tag {
                0x0a => trace_id = trace_id_from(fields.bytes()?).ok(),
                0x12 => span_id = span_id_from(fields.bytes()?).ok(),
                0x1a => trace_state = self.words.text(fields.bytes()?),
                0x22 => self.words.attribute(fields.bytes()?, &mut list, &mut self.columns.attributes)?,
                0x28 => list.dropped_by_client = count_from(fields.varint()?),
                0x35 => flags = fields.fixed32()?,
                _ => fields.skip(tag)?,
            }
        }
        let (Some(trace_id), Some(span_id)) = (trace_id, span_id) else {
            self.columns.attributes.truncate(start);
            row.links_dropped = row.links_dropped.saturating_add(1);
            self.words.intake.warn(Warning::ListCut);
            return Ok(());
        };
        let attributes = self.run_since(start);
        let attributes_dropped = list.dropped();
        self.columns.links.push(LinkCell { trace_id, span_id, trace_state, flags, attributes, attributes_dropped });
        Ok(())
    }

    fn status(&mut self, status: &[u8], row: &mut Row) -> Result<(), Damaged> {
        let mut fields = Cursor::new(status);
        while let Some(tag) = fields.tag()? {
            match tag {
                0x12 => row.status_message = self.words.text(fields.bytes()?),
                0x18 => row.status_code = StatusCode::from_number(fields.varint()? as i64),
                _ => fields.skip(tag)?,
            }
        }
        Ok(())
    }

    fn push(&mut self, trace_id: TraceId, span_id: SpanId, row: &Row, origin: Origin) {
        let mut warnings = self.words.intake.take_warnings();
        warnings.join(origin.warnings);
        warnings.join(time_warnings(row.start, row.end));
        let columns = &mut self.columns;
        let start = columns.attributes.len();
        columns.attributes.extend_from_slice(&self.pairs);
        columns.trace_id.push(trace_id);
        columns.span_id.push(span_id);
        columns.parent_span_id.push(row.parent_span_id);
        columns.start.push(row.start);
        columns.end.push(row.end);
        columns.name.push(row.name);
        columns.kind.push(row.kind);
        columns.status_code.push(row.status_code);
        columns.status_message.push(row.status_message);
        columns.trace_state.push(row.trace_state);
        columns.flags.push(row.flags);
        columns.warnings.push(warnings);
        columns.resource.push(origin.resource);
        columns.scope.push(origin.scope);
        columns.span_attributes.push(slice(start, columns.attributes.len()));
        columns.attributes_dropped.push(row.attributes.as_ref().map_or(0, List::dropped));
        columns.span_events.push(slice(row.events_start, columns.events.len()));
        columns.events_dropped.push(row.events_dropped_by_client.saturating_add(row.events_dropped));
        columns.span_links.push(slice(row.links_start, columns.links.len()));
        columns.links_dropped.push(row.links_dropped_by_client.saturating_add(row.links_dropped));
    }

    /// The attributes since `start`.
    pub(super) fn run_since(&self, start: usize) -> Slice {
        slice(start, self.columns.attributes.len())
    }
}

// === impl Row ===

impl Row {
    fn new(events_start: usize, links_start: usize) -> Row {
        Row {
            trace_id: Err("trace id is missing"),
            span_id: Err("span id is missing"),
            parent_span_id: None,
            trace_state: EMPTY,
            name: EMPTY,
            kind: SpanKind::default(),
            start: UnixNanos(0),
            end: UnixNanos(0),
            status_code: StatusCode::default(),
            status_message: EMPTY,
            flags: 0,
            attributes: None,
            events_dropped: 0,
            events_dropped_by_client: 0,
            links_dropped: 0,
            links_dropped_by_client: 0,
            events_start,
            links_start,
        }
    }

    /// Its attributes; spans of one name mostly begin with the same one.
    fn list(&mut self, words: &mut super::Words<'_>) -> &mut List {
        let name = self.name;
        self.attributes.get_or_insert_with(|| words.list(Level::Span, name))
    }
}

fn slice(start: usize, end: usize) -> Slice {
    Slice { start: index_of(start), end: index_of(end) }
}

pub(super) fn index_of(length: usize) -> u32 {
    u32::try_from(length).expect("a request is bounded by bytes long before four thousand million cells")
}
