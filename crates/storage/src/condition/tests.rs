//! What conditions mean, by hand where it is surprising and at random where it is arithmetic.

use model::batch::AttributeView::{self, Bool, Double, Empty, Int, String as Text};
use model::testing::span;
use model::{Event, Span, UnixNanos, Value};
use proptest::prelude::*;

use super::*;

const WORD: AttributeView<'static> = Text("word");

fn met(test: &ValueTest, values: &[AttributeView<'_>]) -> Vec<bool> {
    values.iter().map(|value| test.is_met(*value)).collect()
}

#[test]
fn integers_and_doubles_compare_as_the_numbers_they_are() {
    let two_to_53 = 9_007_199_254_740_992;
    let equals = |literal| ValueTest::Equals(literal);
    assert_eq!(
        met(&equals(Literal::Int(1)), &[Int(1), Double(1.0), Double(1.5), Text("1")]),
        [true, true, false, false]
    );
    assert_eq!(met(&equals(Literal::Double(-0.0)), &[Int(0), Double(0.0), Double(-0.0)]), [true; 3]);
    let close = Double(two_to_53 as f64);
    assert_eq!(
        met(&equals(Literal::Int(two_to_53 + 1)), &[close, Int(two_to_53), Int(two_to_53 + 1)]),
        [false, false, true]
    );
    let above = ValueTest::Compares(Comparison::Greater, Literal::Double(two_to_53 as f64));
    assert_eq!(met(&above, &[Int(two_to_53), Int(two_to_53 + 1), Double(f64::INFINITY)]), [false, true, true]);
    let below = ValueTest::Compares(Comparison::Less, Literal::Int(i64::MIN));
    assert_eq!(
        met(&below, &[Double(f64::NEG_INFINITY), Double(-9.3e18), Double(i64::MIN as f64)]),
        [true, true, false]
    );
    let negative = ValueTest::Compares(Comparison::Less, Literal::Double(-0.5));
    assert_eq!(met(&negative, &[Int(0), Int(-1)]), [false, true]);
}

#[test]
fn not_a_number_equals_nothing_and_is_in_no_order() {
    let nan = Literal::Double(f64::NAN);
    let values = [Double(f64::NAN), Int(0), WORD];
    assert_eq!(met(&ValueTest::Equals(nan.clone()), &values), [false; 3]);
    assert_eq!(met(&ValueTest::NotEquals(nan.clone()), &values), [true; 3]);
    for comparison in [Comparison::Less, Comparison::LessOrEqual, Comparison::Greater, Comparison::GreaterOrEqual] {
        assert_eq!(met(&ValueTest::Compares(comparison, nan.clone()), &values), [false; 3]);
        assert!(!ValueTest::Compares(comparison, Literal::Int(0)).is_met(Double(f64::NAN)));
    }
    assert!(ValueTest::Form("NaN".into()).is_met(Double(f64::NAN)), "a person who types it means it");
}

#[test]
fn texts_are_compared_by_code_points_and_other_types_never() {
    let from = ValueTest::Compares(Comparison::GreaterOrEqual, Literal::Text("b".into()));
    assert_eq!(
        met(&from, &[Text("a"), Text("b"), Text("\u{e9}"), Int(99), Bool(true)]),
        [false, true, true, false, false]
    );
    let other = Value::Bytes(vec![1]);
    let odd = [Empty, AttributeView::Other(&other)];
    assert_eq!(met(&ValueTest::Exists, &odd), [true; 2]);
    assert_eq!(met(&ValueTest::NotEquals(Literal::Int(1)), &odd), [true; 2]);
    assert_eq!(met(&ValueTest::Form(String::new()), &odd), [false; 2]);
    let texts = [Text("GET /cart"), Text("get"), Int(7)];
    assert_eq!(met(&ValueTest::StartsWith("GET".into()), &texts), [true, false, false]);
    assert_eq!(met(&ValueTest::Contains("car".into()), &texts), [true, false, false]);
    assert_eq!(met(&ValueTest::Matches(Pattern::new("(?i)^get$").expect("valid")), &texts), [false, true, false]);
    let some = ValueTest::OneOf(vec![Literal::Int(7), Literal::Text("get".into())]);
    assert_eq!(met(&some, &texts), [false, true, true]);
    assert_eq!(met(&ValueTest::OneOf(Vec::new()), &texts), [false; 3]);
}

#[test]
fn a_pattern_is_bounded() {
    assert!(Pattern::new("(").is_err());
    assert!(Pattern::new(&"a".repeat(PATTERN_BYTES_MAX + 1)).is_err());
    assert!(Pattern::new(r"(\w{1000}){1000}").is_err(), "small to write, huge to compile");
}

fn two_events() -> Span {
    let mut span = span(1, 1, None);
    for n in [1, 2] {
        let mut attributes = model::Attributes::new();
        attributes.set("n", n);
        span.events.push(Event { time: UnixNanos(0), name: format!("e{n}"), attributes, attributes_dropped: 0 });
    }
    span
}

#[test]
fn some_value_meets_a_condition_and_no_value_meets_a_negated_one() {
    let span = two_events();
    let n = |test| FieldCondition::new(Field::any("n"), test);
    let is_met = |condition: FieldCondition| condition.is_met(&span);
    assert!(is_met(n(ValueTest::Equals(Literal::Int(2)))));
    assert!(is_met(n(ValueTest::NotEquals(Literal::Int(2)))), "the other event differs");
    assert!(!is_met(n(ValueTest::Equals(Literal::Int(2))).negated()));
    assert!(is_met(n(ValueTest::Equals(Literal::Int(3))).negated()));
    let absent = |test| FieldCondition::new(Field::any("absent"), test);
    assert!(!is_met(absent(ValueTest::NotEquals(Literal::Int(2)))), "nothing is there that could differ");
    assert!(is_met(absent(ValueTest::Equals(Literal::Int(2))).negated()));
    assert!(is_met(absent(ValueTest::Exists).negated()));
    assert!(is_met(FieldCondition::new(Field::EventName, ValueTest::Form("e2".into()))));
}

#[test]
fn a_scope_says_where_an_attribute_stands() {
    let span = two_events();
    for scope in AttributeScope::PLACES {
        let condition = FieldCondition::new(Field::attribute(scope, "n"), ValueTest::Exists);
        assert_eq!(condition.is_met(&span), scope == AttributeScope::Event, "{scope:?}");
    }
}

fn any_number() -> impl Strategy<Value = Literal> {
    let whole = prop_oneof![any::<i64>(), -3i64..3, (0i64..3).prop_map(|n| (1 << 53) + n)];
    let double = prop_oneof![
        any::<f64>(),
        whole.clone().prop_map(|n| n as f64),
        Just(9_223_372_036_854_775_808.0),
        Just(-0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        (-3i64..3).prop_map(|n| n as f64 + 0.5),
    ];
    prop_oneof![whole.prop_map(Literal::Int), double.prop_map(Literal::Double)]
}

fn view(literal: &Literal) -> AttributeView<'_> {
    match literal {
        Literal::Text(text) => Text(text),
        Literal::Bool(value) => Bool(*value),
        Literal::Int(value) => Int(*value),
        Literal::Double(value) => Double(*value),
    }
}

/// A number as sign, and digits of an integer times 2^-1074: every double and every i64 is one.
fn exact(literal: &Literal) -> Option<(bool, Vec<u64>)> {
    let (negative, mantissa, shift) = match *literal {
        Literal::Int(value) => (value < 0, value.unsigned_abs(), 1_074),
        Literal::Double(value) if value.is_finite() => {
            let bits = value.abs().to_bits();
            let (exponent, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
            match exponent {
                0 => (value < 0.0, fraction, 0),
                _ => (value < 0.0, fraction | 1 << 52, exponent as usize - 1),
            }
        }
        _ => return None,
    };
    let mut digits = vec![0u64; 36];
    let wide = u128::from(mantissa) << (shift % 64);
    (digits[shift / 64], digits[shift / 64 + 1]) = (wide as u64, (wide >> 64) as u64);
    digits.reverse();
    Some((negative, digits))
}

proptest! {
    #[test]
    fn numbers_compare_like_their_exact_digits(left in any_number(), right in any_number()) {
        let Some((mine, theirs)) = exact(&left).zip(exact(&right)) else { return Ok(()) };
        let expected = match (mine.0, theirs.0) {
            (false, false) => mine.1.cmp(&theirs.1),
            (true, true) => theirs.1.cmp(&mine.1),
            (false, true) => std::cmp::Ordering::Greater,
            (true, false) => std::cmp::Ordering::Less,
        };
        prop_assert_eq!(right.compared_with(view(&left)), Some(expected));
    }

    #[test]
    fn forms_leave_out_no_equal_value(literal in any_number(), value in any_number()) {
        let test = ValueTest::Equals(literal);
        let listed = test.forms().expect("equality has forms").iter().any(|form| has_form(&value, form));
        prop_assert!(listed || !test.is_met(view(&value)), "{:?} {:?}", test, value);
    }
}

fn has_form(value: &Literal, form: &str) -> bool {
    ValueTest::Form(form.into()).is_met(view(value))
}
