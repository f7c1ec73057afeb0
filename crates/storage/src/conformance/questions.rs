//! Random questions about the spans of `data`, from the same small ranges. Not here: what their answers must be.

use model::{SpanDuration, SpanKind, TimeRange, UnixNanos, Value};
use proptest::prelude::*;

use super::data::{any_start, any_value};
use crate::{
    AttributeScope, AttributesWanted, Comparison, Count, Field, FieldCondition, Literal, NameOrder, NamesQuery, Order,
    Pattern, TraceQuery, ValueTest,
};

/// Queries from the same small ranges.
pub fn any_query() -> impl Strategy<Value = TraceQuery> {
    let range = (proptest::option::of(any_start()), proptest::option::of(any_start()));
    let names = (proptest::option::of(0u8..4), proptest::option::of(0u8..3), proptest::option::of(1i64..6));
    let durations = proptest::array::uniform4(proptest::option::weighted(0.2, prop_oneof![0u64..5, 0u64..1 << 40]));
    let fields = proptest::collection::vec(any_condition(), 0..3);
    (range, names, durations, fields, any::<bool>(), proptest::bool::weighted(0.2), (0usize..5, any::<bool>()))
        .prop_map(|(range, names, durations, fields, longest, errors_only, (limit, counts))| {
            let all = TimeRange { from: UnixNanos(range.0.unwrap_or(0)), to: UnixNanos(range.1.unwrap_or(u64::MAX)) };
            let duration = |place: usize| durations[place].map(SpanDuration);
            TraceQuery {
                service: names.0.map(|n| ["unknown_service", "shop", "pay", "nobody"][usize::from(n)].into()),
                name: names.1.map(|n| ["get", "put", "x"][usize::from(n)].into()),
                kind: names.2.map(SpanKind::from_number),
                errors_only,
                span_duration_min: duration(0),
                span_duration_max: duration(1),
                trace_duration_min: duration(2),
                trace_duration_max: duration(3),
                fields,
                count: if counts { Count::Exact } else { Count::None },
                order: if longest { Order::LongestFirst } else { Order::NewestFirst },
                ..TraceQuery::newest(all, limit)
            }
        })
}

fn any_condition() -> impl Strategy<Value = FieldCondition> {
    (any_field(), any_test(), proptest::bool::weighted(0.2)).prop_map(|(field, test, is_negated)| FieldCondition {
        field,
        test,
        is_negated,
    })
}

fn any_field() -> impl Strategy<Value = Field> {
    let scopes = [[AttributeScope::Any].as_slice(), AttributeScope::PLACES.as_slice()].concat();
    let scope = prop_oneof![Just(AttributeScope::Any), proptest::sample::select(scopes)];
    let attribute = (scope, 0u8..3).prop_map(|(scope, key)| Field::attribute(scope, ["a", "b", "c"][usize::from(key)]));
    prop_oneof![
        8 => attribute,
        1 => proptest::sample::select(vec![Field::EventName, Field::ScopeName, Field::ScopeVersion, Field::StatusMessage]),
    ]
}

fn any_test() -> impl Strategy<Value = ValueTest> {
    let text = || (0u8..5).prop_map(|n| ["1", "t", "x", "", "e"][usize::from(n)].to_owned());
    let form = (0u8..7).prop_map(|n| ["1", "true", "x", "0.5", "-0", "0", "NaN"][usize::from(n)].to_owned());
    let comparisons = vec![Comparison::Less, Comparison::LessOrEqual, Comparison::Greater, Comparison::GreaterOrEqual];
    let patterns = vec!["^.$", "t|x", "(?i)TRUE", "^$"];
    prop_oneof![
        Just(ValueTest::Exists),
        form.prop_map(ValueTest::Form),
        any_literal().prop_map(ValueTest::Equals),
        any_literal().prop_map(ValueTest::NotEquals),
        (proptest::sample::select(comparisons), any_literal()).prop_map(|(how, with)| ValueTest::Compares(how, with)),
        proptest::collection::vec(any_literal(), 0..3).prop_map(ValueTest::OneOf),
        text().prop_map(ValueTest::StartsWith),
        text().prop_map(ValueTest::Contains),
        proptest::sample::select(patterns)
            .prop_map(|text| ValueTest::Matches(Pattern::new(text).expect("a valid pattern"))),
    ]
}

fn any_literal() -> impl Strategy<Value = Literal> {
    any_value().prop_map(|value| match value {
        Value::String(text) => Literal::Text(text),
        Value::Bool(value) => Literal::Bool(value),
        Value::Double(value) => Literal::Double(value),
        Value::Int(value) => Literal::Int(value),
        _ => Literal::Int(1),
    })
}

/// Questions about keys and values of attributes.
pub fn any_names() -> impl Strategy<Value = NamesQuery> {
    let scopes = [[AttributeScope::Any].as_slice(), AttributeScope::PLACES.as_slice()].concat();
    let range = (proptest::option::of(any_start()), proptest::option::of(any_start()));
    let service = proptest::option::of(0u8..3);
    let prefix = prop_oneof![3 => Just(""), 1 => Just("t"), 1 => Just("1"), 1 => Just("a")];
    let of_values = proptest::option::of(0u8..3);
    (proptest::sample::select(scopes), range, service, prefix, (any::<bool>(), 0usize..9), of_values).prop_map(
        |(scope, range, service, prefix, (by_name, limit), of_values)| {
            let wanted = AttributesWanted {
                scope,
                service: service.map(|n| ["unknown_service", "shop", "pay"][usize::from(n)].into()),
                range: TimeRange { from: UnixNanos(range.0.unwrap_or(0)), to: UnixNanos(range.1.unwrap_or(u64::MAX)) },
                prefix: prefix.to_owned(),
                order: if by_name { NameOrder::ByName } else { NameOrder::MostSpans },
                limit,
            };
            match of_values {
                None => NamesQuery::AttributeKeys(wanted),
                Some(key) => NamesQuery::AttributeValues { key: ["a", "b", "c"][usize::from(key)].into(), wanted },
            }
        },
    )
}
