//! Do the spans of a batch meet conditions on fields? Texts are decided once per batch, numbers span by span.

use model::SpanBatch;
use model::batch::{AttributeView, Columns, Slice, StringId, ValueCell};
use storage::{AttributeScope, Field, FieldCondition};

/// Conditions as one batch decides them.
pub(super) struct BatchConditions<'a> {
    columns: &'a Columns,
    conditions: Vec<BatchCondition<'a>>,
}

struct BatchCondition<'a> {
    condition: &'a FieldCondition,
    /// The number of the attribute's key; `None` when no span of the batch has it, and for other fields.
    key: Option<StringId>,
    /// Whether each text meets the test, as far as asked before.
    texts: Vec<Option<bool>>,
    /// Whether a value of each resource and each instrumentation scope does, likewise.
    resources: Vec<Option<bool>>,
    scopes: Vec<Option<bool>>,
}

impl<'a> BatchConditions<'a> {
    pub(super) fn new(batch: &'a SpanBatch, conditions: &'a [FieldCondition]) -> BatchConditions<'a> {
        let columns = batch.columns();
        let find = |text: &str| columns.strings.iter().position(|known| known == text).map(|at| at as StringId);
        let condition = |condition: &'a FieldCondition| BatchCondition {
            condition,
            key: match &condition.field {
                Field::Attribute { key, .. } => find(key),
                _ => None,
            },
            texts: vec![None; columns.strings.len()],
            resources: vec![None; columns.resources.len()],
            scopes: vec![None; columns.scopes.len()],
        };
        BatchConditions { columns, conditions: conditions.iter().map(condition).collect() }
    }

    /// Whether the span in this row meets all of them.
    pub(super) fn row_meets_all(&mut self, row: usize) -> bool {
        let columns = self.columns;
        self.conditions
            .iter_mut()
            .all(|condition| condition.has_meeting_value(columns, row) != condition.condition.is_negated)
    }
}

impl<'a> BatchCondition<'a> {
    fn has_meeting_value(&mut self, columns: &Columns, row: usize) -> bool {
        let scope = &columns.scopes[columns.scope[row] as usize];
        let condition: &'a FieldCondition = self.condition;
        let field = &condition.field;
        let mut text = |id: StringId| !columns.strings[id as usize].is_empty() && self.text_meets(columns, id);
        let scope_of_field = match field {
            Field::Attribute { scope, .. } => *scope,
            Field::EventName => {
                return columns.events[columns.span_events[row].range()].iter().any(|event| text(event.name));
            }
            Field::ScopeName => return text(scope.name),
            Field::ScopeVersion => return text(scope.version),
            Field::StatusMessage => return text(columns.status_message[row]),
        };
        let Some(key) = self.key else { return false };
        let includes = |place| scope_of_field.includes(place);
        if includes(AttributeScope::Resource) && self.resource_meets(columns, columns.resource[row] as usize, key) {
            return true;
        }
        if includes(AttributeScope::Instrumentation) && self.scope_meets(columns, columns.scope[row] as usize, key) {
            return true;
        }
        let mut is_in = |attributes: Slice| self.list_meets(columns, attributes, key);
        (includes(AttributeScope::Span) && is_in(columns.span_attributes[row]))
            || (includes(AttributeScope::Event)
                && columns.events[columns.span_events[row].range()].iter().any(|event| is_in(event.attributes)))
            || (includes(AttributeScope::Link)
                && columns.links[columns.span_links[row].range()].iter().any(|link| is_in(link.attributes)))
    }

    fn resource_meets(&mut self, columns: &Columns, number: usize, key: StringId) -> bool {
        let known = self.resources[number];
        let meets = known.unwrap_or_else(|| self.list_meets(columns, columns.resources[number].attributes, key));
        *self.resources[number].insert(meets)
    }

    fn scope_meets(&mut self, columns: &Columns, number: usize, key: StringId) -> bool {
        let known = self.scopes[number];
        let meets = known.unwrap_or_else(|| self.list_meets(columns, columns.scopes[number].attributes, key));
        *self.scopes[number].insert(meets)
    }

    fn list_meets(&mut self, columns: &Columns, attributes: Slice, key: StringId) -> bool {
        columns.attributes[attributes.range()]
            .iter()
            .any(|cell| cell.key() == key && self.value_meets(columns, cell.value()))
    }

    fn value_meets(&mut self, columns: &Columns, value: ValueCell) -> bool {
        let test = &self.condition.test;
        match value {
            ValueCell::String(id) => self.text_meets(columns, id),
            ValueCell::Empty => test.is_met(AttributeView::Empty),
            ValueCell::Bool(value) => test.is_met(AttributeView::Bool(value)),
            ValueCell::Int(value) => test.is_met(AttributeView::Int(value)),
            ValueCell::Double(value) => test.is_met(AttributeView::Double(value)),
            ValueCell::Other(index) => test.is_met(AttributeView::Other(&columns.others[index as usize])),
        }
    }

    fn text_meets(&mut self, columns: &Columns, id: StringId) -> bool {
        let test = &self.condition.test;
        *self.texts[id as usize]
            .get_or_insert_with(|| test.is_met(AttributeView::String(&columns.strings[id as usize])))
    }
}
