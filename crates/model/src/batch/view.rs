//! One row of a batch, read without building a `Span`.

use std::sync::Arc;

use super::cell::ValueCell;
use super::columns::{Columns, Slice, StringId};
use crate::attribute::{Attribute, Attributes, Value};
use crate::id::{SpanId, TraceId};
use crate::resource::{Resource, Scope};
use crate::span::{Event, Link, Span, SpanKind, Status, StatusCode};
use crate::summary::SpanFacts;
use crate::time::{SpanDuration, TimeRange, UnixNanos};
use crate::warning::{Warning, Warnings};

/// A span inside a batch.
#[derive(Clone, Copy, Debug)]
pub struct RowView<'a> {
    columns: &'a Columns,
    row: usize,
}

/// A typed pair inside a batch.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "the variants are those of `Value`; `Other` holds bytes, arrays and maps")]
pub enum AttributeView<'a> {
    Empty,
    String(&'a str),
    Bool(bool),
    Int(i64),
    Double(f64),
    Other(&'a Value),
}

#[expect(missing_docs, reason = "each method gives the field of `Span` with its name")]
impl<'a> RowView<'a> {
    pub(super) fn new(columns: &'a Columns, row: usize) -> RowView<'a> {
        assert!(row < columns.trace_id.len(), "row {row} of a batch of {}", columns.trace_id.len());
        RowView { columns, row }
    }

    /// Its place in the batch.
    pub fn index(&self) -> usize {
        self.row
    }

    pub fn trace_id(&self) -> TraceId {
        self.columns.trace_id[self.row]
    }

    pub fn span_id(&self) -> SpanId {
        self.columns.span_id[self.row]
    }

    pub fn parent_span_id(&self) -> Option<SpanId> {
        self.columns.parent_span_id[self.row]
    }

    pub fn start(&self) -> UnixNanos {
        self.columns.start[self.row]
    }

    pub fn end(&self) -> UnixNanos {
        self.columns.end[self.row]
    }

    pub fn duration(&self) -> SpanDuration {
        self.end().since(self.start())
    }

    /// The time it covers, at least one nanosecond.
    pub fn range(&self) -> TimeRange {
        TimeRange { from: self.start(), to: UnixNanos(self.end().max(self.start()).0.saturating_add(1)) }
    }

    pub fn name(&self) -> &'a str {
        self.string(self.columns.name[self.row])
    }

    /// Index of its name in the dictionary of the batch: equal numbers are equal names.
    pub fn name_index(&self) -> usize {
        self.columns.name[self.row] as usize
    }

    pub fn service(&self) -> &'a str {
        self.string(self.columns.resources[self.resource_index()].service)
    }

    /// Index of its resource inside the batch: equal numbers are equal resources.
    pub fn resource_index(&self) -> usize {
        self.columns.resource[self.row] as usize
    }

    pub fn kind(&self) -> SpanKind {
        self.columns.kind[self.row]
    }

    pub fn status_code(&self) -> StatusCode {
        self.columns.status_code[self.row]
    }

    /// Whether a service was asked to do it: kind server or consumer, or without a parent.
    pub fn is_entry(&self) -> bool {
        self.kind().is_entry() || self.parent_span_id().is_none()
    }

    /// Whether it had not ended when it was reported; see [`Span::is_pending`].
    pub fn is_pending(&self) -> bool {
        self.warnings().has(Warning::EndMissing)
    }

    pub fn is_error(&self) -> bool {
        self.status_code() == StatusCode::Error
    }

    pub fn warnings(&self) -> Warnings {
        self.columns.warnings[self.row]
    }

    /// What a summary needs.
    pub fn facts(&self) -> SpanFacts<'a> {
        SpanFacts {
            trace_id: self.trace_id(),
            span_id: self.span_id(),
            has_parent: self.parent_span_id().is_some(),
            start: self.start(),
            end: self.end(),
            service: self.service(),
            name: self.name(),
            status: self.status_code(),
        }
    }

    /// Attributes of the span itself.
    pub fn attributes(&self) -> impl Iterator<Item = (&'a str, AttributeView<'a>)> + use<'a> {
        self.pairs(self.columns.span_attributes[self.row])
    }

    /// Attributes of its resource.
    pub fn resource_attributes(&self) -> impl Iterator<Item = (&'a str, AttributeView<'a>)> + use<'a> {
        self.pairs(self.columns.resources[self.resource_index()].attributes)
    }

    /// Attributes of all its events, in order.
    pub fn event_attributes(&self) -> impl Iterator<Item = (&'a str, AttributeView<'a>)> + use<'a> {
        let row = *self;
        self.columns.events[self.columns.span_events[self.row].range()]
            .iter()
            .flat_map(move |event| row.pairs(event.attributes))
    }

    /// The whole span, built anew. Spans of one batch with one resource share it when `shared` is kept between the calls.
    pub fn to_span(&self, shared: &mut SharedParts) -> Span {
        let columns = self.columns;
        Span {
            trace_id: self.trace_id(),
            span_id: self.span_id(),
            parent_span_id: self.parent_span_id(),
            trace_state: self.string(columns.trace_state[self.row]).to_owned(),
            flags: columns.flags[self.row],
            name: self.name().to_owned(),
            kind: self.kind(),
            start: self.start(),
            end: self.end(),
            attributes: self.owned(columns.span_attributes[self.row]),
            attributes_dropped: columns.attributes_dropped[self.row],
            events: self.events(),
            events_dropped: columns.events_dropped[self.row],
            links: self.links(),
            links_dropped: columns.links_dropped[self.row],
            status: Status {
                code: self.status_code(),
                message: self.string(columns.status_message[self.row]).to_owned(),
            },
            resource: shared.resource(self),
            scope: shared.scope(self),
            warnings: self.warnings(),
        }
    }

    fn events(&self) -> Vec<Event> {
        self.columns.events[self.columns.span_events[self.row].range()]
            .iter()
            .map(|cell| Event {
                time: cell.time,
                name: self.string(cell.name).to_owned(),
                attributes: self.owned(cell.attributes),
                attributes_dropped: cell.attributes_dropped,
            })
            .collect()
    }

    fn links(&self) -> Vec<Link> {
        self.columns.links[self.columns.span_links[self.row].range()]
            .iter()
            .map(|cell| Link {
                trace_id: cell.trace_id,
                span_id: cell.span_id,
                trace_state: self.string(cell.trace_state).to_owned(),
                flags: cell.flags,
                attributes: self.owned(cell.attributes),
                attributes_dropped: cell.attributes_dropped,
            })
            .collect()
    }

    fn string(&self, id: StringId) -> &'a str {
        &self.columns.strings[id as usize]
    }

    fn pairs(&self, slice: Slice) -> impl Iterator<Item = (&'a str, AttributeView<'a>)> + use<'a> {
        let columns = self.columns;
        columns.attributes[slice.range()].iter().map(move |cell| {
            let value = match cell.value() {
                ValueCell::Empty => AttributeView::Empty,
                ValueCell::String(id) => AttributeView::String(&columns.strings[id as usize]),
                ValueCell::Bool(value) => AttributeView::Bool(value),
                ValueCell::Int(value) => AttributeView::Int(value),
                ValueCell::Double(value) => AttributeView::Double(value),
                ValueCell::Other(index) => AttributeView::Other(&columns.others[index as usize]),
            };
            (&columns.strings[cell.key() as usize], value)
        })
    }

    fn owned(&self, slice: Slice) -> Attributes {
        let pairs = self.pairs(slice).map(|(key, value)| Attribute { key: key.to_owned(), value: value.to_value() });
        Attributes::from_pairs(pairs.collect())
    }
}

