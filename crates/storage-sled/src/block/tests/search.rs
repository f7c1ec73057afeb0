//! Filters, terms and single attributes never miss what is there.

use model::Value;
use model::batch::AttributeView;
use proptest::prelude::*;
use storage::Field;

use super::super::Term;
use super::super::term::{TermKey, ValueForm};
use super::data::batches;
use super::*;

/// Every attribute of a span, wherever it stands.
fn attributes(span: &Span) -> Vec<(&str, &Value)> {
    let mut all = Vec::new();
    let lists = [&span.attributes, &span.resource.attributes, &span.scope.attributes];
    let lists = lists.into_iter().chain(span.events.iter().map(|event| &event.attributes));
    for list in lists.chain(span.links.iter().map(|link| &link.attributes)) {
        all.extend(list.iter().map(|pair| (pair.key.as_str(), &pair.value)));
    }
    all
}

/// The bytes that stand for a value, so that values that are not numbers can be compared.
fn form(value: AttributeView<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    storage::batch::encode_value(&mut bytes, &value.to_value()).expect("shallow");
    bytes
}

fn check(batches: &[Vec<Span>]) {
    let block = block_of(batches);
    let reader = open(&block);
    for group in 0..reader.zones().len() {
        let bit = 1u64 << group;
        let spans = spans_of(&reader.spans_of_group(group).expect("own bytes"));
        for span in &spans {
            for (key, value) in attributes(span) {
                let term = TermKey::new(key).value(ValueForm::default().of(AttributeView::from(value)));
                assert_ne!(reader.groups_with(term).expect("own bytes") & bit, 0, "{key} = {value:?}");
            }
            assert_ne!(reader.groups_with(Term::name(&span.name)).expect("own bytes") & bit, 0);
            assert_ne!(reader.groups_with(Term::service(span.service())).expect("own bytes") & bit, 0);
        }
        for key in ["a", "b", "c", "service.name", "nowhere"] {
            let (mut forms, mut numbers) = (Vec::new(), Vec::new());
            let mut number_of = |value: AttributeView<'_>| {
                forms.push(form(value));
                forms.len() as u32 - 1
            };
            let field = Field::any(key);
            let mut values = reader.field_values(&field, &mut number_of).expect("own bytes");
            let mut scan = reader.scan(group, reader.shapes(group).expect("own bytes")).expect("own bytes");
            let all = vec![true; spans.len()];
            scan.visit(&mut values, &all, number_of, |row, number| numbers.push((row, number))).expect("own bytes");
            let found = numbers.into_iter().map(|(row, number)| (row as usize, forms[number as usize].clone()));
            let mut found: Vec<(usize, Vec<u8>)> = found.collect();
            let of_key = |(row, span)| {
                let values = attributes(span).into_iter().filter(move |(known, _)| *known == key);
                values.map(move |(_, value)| (row, form(AttributeView::from(value)))).collect::<Vec<_>>()
            };
            let mut expected: Vec<(usize, Vec<u8>)> = spans.iter().enumerate().flat_map(of_key).collect();
            found.sort_unstable();
            expected.sort_unstable();
            assert_eq!(found, expected, "{key}");
        }
    }
    for id in by_trace(&batches.concat()).keys() {
        assert!(reader.may_hold(id).expect("own bytes"));
    }
}

#[test]
fn a_term_that_is_nowhere_mostly_has_no_group() {
    let block = block_of(&[vec![storage::conformance::data::rich()]]);
    let reader = open(&block);
    let found = (0..1_000).filter(|n| reader.groups_with(Term::attribute("text", &n.to_string())).ok() != Some(0));
    assert!(found.count() < 5);
    assert_eq!(reader.groups_with(Term::attribute("int", "-9223372036854775808")).ok(), Some(1));
    assert_eq!(reader.groups_with(Term::attribute("double", "-0")).ok(), Some(1));
    assert_eq!(reader.groups_with(Term::attribute("service.name", "rich")).ok(), Some(1));
}

#[test]
fn columns_of_mostly_different_values_are_found_through_filters() {
    let span = |n: u32| {
        let mut span = storage::conformance::data::timed((n % 200) as u8 + 1, 1, n.into(), 1);
        span.attributes.set("id", format!("{:08x}", n.wrapping_mul(2_654_435_761)));
        span.attributes.set("number", i64::from(n) * 7);
        span.name = format!("name {n}");
        span
    };
    let spans: Vec<Span> = (0..3_000).map(span).collect();
    let block = block_of(std::slice::from_ref(&spans));
    let reader = open(&block);
    let has = |term| reader.groups_with(term).expect("own bytes") != 0;
    for span in &spans {
        assert!(has(Term::attribute("id", span.attributes.text("id").expect("a text"))) && has(Term::name(&span.name)));
    }
    assert!((0..3_000).all(|n| has(Term::attribute("number", &(n * 7).to_string()))));
    let wrong = (0..3_000).filter(|n| has(Term::attribute("number", &(n * 7 + 1).to_string()))).count();
    assert!(wrong < 60, "{wrong} of 3,000");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn nothing_that_is_there_is_missed(batches in batches()) {
        check(&batches);
    }
}
