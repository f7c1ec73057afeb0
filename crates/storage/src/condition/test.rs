//! What may be asked of one value. Not here: which value.

use std::cmp::Ordering;

use model::batch::AttributeView;

use super::{Literal, Pattern};

/// A test of one value. Empty values, bytes, arrays and maps exist and are unequal to everything; no other test is met by them.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueTest {
    /// The value is there, whatever it is.
    Exists,
    /// It has this string form, whatever its type.
    ///
    /// String form: text as it is, `true`, decimal integers, doubles as Rust prints them.
    Form(String),
    /// It equals, see [`Literal::compared_with`].
    Equals(Literal),
    /// It is there and does not equal: the opposite of [`ValueTest::Equals`] on each value, other types included.
    NotEquals(Literal),
    /// It is in this order with a literal of its type.
    Compares(Comparison, Literal),
    /// It equals one of these.
    OneOf(Vec<Literal>),
    /// It is a text that begins so.
    StartsWith(String),
    /// It is a text that contains this.
    Contains(String),
    /// It is a text in which this pattern is found.
    Matches(Pattern),
}

/// An order between a value and a literal. Not-a-number is in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "they say it")]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl ValueTest {
    /// Whether a value meets it.
    pub fn is_met(&self, value: AttributeView<'_>) -> bool {
        let equals = |literal: &Literal| literal.compared_with(value) == Some(Ordering::Equal);
        let text = |holds: &dyn Fn(&str) -> bool| matches!(value, AttributeView::String(text) if holds(text));
        match self {
            ValueTest::Exists => true,
            ValueTest::Form(form) => has_form(value, form),
            ValueTest::Equals(literal) => equals(literal),
            ValueTest::NotEquals(literal) => !equals(literal),
            ValueTest::Compares(comparison, literal) => {
                literal.compared_with(value).is_some_and(|order| comparison.holds(order))
            }
            ValueTest::OneOf(literals) => literals.iter().any(equals),
            ValueTest::StartsWith(start) => text(&|text| text.starts_with(start.as_str())),
            ValueTest::Contains(part) => text(&|text| text.contains(part.as_str())),
            ValueTest::Matches(pattern) => text(&|text| pattern.is_match(text)),
        }
    }

    /// `false` only when no text meets it: then an engine need not look at texts.
    pub fn is_for_texts(&self) -> bool {
        match self {
            ValueTest::Equals(literal) | ValueTest::Compares(_, literal) => matches!(literal, Literal::Text(_)),
            ValueTest::OneOf(literals) => literals.iter().any(|literal| matches!(literal, Literal::Text(_))),
            _ => true,
        }
    }

    /// `false` only when neither an integer nor a double meets it.
    pub fn is_for_numbers(&self) -> bool {
        let is_number = |literal: &Literal| matches!(literal, Literal::Int(_) | Literal::Double(_));
        match self {
            ValueTest::Exists | ValueTest::NotEquals(_) => true,
            // What is printed from a number reads as a number.
            ValueTest::Form(form) => form.parse::<f64>().is_ok(),
            ValueTest::Equals(literal) | ValueTest::Compares(_, literal) => is_number(literal),
            ValueTest::OneOf(literals) => literals.iter().any(is_number),
            ValueTest::StartsWith(_) | ValueTest::Contains(_) | ValueTest::Matches(_) => false,
        }
    }

    /// String forms of which every value that meets the test has one; `None` when they cannot be listed.
    /// For indexes by string form: they nominate, the test decides.
    pub fn forms(&self) -> Option<Vec<String>> {
        match self {
            ValueTest::Form(form) => Some(vec![form.clone()]),
            ValueTest::Equals(literal) => Some(literal.forms()),
            ValueTest::OneOf(literals) => Some(literals.iter().flat_map(Literal::forms).collect()),
            _ => None,
        }
    }
}

impl Comparison {
    /// Whether a value that compares so is meant.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

fn has_form(value: AttributeView<'_>, form: &str) -> bool {
    match value {
        AttributeView::String(text) => text == form,
        AttributeView::Bool(value) => form == if value { "true" } else { "false" },
        // Read before printed: hardly any form is this number, and `+7` or `07` is none.
        AttributeView::Int(value) => form.parse() == Ok(value) && value.to_string() == form,
        AttributeView::Double(value) => value.to_string() == form,
        AttributeView::Empty | AttributeView::Other(_) => false,
    }
}
