//! Fills a batch span by span, with each text and each resource stored once.

use std::sync::Arc;

use super::SpanBatch;
use super::cell::{AttributeCell, ValueCell};
use super::columns::{Columns, EventCell, LinkCell, ResourceCell, ScopeCell, Slice, StringId};
use super::dictionary::Dictionary;
use super::shared::Shared;
use crate::attribute::{Attributes, Value};
use crate::resource::{Resource, Scope};
use crate::span::{Event, Link, Span};

/// Collects spans; [`BatchBuilder::finish`] gives the batch.
#[derive(Debug, Default)]
pub struct BatchBuilder {
    columns: Columns,
    dictionary: Dictionary,
    resources: Shared<Resource>,
    scopes: Shared<Scope>,
    text_bytes: usize,
}

impl BatchBuilder {
    /// No spans yet.
    pub fn new() -> BatchBuilder {
        BatchBuilder::default()
    }

    /// Appends a span as the last row.
    pub fn push(&mut self, span: &Span) {
        let name = self.string(&span.name);
        let status_message = self.string(&span.status.message);
        let trace_state = self.string(&span.trace_state);
        let resource = self.resource(&span.resource);
        let scope = self.scope(&span.scope);
        let span_attributes = self.attributes(&span.attributes);
        let span_events = self.events(&span.events);
        let span_links = self.links(&span.links);
        let columns = &mut self.columns;
        columns.trace_id.push(span.trace_id);
        columns.span_id.push(span.span_id);
        columns.parent_span_id.push(span.parent_span_id);
        columns.start.push(span.start);
        columns.end.push(span.end);
        columns.name.push(name);
        columns.kind.push(span.kind);
        columns.status_code.push(span.status.code);
        columns.status_message.push(status_message);
        columns.trace_state.push(trace_state);
        columns.flags.push(span.flags);
        columns.warnings.push(span.warnings);
        columns.resource.push(resource);
        columns.scope.push(scope);
        columns.span_attributes.push(span_attributes);
        columns.attributes_dropped.push(span.attributes_dropped);
        columns.span_events.push(span_events);
        columns.events_dropped.push(span.events_dropped);
        columns.span_links.push(span_links);
        columns.links_dropped.push(span.links_dropped);
    }

    /// Number of spans so far.
    pub fn len(&self) -> usize {
        self.columns.trace_id.len()
    }

    /// Whether no span was pushed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rough number of bytes so far, cheap enough to ask after each span.
    pub fn bytes(&self) -> usize {
        self.text_bytes + self.len() * 128 + self.columns.attributes.len() * size_of::<AttributeCell>()
    }

    /// The batch; `None` when no span was pushed.
    pub fn finish(mut self) -> Option<SpanBatch> {
        if self.is_empty() {
            return None;
        }
        self.columns.strings = self.dictionary.into_strings();
        Some(SpanBatch::from_columns(self.columns).expect("the builder hands out every index itself"))
    }

    fn string(&mut self, text: &str) -> StringId {
        let known = self.dictionary.len();
        let id = self.dictionary.intern(text);
        if self.dictionary.len() > known {
            self.text_bytes += text.len() + 48;
        }
        id
    }

    fn resource(&mut self, resource: &Arc<Resource>) -> u32 {
        let (number, new) = self.resources.number(resource);
        if new {
            let cell = ResourceCell {
                service: self.string(resource.service()),
                attributes: self.attributes(&resource.attributes),
                attributes_dropped: resource.attributes_dropped,
                schema_url: self.string(&resource.schema_url),
            };
            self.columns.resources.push(cell);
        }
        number
    }

    fn scope(&mut self, scope: &Arc<Scope>) -> u32 {
        let (number, new) = self.scopes.number(scope);
        if new {
            let cell = ScopeCell {
                name: self.string(&scope.name),
                version: self.string(&scope.version),
                attributes: self.attributes(&scope.attributes),
                attributes_dropped: scope.attributes_dropped,
                schema_url: self.string(&scope.schema_url),
            };
            self.columns.scopes.push(cell);
        }
        number
    }

    fn attributes(&mut self, attributes: &Attributes) -> Slice {
        let start = index_of(self.columns.attributes.len());
        for pair in attributes {
            let key = self.string(&pair.key);
            let value = self.value(&pair.value);
            self.columns.attributes.push(AttributeCell::new(key, value));
        }
        Slice { start, end: index_of(self.columns.attributes.len()) }
    }

    fn value(&mut self, value: &Value) -> ValueCell {
        match value {
            Value::Empty => ValueCell::Empty,
            Value::String(text) => ValueCell::String(self.string(text)),
            Value::Bool(value) => ValueCell::Bool(*value),
            Value::Int(value) => ValueCell::Int(*value),
            Value::Double(value) => ValueCell::Double(*value),
            Value::Bytes(_) | Value::Array(_) | Value::Map(_) => {
                self.columns.others.push(value.clone());
                ValueCell::Other(index_of(self.columns.others.len() - 1))
            }
        }
    }

    fn events(&mut self, events: &[Event]) -> Slice {
        let start = index_of(self.columns.events.len());
        for event in events {
            let cell = EventCell {
                time: event.time,
                name: self.string(&event.name),
                attributes: self.attributes(&event.attributes),
                attributes_dropped: event.attributes_dropped,
            };
            self.columns.events.push(cell);
        }
        Slice { start, end: index_of(self.columns.events.len()) }
    }

    fn links(&mut self, links: &[Link]) -> Slice {
        let start = index_of(self.columns.links.len());
        for link in links {
            let cell = LinkCell {
                trace_id: link.trace_id,
                span_id: link.span_id,
                trace_state: self.string(&link.trace_state),
                flags: link.flags,
                attributes: self.attributes(&link.attributes),
                attributes_dropped: link.attributes_dropped,
            };
            self.columns.links.push(cell);
        }
        Slice { start, end: index_of(self.columns.links.len()) }
    }
}

pub(super) fn index_of(length: usize) -> u32 {
    u32::try_from(length).expect("a batch is cut by bytes long before four thousand million cells")
}
