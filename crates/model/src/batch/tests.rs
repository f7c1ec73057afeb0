//! Claims about batches.

use std::sync::Arc;

use super::*;
use crate::testing::span;
use crate::{Attributes, Event, Link, Resource, SpanId, UnixNanos, Value};

fn batch_of(spans: &[crate::Span]) -> Option<SpanBatch> {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish()
}

#[test]
fn a_batch_without_spans_does_not_exist() {
    assert_eq!(batch_of(&[]), None);
    assert_eq!(SpanBatch::from_columns(Columns::default()), Err(ColumnsError::Empty));
}

#[test]
fn each_span_comes_back_as_it_was() {
    let mut rich = span(1, 2, None);
    rich.attributes.set("bool", true);
    rich.attributes.set("int", i64::MIN);
    rich.attributes.set("double", -0.0);
    rich.attributes.set("empty", Value::Empty);
    rich.attributes.set("bytes", Value::Bytes(vec![0, 255]));
    rich.attributes.set("list", Value::Array(vec![Value::Int(1), Value::from("two")]));
    let mut nested = Attributes::new();
    nested.set("inner", Value::Array(vec![]));
    rich.attributes.set("map", Value::Map(nested.clone()));
    rich.events.push(Event { time: UnixNanos(7), name: "e".into(), attributes: nested.clone(), attributes_dropped: 3 });
    rich.links.push(Link {
        trace_id: rich.trace_id,
        span_id: rich.span_id,
        trace_state: "a=b".into(),
        flags: 1,
        attributes: nested,
        attributes_dropped: 0,
    });
    let plain = span(1, 3, SpanId::new([2; 8]));
    let batch = batch_of(&[rich.clone(), plain.clone()]).expect("two spans");
    let mut shared = SharedParts::default();
    let back: Vec<_> = batch.rows().map(|row| row.to_span(&mut shared)).collect();
    assert_eq!(back, [rich, plain]);
}

#[test]
fn equal_resources_of_two_requests_are_stored_once() {
    let mut first = span(1, 1, None);
    let mut second = span(1, 2, None);
    first.resource = Arc::new(Resource::default());
    second.resource = Arc::new(Resource::default());
    let batch = batch_of(&[first, second]).expect("two spans");
    assert_eq!(batch.columns().resources.len(), 1);
}

#[test]
fn an_index_outside_is_refused_with_the_name_of_its_column() {
    let batch = batch_of(&[span(1, 1, None)]).expect("one span");
    let mut columns = batch.columns().clone();
    columns.name[0] = 99;
    assert_eq!(SpanBatch::from_columns(columns), Err(ColumnsError::Index("name")));
    let mut columns = batch.columns().clone();
    columns.flags.clear();
    assert_eq!(SpanBatch::from_columns(columns), Err(ColumnsError::Length("flags")));
}
