//! Batches become rows of cells. Each distinct text of a batch is looked up once, each attribute costs a few table reads.
//!
//! Not here: order, and bytes.

use std::borrow::Cow;

use hashbrown::HashMap;
use model::batch::{Columns as BatchColumns, Slice, ValueCell};
use model::{SpanBatch, SpanId, TraceId, UnixNanos};
use storage::batch::encode_value;

use super::super::layout::Owner;
use super::super::schema::{Field, Head, Kind};
use super::super::{BuildError, GROUP_CELLS_MAX, ROW_CELLS};
use super::column::Columns;
use super::shapes::{Cells, Shapes};
use super::shared::Shared;
use super::strings::Strings;

/// One span.
#[derive(Clone, Copy)]
pub(super) struct Row {
    pub(super) trace: u32,
    pub(super) cells: Cells,
    pub(super) span_id: u64,
    /// 0 for none.
    pub(super) parent_span_id: u64,
    pub(super) start: UnixNanos,
    pub(super) end: UnixNanos,
    pub(super) events: Slice,
    pub(super) links: Slice,
    /// Cells of the span, its events and links, plus one each.
    pub(super) weight: u32,
    /// How many rows were pushed before it.
    pub(super) pushed: u32,
}

pub(super) struct EventRow {
    pub(super) cells: Cells,
    pub(super) time: UnixNanos,
}

pub(super) struct LinkRow {
    pub(super) cells: Cells,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
}

/// Everything taken in so far.
#[derive(Default)]
pub(super) struct Intake<'a> {
    pub(super) strings: Strings<'a>,
    pub(super) columns: Columns<'a>,
    pub(super) shared: Shared,
    pub(super) span_shapes: Shapes,
    pub(super) event_shapes: Shapes,
    pub(super) link_shapes: Shapes,
    pub(super) rows: Vec<Row>,
    pub(super) events: Vec<EventRow>,
    pub(super) links: Vec<LinkRow>,
    /// Of all rows, events and links, as `Shapes` left them.
    pub(super) cells: Vec<u64>,
    pub(super) trace_ids: Vec<TraceId>,
    trace_numbers: HashMap<TraceId, u32>,
    /// Columns of the row, event or link in work.
    slots: Vec<u32>,
    /// Cells of the row in work, with its events and links.
    cells_taken: usize,
}

const UNKNOWN: u32 = u32::MAX;

/// Numbers in the block of the texts of one batch, looked up when first needed.
pub(super) struct BatchStrings {
    ids: Vec<u32>,
}

/// What is known of one batch.
struct Batch<'a> {
    columns: &'a BatchColumns,
    strings: BatchStrings,
    /// The column in which a text was a value last, and its cell there.
    values: Vec<(u32, u64)>,
    resources: Vec<u32>,
    scopes: Vec<u32>,
    /// Neighbours often are of one trace.
    trace: Option<(TraceId, u32)>,
}

impl BatchStrings {
    pub(super) fn of<'a>(&mut self, columns: &'a BatchColumns, id: u32, strings: &mut Strings<'a>) -> u32 {
        let known = &mut self.ids[id as usize];
        if *known == UNKNOWN {
            *known = strings.intern(&columns.strings[id as usize]);
        }
        *known
    }
}