impl<'a> From<&'a Value> for AttributeView<'a> {
    fn from(value: &'a Value) -> AttributeView<'a> {
        match value {
            Value::Empty => AttributeView::Empty,
            Value::String(text) => AttributeView::String(text),
            Value::Bool(value) => AttributeView::Bool(*value),
            Value::Int(value) => AttributeView::Int(*value),
            Value::Double(value) => AttributeView::Double(*value),
            other => AttributeView::Other(other),
        }
    }
}

impl AttributeView<'_> {
    /// The value, owned.
    pub fn to_value(self) -> Value {
        match self {
            AttributeView::Empty => Value::Empty,
            AttributeView::String(text) => Value::String(text.to_owned()),
            AttributeView::Bool(value) => Value::Bool(value),
            AttributeView::Int(value) => Value::Int(value),
            AttributeView::Double(value) => Value::Double(value),
            AttributeView::Other(value) => value.clone(),
        }
    }
}

/// Resources and scopes of one batch that were already built.
#[derive(Debug, Default)]
pub struct SharedParts {
    resources: Vec<(u32, Arc<Resource>)>,
    scopes: Vec<(u32, Arc<Scope>)>,
}

impl SharedParts {
    fn resource(&mut self, row: &RowView<'_>) -> Arc<Resource> {
        let index = row.columns.resource[row.row];
        find_or_make(&mut self.resources, index, || {
            let cell = row.columns.resources[index as usize];
            Resource {
                attributes: row.owned(cell.attributes),
                attributes_dropped: cell.attributes_dropped,
                schema_url: row.string(cell.schema_url).to_owned(),
            }
        })
    }

    fn scope(&mut self, row: &RowView<'_>) -> Arc<Scope> {
        let index = row.columns.scope[row.row];
        find_or_make(&mut self.scopes, index, || {
            let cell = row.columns.scopes[index as usize];
            Scope {
                name: row.string(cell.name).to_owned(),
                version: row.string(cell.version).to_owned(),
                attributes: row.owned(cell.attributes),
                attributes_dropped: cell.attributes_dropped,
                schema_url: row.string(cell.schema_url).to_owned(),
            }
        })
    }
}

fn find_or_make<T>(known: &mut Vec<(u32, Arc<T>)>, index: u32, make: impl FnOnce() -> T) -> Arc<T> {
    // From the back: neighbouring spans mostly share what was made last.
    if let Some((_, part)) = known.iter().rev().find(|(known, _)| *known == index) {
        return Arc::clone(part);
    }
    let part = Arc::new(make());
    known.push((index, Arc::clone(&part)));
    part
}
