//! Rows become spans again, as a batch.

use std::ops::Range;

use model::batch::{AttributeCell, EventCell, LinkCell, Slice};
use model::{SpanBatch, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Warnings};

use super::super::GROUP_CELLS_MAX;
use super::super::error::BlockError;
use super::super::layout::cold;
use super::super::schema::{Field, Shape};
use super::super::source::BlockSource;
use super::BlockReader;
use super::group::{CellValue, Group, PART};
use super::hot::Parent;
use super::output::Output;

/// What the columns of one span, event or link said.
#[derive(Default)]
struct Fields {
    attributes: Slice,
    /// Indexes into the batch; `None` for the empty text.
    status_message: Option<u32>,
    trace_state: Option<u32>,
    flags: u32,
    warnings: u32,
    attributes_dropped: u32,
    events_dropped: u32,
    links_dropped: u32,
}

/// A row group of which rows are read.
struct GroupRows<'r, S> {
    group: Group<'r, S>,
    shapes: Vec<u32>,
    parents: Vec<Parent>,
    starts: Vec<UnixNanos>,
    ends: Vec<UnixNanos>,
    span_ids: Vec<[u8; 8]>,
    events: Parts,
    event_times: Vec<u64>,
    links: Parts,
    link_traces: Vec<[u8; 16]>,
    link_spans: Vec<[u8; 8]>,
}

/// Events or links of one row group.
struct Parts {
    shapes: Vec<u32>,
    /// The next one to hand out.
    at: usize,
    /// How many each row has; of no row, when there are none.
    counts: Vec<u32>,
}

impl<S: BlockSource> BlockReader<S> {
    /// The spans in these rows, in order. An error when there is no such row.
    pub fn spans(&self, rows: Range<u32>) -> Result<SpanBatch, BlockError> {
        let mut output = Output::new(self.dictionary()?);
        let mut row = rows.start;
        while row < rows.end {
            let group = self.group_of_row(row).ok_or(BlockError::Invalid("row number"))?;
            let all = self.rows_of_group(group);
            let end = rows.end.min(all.end);
            self.add_rows(&mut output, group, (row - all.start) as usize..(end - all.start) as usize)?;
            row = end;
        }
        SpanBatch::from_columns(output.columns).ok().ok_or(BlockError::Invalid("row number"))
    }

    /// All spans of a row group.
    pub fn spans_of_group(&self, group: usize) -> Result<SpanBatch, BlockError> {
        self.spans(self.rows_of_group(group))
    }

    fn add_rows(&self, output: &mut Output<'_>, number: usize, rows: Range<usize>) -> Result<(), BlockError> {
        let mut opened = GroupRows::open(self, number, &rows)?;
        let first = self.bounds[number];
        let mut trace: Option<(u32, TraceId)> = None;
        for row in rows {
            let place = first + row as u32;
            let (_, trace_id) = match trace.filter(|(end, _)| place < *end) {
                Some(known) => known,
                None => *trace.insert(self.trace_around(place)?),
            };
            output.columns.trace_id.push(trace_id);
            opened.push(output, row)?;
        }
        Ok(())
    }

    /// The id of the trace around a row, and its first row that is of the next trace.
    fn trace_around(&self, row: u32) -> Result<(u32, TraceId), BlockError> {
        let number = self.trace_of_row(row)?.ok_or(PART)?;
        Ok((self.spine()?.bounds[number as usize + 1], self.trace_id(number)?))
    }
}

