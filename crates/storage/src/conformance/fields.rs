//! Claims about conditions on fields: attributes wherever they stand, their types, and what several values mean.

use std::sync::Arc;

use model::{Attributes, Event, Link, Resource, Scope, Span, SpanId, TraceId, Value};

use super::bed::{Bed, write};
use super::data::{DAY, timed};
use super::searching::{all, ids};
use crate::{AttributeScope, Comparison, Field, FieldCondition, Literal, Pattern, Store, TraceQuery, ValueTest};

fn found(store: &dyn Store, condition: FieldCondition) -> Vec<u8> {
    ids(store, TraceQuery { fields: vec![condition], ..all() })
}

fn of_form(key: &str, form: &str) -> FieldCondition {
    FieldCondition::of_form(key, form)
}

fn attributes(key: &str, value: impl Into<Value>) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set(key, value);
    attributes
}

fn event(name: &str, attributes: Attributes) -> Event {
    Event { time: DAY, name: name.into(), attributes, attributes_dropped: 0 }
}

/// A span of trace 1 to 5 for each place, in the order of [`AttributeScope::PLACES`], that has the attribute there.
fn everywhere(key: &str, value: &str) -> [Span; 5] {
    let mut spans = [1, 2, 3, 4, 5].map(|trace| timed(trace, 1, trace.into(), 1));
    spans[0].attributes = attributes(key, value);
    spans[1].resource = Arc::new(Resource { attributes: attributes(key, value), ..Resource::default() });
    spans[2].events.push(event("e", attributes(key, value)));
    spans[3].links.push(Link {
        trace_id: TraceId::new([9; 16]).expect("not zero"),
        span_id: SpanId::new([9; 8]).expect("not zero"),
        trace_state: String::new(),
        flags: 0,
        attributes: attributes(key, value),
        attributes_dropped: 0,
    });
    let scope =
        Scope { name: "lib".into(), version: "1.2".into(), attributes: attributes(key, value), ..Scope::default() };
    spans[4].scope = Arc::new(scope);
    spans
}

pub fn attributes_are_found_wherever_they_stand(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &everywhere("k", "v"));
    write(&*store, &[timed(6, 1, 6, 1)]);
    assert_eq!(found(&*store, of_form("k", "v")), [5, 4, 3, 2, 1]);
    assert_eq!(found(&*store, of_form("k", "w")), [0u8; 0]);
    assert_eq!(found(&*store, of_form("v", "k")), [0u8; 0]);
    for (trace, scope) in (1..).zip(AttributeScope::PLACES) {
        let of_scope = |test| FieldCondition::new(Field::attribute(scope, "k"), test);
        assert_eq!(found(&*store, of_scope(ValueTest::Form("v".into()))), [trace], "{scope:?}");
        assert_eq!(found(&*store, of_scope(ValueTest::Exists)), [trace], "{scope:?}");
        let others: Vec<u8> = (1..=6).rev().filter(|other| *other != trace).collect();
        assert_eq!(found(&*store, of_scope(ValueTest::Exists).negated()), others, "not {scope:?}");
    }
}

pub fn attribute_values_match_by_string_form(bed: &mut dyn Bed) {
    let store = bed.store();
    let values = [
        Value::from("true"),
        Value::Bool(true),
        Value::Int(-7),
        Value::Double(0.5),
        Value::Double(1.0),
        Value::Int(1),
        Value::Array(vec![Value::Int(1)]),
        Value::Empty,
    ];
    write(&*store, &with_values(values));
    assert_eq!(found(&*store, of_form("k", "true")), [2, 1]);
    assert_eq!(found(&*store, of_form("k", "-7")), [3]);
    assert_eq!(found(&*store, of_form("k", "0.5")), [4]);
    assert_eq!(found(&*store, of_form("k", "1")), [6, 5]);
    assert_eq!(found(&*store, of_form("k", "")), [0u8; 0]);
}

/// A span in trace 1 and following for each value.
fn with_values(values: impl IntoIterator<Item = Value>) -> Vec<Span> {
    let with = |(trace, value): (u8, Value)| {
        let mut span = timed(trace, 1, trace.into(), 1);
        span.attributes.set("k", value);
        span
    };
    (1..).zip(values).map(with).collect()
}

