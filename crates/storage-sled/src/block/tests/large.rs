//! Blocks of several row groups.

use model::{SpanDuration, SpanId, TraceId, UnixNanos};

use super::super::{BLOCK_ROWS_MAX, BuildError, GROUP_ROWS_MAX, GROUPS_MAX};
use super::*;

/// Span `span` of trace `trace`, with what usual spans have.
fn numbered(trace: u32, span: u32, parent: Option<u32>) -> Span {
    let id = |number: u32| SpanId::new((u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    let mut numbered = model::testing::span(1, 1, parent.and_then(id));
    numbered.trace_id = TraceId::new((u128::from(trace) + 1).to_be_bytes()).expect("not zero");
    numbered.span_id = id(span).expect("odd multiples of numbers above zero are not zero");
    numbered.start = UnixNanos(1_767_225_600_000_000_000 + u64::from(trace) * 1_000_000 + u64::from(span) * 100);
    numbered.end = numbered.start.after(SpanDuration(u64::from(span) * 977));
    numbered.name = format!("operation {}", span % 7);
    numbered.attributes.set("span", i64::from(span));
    numbered.attributes.set("user", format!("{:016x}", u64::from(span) * 0x9e37_79b9));
    numbered.attributes.set("constant", "one value");
    numbered
}

fn check(spans: Vec<Span>) -> (usize, Vec<u32>) {
    let batches: Vec<Vec<Span>> = spans.chunks(512).map(<[Span]>::to_vec).collect();
    let block = block_of(&batches);
    let reader = open(&block);
    let mut found = Vec::new();
    for group in 0..reader.zones().len() {
        found.extend(spans_of(&reader.spans_of_group(group).expect("own bytes")));
    }
    assert_eq!(sorted(&found), sorted(&spans));
    for (id, spans) in by_trace(&spans).iter().step_by(50) {
        let trace = reader.trace(id).expect("own bytes").expect("it is there");
        assert_eq!(sorted(&spans_of(&trace)), sorted(spans));
    }
    (reader.zones().len(), reader.zones().iter().map(|zone| zone.rows).collect())
}

#[test]
fn a_trace_is_not_split_over_row_groups() {
    let spans = (0..900u32).flat_map(|trace| (0..20).map(move |span| numbered(trace, trace * 20 + span, None)));
    let (groups, rows) = check(spans.collect());
    assert_eq!(groups, 3);
    assert!(rows.iter().all(|rows| rows % 20 == 0), "{rows:?}");
}

#[test]
fn a_trace_larger_than_a_row_group_comes_back_whole() {
    // A chain as long as the trace: nothing may recurse over it.
    let chain = (0..20_000u32).map(|span| numbered(1, span, span.checked_sub(1)));
    let beside = (0..100u32).map(|span| numbered(0, 50_000 + span, None));
    let (groups, _) = check(beside.chain(chain).collect());
    assert_eq!(groups, 3);
}

#[test]
fn a_parent_many_steps_up_comes_back() {
    let chain = (0..600u32).map(|span| numbered(1, span, span.checked_sub(1)));
    // Starts last, so it is laid out after the whole chain below its sibling.
    let late = numbered(1, 5_000, Some(0));
    check(chain.chain([late]).collect());
}

#[test]
fn heavy_spans_make_smaller_row_groups() {
    const EVENTS: usize = 256 * 512;
    let mut heavy = numbered(0, 0, None);
    let event =
        model::Event { time: heavy.start, name: String::new(), attributes: Default::default(), attributes_dropped: 1 };
    heavy.events = vec![event; EVENTS];
    let one = batch(&[heavy]);
    let mut builder = BlockBuilder::new(0);
    for _ in 0..17 {
        builder.push(&one).expect("fits");
    }
    let block = builder.finish().expect("builds");
    let reader = open(&block);
    let rows: Vec<u32> = reader.zones().iter().map(|zone| zone.rows).collect();
    assert_eq!(rows, [15, 2], "one row group would hold more cells than a reader believes");
    assert_eq!(reader.spans_of_group(1).expect("own bytes").columns().events.len(), 2 * EVENTS);
}

#[test]
fn a_block_takes_as_many_spans_as_it_promises_and_no_more() {
    let one = batch(&(0..4_096u32).map(|span| numbered(span / 3, span, None)).collect::<Vec<_>>());
    let last = batch(&[numbered(0, 0, None)]);
    let mut builder = BlockBuilder::new(0);
    for _ in 0..BLOCK_ROWS_MAX / one.len() {
        builder.push(&one).expect("fits");
    }
    assert!(matches!(builder.push(&last), Err(BuildError::Full)));
    let block = builder.finish().expect("builds");
    let reader = open(&block);
    // Traces are split here: whole ones would leave gaps, and there is no room for gaps.
    assert_eq!(reader.zones().len(), GROUPS_MAX);
    assert!(reader.zones().iter().all(|zone| zone.rows as usize == GROUP_ROWS_MAX));
    let trace = reader.trace(&one.row(0).trace_id()).expect("own bytes").expect("it is there");
    assert_eq!(trace.len(), 3 * BLOCK_ROWS_MAX / one.len());
}