impl<'a> Intake<'a> {
    pub(super) fn push(
        &mut self,
        batch: &'a SpanBatch,
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> Result<(), BuildError> {
        let columns = batch.columns();
        let mut batch = Batch {
            columns,
            strings: BatchStrings { ids: vec![UNKNOWN; columns.strings.len()] },
            values: vec![(UNKNOWN, 0); columns.strings.len()],
            resources: vec![UNKNOWN; columns.resources.len()],
            scopes: vec![UNKNOWN; columns.scopes.len()],
            trace: None,
        };
        self.rows.reserve(rows.len());
        for row in rows {
            let row = self.row(&mut batch, row)?;
            self.rows.push(row);
        }
        Ok(())
    }

    fn row(&mut self, batch: &mut Batch<'a>, row: usize) -> Result<Row, BuildError> {
        let columns = batch.columns;
        let trace = self.trace(batch, columns.trace_id[row]);
        self.cells_taken = 0;
        let events = self.events(batch, columns.span_events[row])?;
        let links = self.links(batch, columns.span_links[row])?;
        let head = self.head(batch, row)?;
        let cells = self.cells.len();
        self.slots.clear();
        self.attributes(batch, Owner::Span, columns.span_attributes[row])?;
        self.text(batch, Owner::Span, Field::StatusMessage, columns.status_message[row]);
        self.text(batch, Owner::Span, Field::TraceState, columns.trace_state[row]);
        for (field, value) in [
            (Field::Flags, columns.flags[row]),
            (Field::Warnings, columns.warnings[row].bits()),
            (Field::AttributesDropped, columns.attributes_dropped[row]),
            (Field::EventsDropped, columns.events_dropped[row]),
            (Field::LinksDropped, columns.links_dropped[row]),
            (Field::Events, columns.span_events[row].range().len() as u32),
            (Field::Links, columns.span_links[row].range().len() as u32),
        ] {
            self.number(Owner::Span, field, value);
        }
        let cells = self.span_shapes.intern(head, &self.slots, &mut self.cells, cells);
        let weight = self.cells_taken + events.range().len() + links.range().len();
        if weight >= GROUP_CELLS_MAX {
            return Err(BuildError::SpanTooLarge);
        }
        let bits = |id: &SpanId| u64::from_le_bytes(*id.bytes());
        Ok(Row {
            trace,
            cells,
            span_id: bits(&columns.span_id[row]),
            parent_span_id: columns.parent_span_id[row].as_ref().map_or(0, bits),
            start: columns.start[row],
            end: columns.end[row],
            events,
            links,
            weight: 1 + (weight / ROW_CELLS) as u32,
            pushed: self.rows.len() as u32,
        })
    }

    fn trace(&mut self, batch: &mut Batch<'a>, id: TraceId) -> u32 {
        if let Some((_, number)) = batch.trace.filter(|(last, _)| *last == id) {
            return number;
        }
        let number = *self.trace_numbers.entry(id).or_insert_with(|| {
            self.trace_ids.push(id);
            self.trace_ids.len() as u32 - 1
        });
        batch.trace = Some((id, number));
        number
    }

    fn head(&mut self, batch: &mut Batch<'a>, row: usize) -> Result<Head, BuildError> {
        let columns = batch.columns;
        let (resource, scope) = (columns.resource[row], columns.scope[row]);
        if batch.resources[resource as usize] == UNKNOWN {
            let number = self.shared.resource(columns, resource, &mut batch.strings, &mut self.strings)?;
            batch.resources[resource as usize] = number;
        }
        if batch.scopes[scope as usize] == UNKNOWN {
            let number = self.shared.scope(columns, scope, &mut batch.strings, &mut self.strings)?;
            batch.scopes[scope as usize] = number;
        }
        Ok(Head {
            resource: batch.resources[resource as usize],
            scope: batch.scopes[scope as usize],
            name: batch.strings.of(columns, columns.name[row], &mut self.strings),
            kind: columns.kind[row] as u8,
            status: columns.status_code[row] as u8,
        })
    }

    fn events(&mut self, batch: &mut Batch<'a>, slice: Slice) -> Result<Slice, BuildError> {
        let start = self.events.len() as u32;
        for event in &batch.columns.events[slice.range()] {
            let cells = self.cells.len();
            self.slots.clear();
            self.attributes(batch, Owner::Event, event.attributes)?;
            self.number(Owner::Event, Field::AttributesDropped, event.attributes_dropped);
            let name = batch.strings.of(batch.columns, event.name, &mut self.strings);
            let head = Head { name, ..Head::default() };
            let cells = self.event_shapes.intern(head, &self.slots, &mut self.cells, cells);
            self.events.push(EventRow { cells, time: event.time });
        }
        Ok(Slice { start, end: self.events.len() as u32 })
    }

    fn links(&mut self, batch: &mut Batch<'a>, slice: Slice) -> Result<Slice, BuildError> {
        let start = self.links.len() as u32;
        for link in &batch.columns.links[slice.range()] {
            let cells = self.cells.len();
            self.slots.clear();
            self.attributes(batch, Owner::Link, link.attributes)?;
            self.text(batch, Owner::Link, Field::TraceState, link.trace_state);
            self.number(Owner::Link, Field::Flags, link.flags);
            self.number(Owner::Link, Field::AttributesDropped, link.attributes_dropped);
            let cells = self.link_shapes.intern(Head::default(), &self.slots, &mut self.cells, cells);
            self.links.push(LinkRow { cells, trace_id: link.trace_id, span_id: link.span_id });
        }
        Ok(Slice { start, end: self.links.len() as u32 })
    }

    fn attributes(&mut self, batch: &mut Batch<'a>, owner: Owner, slice: Slice) -> Result<(), BuildError> {
        for cell in &batch.columns.attributes[slice.range()] {
            let key = batch.strings.of(batch.columns, cell.key(), &mut self.strings);
            let (kind, value) = match cell.value() {
                ValueCell::Empty => (Kind::Empty, 0),
                ValueCell::Bool(value) => (Kind::Bool, u64::from(value)),
                ValueCell::Int(value) => (Kind::Int, value as u64),
                ValueCell::Double(value) => (Kind::Double, value.to_bits()),
                ValueCell::String(id) => {
                    let column = self.columns.attribute(owner, key, Kind::Text);
                    let value = self.text_cell(batch, column, id);
                    self.cell(column, value);
                    continue;
                }
                ValueCell::Other(index) => {
                    let column = self.columns.attribute(owner, key, Kind::Other);
                    let mut bytes = Vec::new();
                    encode_value(&mut bytes, &batch.columns.others[index as usize])?;
                    let value = self.columns.text(column, Cow::Owned(bytes));
                    self.cell(column, value);
                    continue;
                }
            };
            let column = self.columns.attribute(owner, key, kind);
            self.cell(column, value);
        }
        Ok(())
    }

    /// Of a field that is mostly empty: an empty one takes no column.
    fn text(&mut self, batch: &mut Batch<'a>, owner: Owner, field: Field, id: u32) {
        if !batch.columns.strings[id as usize].is_empty() {
            let column = self.columns.fixed(owner, field, Kind::Text);
            let value = self.text_cell(batch, column, id);
            self.cell(column, value);
        }
    }

    /// Of a field that is mostly zero: a zero takes no column.
    fn number(&mut self, owner: Owner, field: Field, value: u32) {
        if value != 0 {
            let column = self.columns.fixed(owner, field, Kind::Int);
            self.cell(column, value.into());
        }
    }

    fn cell(&mut self, column: u32, value: u64) {
        self.columns.list[column as usize].cells += 1;
        self.slots.push(column);
        self.cells.push(value);
        self.cells_taken += 1;
    }

    fn text_cell(&mut self, batch: &mut Batch<'a>, column: u32, id: u32) -> u64 {
        let known = &mut batch.values[id as usize];
        if known.0 != column {
            let columns = batch.columns;
            *known = (column, self.columns.text(column, Cow::Borrowed(columns.strings[id as usize].as_bytes())));
        }
        known.1
    }
}