impl<'r, S: BlockSource> GroupRows<'r, S> {
    fn open(reader: &'r BlockReader<S>, number: usize, rows: &Range<usize>) -> Result<GroupRows<'r, S>, BlockError> {
        let starts = reader.starts(number)?;
        let shapes = reader.shapes(number)?;
        let mut group = Group::open(reader, number)?;
        let dictionary = group.dictionary;
        let tables = &dictionary.tables;
        group.count(&tables.span_shapes, &shapes, rows.start)?;
        let events = Parts::read(&group, &shapes, rows, dictionary.events, cold::EVENT_SHAPE)?;
        let links = Parts::read(&group, &shapes, rows, dictionary.links, cold::LINK_SHAPE)?;
        group.count(&tables.event_shapes, &events.shapes, events.at)?;
        group.count(&tables.link_shapes, &links.shapes, links.at)?;
        Ok(GroupRows {
            parents: reader.parents(number)?,
            ends: reader.ends_after(number, &starts)?,
            span_ids: group.ids(cold::SPAN_ID, shapes.len())?,
            event_times: group.numbers(cold::EVENT_TIME, events.shapes.len())?,
            link_traces: group.ids(cold::LINK_TRACE_ID, links.shapes.len())?,
            link_spans: group.ids(cold::LINK_SPAN_ID, links.shapes.len())?,
            group,
            shapes,
            starts,
            events,
            links,
        })
    }

    /// Appends everything of the next row but the id of its trace.
    fn push(&mut self, output: &mut Output<'_>, row: usize) -> Result<(), BlockError> {
        let tables = &self.group.dictionary.tables;
        let shape = &tables.span_shapes[self.shapes[row] as usize];
        let fields = Fields::read(output, &mut self.group, shape)?;
        push(output, shape, &fields)?;
        let start = self.starts[row];
        let parts = self.events.take(row);
        let first = output.columns.events.len() as u32;
        for event in parts {
            let shape = &tables.event_shapes[self.events.shapes[event] as usize];
            let Fields { attributes, attributes_dropped, .. } = Fields::read(output, &mut self.group, shape)?;
            let time = UnixNanos(start.0.wrapping_add(self.event_times[event]));
            let name = output.string(shape.head.name)?;
            output.columns.events.push(EventCell { time, name, attributes, attributes_dropped });
        }
        output.columns.span_events.push(Slice { start: first, end: output.columns.events.len() as u32 });
        let parts = self.links.take(row);
        let first = output.columns.links.len() as u32;
        for link in parts {
            let shape = &tables.link_shapes[self.links.shapes[link] as usize];
            let fields = Fields::read(output, &mut self.group, shape)?;
            let trace_state = fields.trace_state.map_or_else(|| output.string(0), Ok)?;
            output.columns.links.push(LinkCell {
                trace_id: TraceId::new(self.link_traces[link]).ok_or(PART)?,
                span_id: SpanId::new(self.link_spans[link]).ok_or(PART)?,
                trace_state,
                flags: fields.flags,
                attributes: fields.attributes,
                attributes_dropped: fields.attributes_dropped,
            });
        }
        output.columns.span_links.push(Slice { start: first, end: output.columns.links.len() as u32 });
        let parent_span_id = match self.parents[row] {
            Parent::None => None,
            Parent::Row(above) => Some(self.span_id(above as usize)?),
            Parent::Elsewhere(id) => Some(id),
        };
        output.columns.span_id.push(self.span_id(row)?);
        output.columns.parent_span_id.push(parent_span_id);
        output.columns.start.push(start);
        output.columns.end.push(self.ends[row]);
        Ok(())
    }

    fn span_id(&self, row: usize) -> Result<SpanId, BlockError> {
        SpanId::new(self.span_ids[row]).ok_or(PART)
    }
}

/// The fields that a shape and its columns say.
fn push(output: &mut Output<'_>, shape: &Shape, fields: &Fields) -> Result<(), BlockError> {
    let name = output.string(shape.head.name)?;
    let (resource, scope) = (output.resource(shape.head.resource)?, output.scope(shape.head.scope)?);
    let status_message = fields.status_message.map_or_else(|| output.string(0), Ok)?;
    let trace_state = fields.trace_state.map_or_else(|| output.string(0), Ok)?;
    let columns = &mut output.columns;
    columns.name.push(name);
    columns.kind.push(SpanKind::from_number(shape.head.kind.into()));
    columns.status_code.push(StatusCode::from_number(shape.head.status.into()));
    columns.status_message.push(status_message);
    columns.trace_state.push(trace_state);
    columns.flags.push(fields.flags);
    columns.warnings.push(Warnings::from_bits(fields.warnings));
    columns.resource.push(resource);
    columns.scope.push(scope);
    columns.span_attributes.push(fields.attributes);
    columns.attributes_dropped.push(fields.attributes_dropped);
    columns.events_dropped.push(fields.events_dropped);
    columns.links_dropped.push(fields.links_dropped);
    Ok(())
}

impl Fields {
    fn read<S: BlockSource>(
        output: &mut Output<'_>,
        group: &mut Group<'_, S>,
        shape: &Shape,
    ) -> Result<Fields, BlockError> {
        let mut fields = Fields::default();
        let start = output.columns.attributes.len() as u32;
        for slot in &shape.slots {
            let column = group.dictionary.tables.columns[slot.column as usize];
            let cell = group.next(slot)?;
            let number = match cell {
                CellValue::Number(number) => Some(number as u32),
                _ => None,
            };
            let value = output.value(slot.column, column.kind, cell)?;
            let text = match value {
                model::batch::ValueCell::String(id) => Some(id),
                _ => None,
            };
            let number = |field: &mut u32| {
                *field = number.ok_or(PART)?;
                Ok::<(), BlockError>(())
            };
            match column.field {
                Field::Attribute(key) => {
                    let key = output.string(key)?;
                    output.columns.attributes.push(AttributeCell::new(key, value));
                }
                Field::StatusMessage => fields.status_message = text,
                Field::TraceState => fields.trace_state = text,
                Field::Flags => number(&mut fields.flags)?,
                Field::Warnings => number(&mut fields.warnings)?,
                Field::AttributesDropped => number(&mut fields.attributes_dropped)?,
                Field::EventsDropped => number(&mut fields.events_dropped)?,
                Field::LinksDropped => number(&mut fields.links_dropped)?,
                // Counted before, for all rows of the group at once.
                Field::Events | Field::Links => {}
            }
        }
        fields.attributes = Slice { start, end: output.columns.attributes.len() as u32 };
        Ok(fields)
    }
}

impl Parts {
    /// `column` holds how many each row has, `shape_column` their shapes.
    fn read<S: BlockSource>(
        group: &Group<'_, S>,
        shapes: &[u32],
        rows: &Range<usize>,
        column: Option<u32>,
        shape_column: u32,
    ) -> Result<Parts, BlockError> {
        let Some(column) = column else { return Ok(Parts { shapes: Vec::new(), at: 0, counts: Vec::new() }) };
        let counts = group.all_numbers(column, shapes)?;
        let mut total = 0usize;
        let mut at = 0;
        for (row, count) in counts.iter().enumerate() {
            if row == rows.start {
                at = total;
            }
            total += *count as usize;
            if total > GROUP_CELLS_MAX {
                return Err(PART);
            }
        }
        let codes = group.numbers(shape_column, total)?;
        let shapes = codes.into_iter().map(|code| u32::try_from(code).ok().ok_or(PART)).collect::<Result<_, _>>()?;
        Ok(Parts { shapes, at, counts })
    }

    /// The parts of a row, which must be the next row.
    fn take(&mut self, row: usize) -> Range<usize> {
        let start = self.at;
        self.at += self.counts.get(row).map_or(0, |count| *count as usize);
        start..self.at
    }
}
