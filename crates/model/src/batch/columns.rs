//! The columns of a batch and what must hold between them.

use super::cell::{AttributeCell, ValueCell};
use super::texts::Texts;
use crate::attribute::Value;
use crate::id::{SpanId, TraceId};
use crate::span::{SpanKind, StatusCode};
use crate::time::UnixNanos;
use crate::warning::Warnings;

/// Index into [`Columns::strings`].
pub type StringId = u32;

/// A run of [`Columns::attributes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    /// First index.
    pub start: u32,
    /// First index after the run.
    pub end: u32,
}

/// A resource that spans of the batch share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ResourceCell {
    /// Its service, already resolved.
    pub service: StringId,
    /// Its attributes.
    pub attributes: Slice,
    /// Attributes left out.
    pub attributes_dropped: u32,
    /// Its schema.
    pub schema_url: StringId,
}

/// A scope that spans of the batch share.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScopeCell {
    /// Its name.
    pub name: StringId,
    /// Its version.
    pub version: StringId,
    /// Its attributes.
    pub attributes: Slice,
    /// Attributes left out.
    pub attributes_dropped: u32,
    /// Its schema.
    pub schema_url: StringId,
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EventCell {
    /// When.
    pub time: UnixNanos,
    /// What.
    pub name: StringId,
    /// Its attributes.
    pub attributes: Slice,
    /// Attributes left out.
    pub attributes_dropped: u32,
}

/// One link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinkCell {
    /// The other trace.
    pub trace_id: TraceId,
    /// The other span.
    pub span_id: SpanId,
    /// Its trace state.
    pub trace_state: StringId,
    /// Its flags.
    pub flags: u32,
    /// Attributes of the relation.
    pub attributes: Slice,
    /// Attributes left out.
    pub attributes_dropped: u32,
}

/// Spans as columns: row `n` of each per-span column is span `n`.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "each column holds the field of `Span` with its name")]
pub struct Columns {
    /// Distinct texts.
    pub strings: Texts,
    /// Values that are neither text nor number: bytes, arrays, maps.
    pub others: Vec<Value>,
    /// All attribute lists, one after the other.
    pub attributes: Vec<AttributeCell>,
    pub resources: Vec<ResourceCell>,
    pub scopes: Vec<ScopeCell>,
    pub events: Vec<EventCell>,
    pub links: Vec<LinkCell>,

    pub trace_id: Vec<TraceId>,
    pub span_id: Vec<SpanId>,
    pub parent_span_id: Vec<Option<SpanId>>,
    pub start: Vec<UnixNanos>,
    pub end: Vec<UnixNanos>,
    pub name: Vec<StringId>,
    pub kind: Vec<SpanKind>,
    pub status_code: Vec<StatusCode>,
    pub status_message: Vec<StringId>,
    pub trace_state: Vec<StringId>,
    pub flags: Vec<u32>,
    pub warnings: Vec<Warnings>,
    /// Index into `resources`.
    pub resource: Vec<u32>,
    /// Index into `scopes`.
    pub scope: Vec<u32>,
    pub span_attributes: Vec<Slice>,
    pub attributes_dropped: Vec<u32>,
    /// Run of `events`.
    pub span_events: Vec<Slice>,
    pub events_dropped: Vec<u32>,
    /// Run of `links`.
    pub span_links: Vec<Slice>,
    pub links_dropped: Vec<u32>,
}

/// Why columns are no batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnsError {
    /// There is no span.
    Empty,
    /// The named column has another length than the trace ids.
    Length(&'static str),
    /// An index of the named column points outside.
    Index(&'static str),
}

impl std::fmt::Display for ColumnsError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ColumnsError::Empty => write!(f, "a batch without spans"),
            ColumnsError::Length(column) => write!(f, "column `{column}` has another length than the trace ids"),
            ColumnsError::Index(column) => write!(f, "an index in column `{column}` points outside the batch"),
        }
    }
}

impl std::error::Error for ColumnsError {}

// === impl Slice ===

impl Slice {
    /// The indexes, to slice a vector with.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    fn within(self, length: usize) -> bool {
        self.start <= self.end && self.end as usize <= length
    }
}

// === impl Columns ===

impl Columns {
    /// Holds what [`super::SpanBatch`] promises.
    pub(super) fn check(&self) -> Result<(), ColumnsError> {
        if self.trace_id.is_empty() {
            return Err(ColumnsError::Empty);
        }
        self.check_lengths()?;
        self.check_shared()?;
        self.check_rows()
    }

