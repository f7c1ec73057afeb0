//! Do the spans of a batch have attributes with these values? Texts are looked up once per batch; then numbers are compared.

use model::SpanBatch;
use model::batch::{AttributeView, Columns, Slice, StringId, ValueCell};
use storage::AttributeFilter;

/// Filters as one batch spells them.
pub(super) struct BatchFilters<'a> {
    columns: &'a Columns,
    filters: Vec<BatchFilter<'a>>,
}

struct BatchFilter<'a> {
    form: &'a str,
    key: StringId,
    /// `None` when no text of the batch is the value.
    text: Option<StringId>,
    /// Of each resource, whether it has the attribute.
    resources: Vec<bool>,
}

impl<'a> BatchFilters<'a> {
    /// `None` when no span of the batch can have all attributes.
    pub(super) fn new(batch: &'a SpanBatch, filters: &'a [AttributeFilter]) -> Option<BatchFilters<'a>> {
        let columns = batch.columns();
        let find = |text: &str| columns.strings.iter().position(|known| **known == *text).map(|at| at as StringId);
        let filter = |filter: &'a AttributeFilter| {
            let (key, text) = (find(&filter.key)?, find(&filter.value));
            let mut filter = BatchFilter { form: &filter.value, key, text, resources: Vec::new() };
            let resources = columns.resources.iter().map(|resource| filter.is_in(columns, resource.attributes));
            filter.resources = resources.collect();
            Some(filter)
        };
        let filters = filters.iter().map(filter).collect::<Option<Vec<_>>>()?;
        Some(BatchFilters { columns, filters })
    }

    /// Whether the span in this row has all of them: itself, on its resource, or on one of its events.
    pub(super) fn row_has_all(&self, row: usize) -> bool {
        let columns = self.columns;
        self.filters.iter().all(|filter| {
            let events = || &columns.events[columns.span_events[row].range()];
            filter.is_in(columns, columns.span_attributes[row])
                || filter.resources[columns.resource[row] as usize]
                || events().iter().any(|event| filter.is_in(columns, event.attributes))
        })
    }
}

impl BatchFilter<'_> {
    fn is_in(&self, columns: &Columns, attributes: Slice) -> bool {
        columns.attributes[attributes.range()].iter().any(|cell| cell.key == self.key && self.is_value(cell.value))
    }

    fn is_value(&self, value: ValueCell) -> bool {
        match value {
            ValueCell::String(id) => self.text == Some(id),
            ValueCell::Bool(value) => has_form(AttributeView::Bool(value), self.form),
            ValueCell::Int(value) => has_form(AttributeView::Int(value), self.form),
            ValueCell::Double(value) => has_form(AttributeView::Double(value), self.form),
            ValueCell::Empty | ValueCell::Other(_) => false,
        }
    }
}

/// Whether the string form of `value` is `form`.
pub(super) fn has_form(value: AttributeView<'_>, form: &str) -> bool {
    match value {
        AttributeView::String(text) => text == form,
        AttributeView::Bool(value) => form == if value { "true" } else { "false" },
        AttributeView::Int(value) => form.parse() == Ok(value) && value.to_string() == form,
        AttributeView::Double(value) => value.to_string() == form,
        AttributeView::Empty | AttributeView::Other(_) => false,
    }
}
