//! Conditions on what spans carry: which value is meant, and what must hold of it. Pure; the meaning for every engine.
//!
//! A span may have several values for one field: an attribute of the span and of its resource, or of each of its events.
//! A condition is met when **some** value meets the test; negated, when **no** value does, which a span without any value fulfils.
//! Not here: how an engine finds such spans.

mod literal;
mod pattern;
mod test;
#[cfg(test)]
mod tests;

use model::batch::AttributeView;
use model::{Attributes, Span};

pub use literal::Literal;
pub use pattern::{PATTERN_BYTES_MAX, Pattern, PatternError};
pub use test::{Comparison, ValueTest};

/// Where an attribute stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeScope {
    /// In any of the other places.
    #[default]
    Any,
    /// On the span itself.
    Span,
    /// On its resource.
    Resource,
    /// On one of its events.
    Event,
    /// On one of its links.
    Link,
    /// On its instrumentation scope.
    Instrumentation,
}

/// What of a span is looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Attributes with this key.
    Attribute {
        /// Where they stand.
        scope: AttributeScope,
        /// Their key.
        key: String,
    },
    /// The names of its events, as texts. An empty name, version or message is no value.
    EventName,
    /// The name of its instrumentation scope.
    ScopeName,
    /// The version of its instrumentation scope.
    ScopeVersion,
    /// The message of its status.
    StatusMessage,
}

/// A span meets it when some value of the field meets the test; negated, when none does.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldCondition {
    /// What is looked at.
    pub field: Field,
    /// What must hold of a value.
    pub test: ValueTest,
    /// No value may meet the test. `not exists` is absence; `not equals` is also met by a span without a value,
    /// which [`ValueTest::NotEquals`] is not.
    pub is_negated: bool,
}

// === impl AttributeScope ===

impl AttributeScope {
    /// Every place there is.
    pub const PLACES: [AttributeScope; 5] = [
        AttributeScope::Span,
        AttributeScope::Resource,
        AttributeScope::Event,
        AttributeScope::Link,
        AttributeScope::Instrumentation,
    ];

    /// Whether attributes in `place` are meant.
    pub fn includes(self, place: AttributeScope) -> bool {
        self == AttributeScope::Any || self == place
    }

    /// The attribute lists of `span` that are meant.
    pub fn lists(self, span: &Span) -> Vec<&Attributes> {
        let mut lists = Vec::new();
        let includes = |place| self.includes(place);
        lists.extend(includes(AttributeScope::Span).then_some(&span.attributes));
        lists.extend(includes(AttributeScope::Resource).then_some(&span.resource.attributes));
        lists.extend(span.events.iter().map(|event| &event.attributes).filter(|_| includes(AttributeScope::Event)));
        lists.extend(span.links.iter().map(|link| &link.attributes).filter(|_| includes(AttributeScope::Link)));
        lists.extend(includes(AttributeScope::Instrumentation).then_some(&span.scope.attributes));
        lists
    }
}

// === impl Field ===

impl Field {
    /// The attribute with this key, wherever it stands.
    pub fn any(key: impl Into<String>) -> Field {
        Field::attribute(AttributeScope::Any, key)
    }

    /// The attribute with this key in one place.
    pub fn attribute(scope: AttributeScope, key: impl Into<String>) -> Field {
        Field::Attribute { scope, key: key.into() }
    }

    /// The key and whether attributes in `place` are meant; `None` for other fields and places.
    pub fn key_in(&self, place: AttributeScope) -> Option<&str> {
        match self {
            Field::Attribute { scope, key } if scope.includes(place) => Some(key),
            _ => None,
        }
    }

    /// All its values on `span`.
    pub fn values<'a>(&self, span: &'a Span) -> Vec<AttributeView<'a>> {
        let texts: Vec<&str> = match self {
            Field::Attribute { scope, key } => {
                let found = scope.lists(span).into_iter().filter_map(|list| list.get(key));
                return found.map(AttributeView::from).collect();
            }
            Field::EventName => span.events.iter().map(|event| event.name.as_str()).collect(),
            Field::ScopeName => vec![&span.scope.name],
            Field::ScopeVersion => vec![&span.scope.version],
            Field::StatusMessage => vec![&span.status.message],
        };
        texts.into_iter().filter(|text| !text.is_empty()).map(AttributeView::String).collect()
    }
}

// === impl FieldCondition ===

impl FieldCondition {
    /// Some value of `field` meets `test`.
    pub fn new(field: Field, test: ValueTest) -> FieldCondition {
        FieldCondition { field, test, is_negated: false }
    }

    /// What a person means who types a key and a value without types: an attribute anywhere has this value in string form.
    pub fn of_form(key: impl Into<String>, form: impl Into<String>) -> FieldCondition {
        FieldCondition::new(Field::any(key), ValueTest::Form(form.into()))
    }

    /// The opposite.
    pub fn negated(self) -> FieldCondition {
        FieldCondition { is_negated: !self.is_negated, ..self }
    }

    /// Whether `span` meets it.
    pub fn is_met(&self, span: &Span) -> bool {
        self.field.values(span).into_iter().any(|value| self.test.is_met(value)) != self.is_negated
    }
}