    fn check_lengths(&self) -> Result<(), ColumnsError> {
        let rows = self.trace_id.len();
        let lengths = [
            ("span_id", self.span_id.len()),
            ("parent_span_id", self.parent_span_id.len()),
            ("start", self.start.len()),
            ("end", self.end.len()),
            ("name", self.name.len()),
            ("kind", self.kind.len()),
            ("status_code", self.status_code.len()),
            ("status_message", self.status_message.len()),
            ("trace_state", self.trace_state.len()),
            ("flags", self.flags.len()),
            ("warnings", self.warnings.len()),
            ("resource", self.resource.len()),
            ("scope", self.scope.len()),
            ("span_attributes", self.span_attributes.len()),
            ("attributes_dropped", self.attributes_dropped.len()),
            ("span_events", self.span_events.len()),
            ("events_dropped", self.events_dropped.len()),
            ("span_links", self.span_links.len()),
            ("links_dropped", self.links_dropped.len()),
        ];
        match lengths.into_iter().find(|(_, length)| *length != rows) {
            Some((column, _)) => Err(ColumnsError::Length(column)),
            None => Ok(()),
        }
    }

    fn check_shared(&self) -> Result<(), ColumnsError> {
        let string = |id: StringId| (id as usize) < self.strings.len();
        let slice = |slice: Slice| slice.within(self.attributes.len());
        let attribute = |cell: &AttributeCell| {
            string(cell.key())
                && match cell.value() {
                    ValueCell::String(id) => string(id),
                    ValueCell::Other(index) => (index as usize) < self.others.len(),
                    ValueCell::Empty | ValueCell::Bool(_) | ValueCell::Int(_) | ValueCell::Double(_) => true,
                }
        };
        let resource = |cell: &ResourceCell| string(cell.service) && slice(cell.attributes) && string(cell.schema_url);
        let scope = |cell: &ScopeCell| {
            string(cell.name) && string(cell.version) && slice(cell.attributes) && string(cell.schema_url)
        };
        let event = |cell: &EventCell| string(cell.name) && slice(cell.attributes);
        let link = |cell: &LinkCell| string(cell.trace_state) && slice(cell.attributes);
        ensure(self.attributes.iter().all(attribute), "attributes")?;
        ensure(self.resources.iter().all(resource), "resources")?;
        ensure(self.scopes.iter().all(scope), "scopes")?;
        ensure(self.events.iter().all(event), "events")?;
        ensure(self.links.iter().all(link), "links")
    }

    fn check_rows(&self) -> Result<(), ColumnsError> {
        let below = |length: usize| move |index: &u32| (*index as usize) < length;
        let within = |length: usize| move |slice: &Slice| slice.within(length);
        let strings = self.strings.len();
        ensure(self.name.iter().all(below(strings)), "name")?;
        ensure(self.status_message.iter().all(below(strings)), "status_message")?;
        ensure(self.trace_state.iter().all(below(strings)), "trace_state")?;
        ensure(self.resource.iter().all(below(self.resources.len())), "resource")?;
        ensure(self.scope.iter().all(below(self.scopes.len())), "scope")?;
        ensure(self.span_attributes.iter().all(within(self.attributes.len())), "span_attributes")?;
        ensure(self.span_events.iter().all(within(self.events.len())), "span_events")?;
        ensure(self.span_links.iter().all(within(self.links.len())), "span_links")
    }

    pub(super) fn memory_bytes(&self) -> usize {
        // Fixed columns of a row: ids 16 + 8 + 9, times 16, and about eighty bytes of indexes and flags.
        const ROW_BYTES: usize = 16 + 8 + 9 + 16 + 80;
        self.strings.memory_bytes()
            + self.trace_id.len() * ROW_BYTES
            + self.attributes.len() * size_of::<AttributeCell>()
            + self.events.len() * size_of::<EventCell>()
            + self.links.len() * size_of::<LinkCell>()
            + self.others.iter().map(value_bytes).sum::<usize>()
    }
}

fn ensure(holds: bool, column: &'static str) -> Result<(), ColumnsError> {
    if holds { Ok(()) } else { Err(ColumnsError::Index(column)) }
}

/// Iterative: values may be nested as deep as a decoder let them.
fn value_bytes(value: &Value) -> usize {
    let mut waiting = vec![value];
    let mut bytes = 0;
    while let Some(value) = waiting.pop() {
        bytes += size_of::<Value>();
        match value {
            Value::String(text) => bytes += text.len(),
            Value::Bytes(raw) => bytes += raw.len(),
            Value::Array(values) => waiting.extend(values),
            Value::Map(pairs) => {
                for pair in pairs {
                    bytes += pair.key.len();
                    waiting.push(&pair.value);
                }
            }
            Value::Empty | Value::Bool(_) | Value::Int(_) | Value::Double(_) => {}
        }
    }
    bytes
}
