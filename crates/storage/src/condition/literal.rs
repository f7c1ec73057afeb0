//! Values in questions, and how they compare with stored ones. Not here: tests made of them.

use std::cmp::Ordering;

use model::batch::AttributeView;

/// A value in a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// Text.
    Text(String),
    /// Truth value.
    Bool(bool),
    /// Integer.
    Int(i64),
    /// Double. Not-a-number equals nothing and is in no order.
    Double(f64),
}

/// 2^63, the first double beyond all integers.
const INT_END: f64 = 9_223_372_036_854_775_808.0;

impl Literal {
    /// How a stored value compares with this one; `None` between values of different types and for not-a-number.
    ///
    /// Integers and doubles are one type: they compare as the numbers they are, without rounding.
    /// Texts compare by code points, `false` precedes `true`.
    pub fn compared_with(&self, value: AttributeView<'_>) -> Option<Ordering> {
        match (value, self) {
            (AttributeView::String(left), Literal::Text(right)) => Some(left.cmp(right)),
            (AttributeView::Bool(left), Literal::Bool(right)) => Some(left.cmp(right)),
            (AttributeView::Int(left), Literal::Int(right)) => Some(left.cmp(right)),
            (AttributeView::Double(left), Literal::Double(right)) => left.partial_cmp(right),
            (AttributeView::Int(left), Literal::Double(right)) => compare(left, *right),
            (AttributeView::Double(left), Literal::Int(right)) => compare(*right, left).map(Ordering::reverse),
            _ => None,
        }
    }

    /// The string forms of all values that are equal to this one.
    pub(super) fn forms(&self) -> Vec<String> {
        match self {
            Literal::Text(text) => vec![text.clone()],
            Literal::Bool(value) => vec![value.to_string()],
            Literal::Int(value) => number_forms(Some(*value), *value as f64),
            Literal::Double(value) => {
                let whole = (value.fract() == 0.0 && (-INT_END..INT_END).contains(value)).then_some(*value as i64);
                number_forms(whole, *value)
            }
        }
    }
}

/// Forms of an integer and of a double that are equal to it, as far as there are such.
fn number_forms(int: Option<i64>, double: f64) -> Vec<String> {
    let mut forms: Vec<String> = int.iter().map(i64::to_string).collect();
    let is_double = match int {
        Some(int) => compare(int, double) == Some(Ordering::Equal),
        None => !double.is_nan(),
    };
    if is_double {
        forms.push(double.to_string());
    }
    if double == 0.0 {
        forms.extend(["0".to_owned(), "-0".to_owned()]);
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

/// Compares without rounding: most integers beyond 2^53 are no double.
fn compare(int: i64, double: f64) -> Option<Ordering> {
    if double.is_nan() {
        return None;
    }
    if double >= INT_END {
        return Some(Ordering::Less);
    }
    if double < -INT_END {
        return Some(Ordering::Greater);
    }
    // Exact: between -2^63 and 2^63 every whole double is an integer.
    let whole = double.trunc();
    Some(int.cmp(&(whole as i64)).then_with(|| 0.0.partial_cmp(&(double - whole)).unwrap_or(Ordering::Equal)))
}
