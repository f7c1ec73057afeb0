//! What goes in comes out, bit by bit.

use proptest::prelude::*;
use storage::conformance::data::{rich, timed};

use super::super::{BuildError, Parent, Section};
use super::data::batches;
use super::*;

fn check(batches: &[Vec<Span>]) {
    let spans = batches.concat();
    let block = block_of(batches);
    let reader = open(&block);
    let mut all = Vec::new();
    for group in 0..reader.zones().len() {
        let found = spans_of(&reader.spans_of_group(group).expect("own bytes"));
        check_hot(&reader, group, &found);
        all.extend(found);
    }
    assert_eq!(sorted(&all), sorted(&spans));
    let traces = by_trace(&spans);
    assert_eq!(reader.trace_count() as usize, traces.len());
    for (id, spans) in &traces {
        let found = reader.trace(id).expect("own bytes").expect("it is there");
        assert_eq!(sorted(&spans_of(&found)), sorted(spans));
        check_entry(&reader, id, spans);
    }
    assert_eq!(block.summary.rows as usize, spans.len());
    assert_eq!(block.summary.errors as usize, spans.iter().filter(|span| span.is_error()).count());
}

fn check_hot(reader: &BlockReader<&[u8]>, group: usize, spans: &[Span]) {
    let views = reader.shape_views().expect("own bytes");
    let shapes = reader.shapes(group).expect("own bytes");
    let starts = reader.starts(group).expect("own bytes");
    let durations = reader.durations(group).expect("own bytes");
    let parents = reader.parents(group).expect("own bytes");
    let zone = reader.zones()[group];
    let mut errors = 0;
    for (row, span) in spans.iter().enumerate() {
        let view = views[shapes[row] as usize];
        assert_eq!((view.service, view.name), (span.service(), span.name.as_str()));
        assert_eq!((view.kind, view.status), (span.kind, span.status.code));
        assert_eq!((starts[row], durations[row]), (span.start, span.duration().0));
        let parent = match parents[row] {
            Parent::None => None,
            Parent::Row(above) => Some(spans[above as usize].span_id),
            Parent::Elsewhere(id) => Some(id),
        };
        assert_eq!(parent, span.parent_span_id);
        assert!(zone.start_min <= span.start && span.start <= zone.start_max);
        assert!((zone.duration_min..=zone.duration_max).contains(&durations[row]));
        assert_ne!(zone.services & super::super::Zone::service_bit(view.service_code), 0);
        errors += u32::from(span.is_error());
    }
    assert_eq!((zone.rows as usize, zone.errors), (spans.len(), errors));
}

fn check_entry(reader: &BlockReader<&[u8]>, id: &TraceId, spans: &[Span]) {
    let trace = model::Trace::new(*id, spans.to_vec()).expect("not empty");
    let summary = trace.summary();
    let number = reader.find(id).expect("own bytes").expect("it is there");
    assert_eq!(reader.trace_id(number).expect("own bytes"), *id);
    let entry = reader.entry(number).expect("own bytes");
    assert_eq!((entry.rows as usize, entry.start), (spans.len(), summary.start));
    assert_eq!((entry.duration, u64::from(entry.errors)), (summary.duration(), summary.errors));
    let root = &spans_of(&reader.spans(entry.root_row..entry.root_row + 1).expect("own bytes"))[0];
    assert_eq!(root.parent_span_id.is_none(), summary.root_received);
    let services = reader.services().expect("own bytes");
    let mut named: Vec<&str> = entry.services.iter().map(|code| services[*code as usize]).collect();
    named.sort_unstable();
    assert!(!entry.has_more_services);
    assert_eq!(named, summary.services.iter().map(|count| count.service.as_str()).collect::<Vec<_>>());
    let warnings = spans.iter().fold(0, |bits, span| bits | span.warnings.bits());
    assert_eq!(entry.warnings.bits(), warnings);
}

#[test]
fn every_field_and_type_comes_back() {
    check(&[vec![rich(), timed(1, 3, 0, 1)], vec![timed(2, 1, 5, 5)]]);
}

#[test]
fn spans_with_equal_ids_and_other_content_are_both_kept() {
    let (first, mut second) = (timed(1, 1, 0, 1), timed(1, 1, 0, 1));
    second.name = "other".into();
    check(&[vec![first.clone(), second], vec![first]]);
}

#[test]
fn circles_and_spans_that_are_their_own_parents_come_back() {
    let with_parent = |id: u8, parent: u8| {
        let mut span = timed(1, id, id.into(), 5);
        span.parent_span_id = model::SpanId::new([parent; 8]);
        span
    };
    check(&[vec![with_parent(1, 1), with_parent(2, 3), with_parent(3, 4), with_parent(4, 2), with_parent(5, 3)]]);
}

#[test]
fn a_span_without_spans_around_it_makes_a_block_and_no_span_makes_none() {
    check(&[vec![timed(1, 1, 0, 0)]]);
    assert!(matches!(BlockBuilder::new(0).finish(), Err(BuildError::Empty)));
}

#[test]
fn sections_of_others_come_back_as_they_are() {
    let batch = batch(&[rich()]);
    let mut builder = BlockBuilder::new(9);
    builder.push(&batch).expect("fits");
    builder.put_section(Section::Red, vec![1; 1_000]);
    builder.put_section(Section::Edge, Vec::new());
    let block = builder.finish().expect("builds");
    let reader = open(&block);
    assert_eq!(reader.section(Section::Red).expect("own bytes"), Some(vec![1; 1_000]));
    assert_eq!(reader.section(Section::Edge).expect("own bytes"), Some(Vec::new()));
    assert_eq!((reader.tenant(), reader.section(Section::Hot).expect("own bytes")), (9, None));
    assert_eq!(open(&block_of(&[vec![rich()]])).section(Section::Red).expect("own bytes"), None);
}

#[test]
fn a_trace_with_more_services_than_its_line_names_says_so() {
    let of = |n: u8| storage::conformance::data::of_service(timed(1, n, 0, 1), &format!("service {n}"));
    for (count, more) in [(8, false), (9, true), (12, true)] {
        let block = block_of(&[(1..=count).map(of).collect()]);
        let entry = open(&block).entry(0).expect("own bytes");
        assert_eq!((entry.services.len(), entry.has_more_services), (8, more));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_spans_come_back(batches in batches()) {
        check(&batches);
    }
}