pub fn numbers_are_compared_exactly_whatever_their_type(bed: &mut dyn Bed) {
    let store = bed.store();
    let beyond = 1i64 << 53;
    let values = [
        Value::Int(beyond),
        Value::Int(beyond + 1),
        Value::Double(beyond as f64),
        Value::Double(-0.0),
        Value::Int(0),
        Value::Double(f64::NAN),
        Value::Double(f64::NEG_INFINITY),
        Value::from("0"),
    ];
    write(&*store, &with_values(values));
    let is = |test| found(&*store, FieldCondition::new(Field::any("k"), test));
    assert_eq!(is(ValueTest::Equals(Literal::Int(beyond))), [3, 1]);
    assert_eq!(is(ValueTest::Equals(Literal::Int(beyond + 1))), [2]);
    assert_eq!(is(ValueTest::Equals(Literal::Double(0.0))), [5, 4]);
    assert_eq!(is(ValueTest::NotEquals(Literal::Int(0))), [8, 7, 6, 3, 2, 1]);
    assert_eq!(is(ValueTest::Compares(Comparison::Greater, Literal::Double(beyond as f64))), [2]);
    assert_eq!(is(ValueTest::Compares(Comparison::LessOrEqual, Literal::Int(0))), [7, 5, 4]);
    assert_eq!(is(ValueTest::Equals(Literal::Double(f64::NAN))), [0u8; 0]);
    assert_eq!(is(ValueTest::OneOf(vec![Literal::Int(0), Literal::Text("0".into())])), [8, 5, 4]);
}

pub fn texts_are_compared_searched_and_matched(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &with_values(["/cart/7", "/cart", "/pay", "CART"].map(Value::from)));
    let is = |test| found(&*store, FieldCondition::new(Field::any("k"), test));
    assert_eq!(is(ValueTest::StartsWith("/cart".into())), [2, 1]);
    assert_eq!(is(ValueTest::Contains("a".into())), [3, 2, 1]);
    assert_eq!(is(ValueTest::Compares(Comparison::Less, Literal::Text("/cart/7".into()))), [2]);
    assert_eq!(is(ValueTest::Matches(Pattern::new("(?i)^/?cart$").expect("valid"))), [4, 2]);
}

pub fn some_value_of_several_meets_and_absence_only_meets_what_is_negated(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut two = timed(1, 1, 1, 1);
    two.events = vec![event("first", attributes("k", 1)), event("second", attributes("k", 2))];
    let mut one = timed(2, 1, 2, 1);
    one.attributes.set("k", 1);
    write(&*store, &[two, one, timed(3, 1, 3, 1)]);
    let k = |test| FieldCondition::new(Field::any("k"), test);
    let one = || Literal::Int(1);
    assert_eq!(found(&*store, k(ValueTest::Equals(one()))), [2, 1]);
    assert_eq!(found(&*store, k(ValueTest::NotEquals(one()))), [1]);
    assert_eq!(found(&*store, k(ValueTest::Equals(one())).negated()), [3]);
    assert_eq!(found(&*store, k(ValueTest::NotEquals(one())).negated()), [3, 2]);
}

pub fn names_of_events_and_scopes_and_messages_are_fields(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut failed = timed(1, 1, 1, 1);
    failed.status.message = "it broke".into();
    failed.events.push(event("exception", Attributes::new()));
    let mut scoped = timed(2, 1, 2, 1);
    scoped.scope = Arc::new(Scope { name: "lib".into(), version: "1.2".into(), ..Scope::default() });
    write(&*store, &[failed, scoped, timed(3, 1, 3, 1)]);
    let with = |field, form: &str| found(&*store, FieldCondition::new(field, ValueTest::Form(form.into())));
    assert_eq!(with(Field::EventName, "exception"), [1]);
    assert_eq!(with(Field::StatusMessage, "it broke"), [1]);
    assert_eq!(with(Field::ScopeName, "lib"), [2]);
    assert_eq!(with(Field::ScopeVersion, "1.2"), [2]);
    assert_eq!(with(Field::ScopeVersion, ""), [0u8; 0], "an empty one is no value");
    assert_eq!(found(&*store, FieldCondition::new(Field::EventName, ValueTest::Exists).negated()), [3, 2]);
}
