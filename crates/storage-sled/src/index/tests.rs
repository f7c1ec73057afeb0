//! Claims about the index alone.

use std::sync::Arc;

use model::testing::span;
use model::{BatchBuilder, Span};

use super::*;
use crate::content::Fingerprints;
use crate::home::Home;
use crate::sled_db::Kind;

fn segment(generation: u32) -> Segment {
    Segment { generation, home: Home { path: "nowhere".into(), kind: Kind::Journal } }
}

fn apply(index: &mut Index, fingerprints: &Fingerprints, generation: u32, spans: &[Span]) -> Applied {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    let batch = builder.finish().expect("not empty");
    let place = BatchPlace { generation, sequence: generation.into(), written: UnixNanos(0) };
    let known = fingerprints.of_batch(&batch);
    index.apply(place, Arc::new(batch), &known)
}

#[test]
fn a_span_entry_stays_small() {
    assert!(size_of::<SpanEntry>() <= 48, "{} bytes", size_of::<SpanEntry>());
}

#[test]
fn a_generation_that_goes_leaves_the_spans_of_others_and_marks_the_traces_that_it_shared() {
    let fingerprints = Fingerprints::default();
    let mut index = Index::default();
    for generation in [1, 2] {
        index.add_generation(segment(generation));
        let spans = [span(1, generation as u8, None), span(7, 1, None), span(10 + generation as u8, 1, None)];
        let applied = apply(&mut index, &fingerprints, generation, &spans);
        let expected = if generation == 1 { 3 } else { 2 };
        assert_eq!(applied.spans, expected, "the span of trace 7 is known the second time");
    }
    index.replace_generation(1, Vec::new(), &Names::default(), &[]);
    let mut traces: Vec<u8> = index.traces.keys().map(|id| id.bytes()[0]).collect();
    traces.sort_unstable();
    assert_eq!(traces, [1, 12]);
    assert!(index.split.contains(&hash_of(&span(1, 1, None).trace_id)) && index.split.len() == 1);
    let kept = index.traces.values().flat_map(|trace| trace.spans());
    assert!(kept.into_iter().all(|span| index.sequence_of(span) == 2));
}

#[test]
fn generations_may_go_in_any_order() {
    let fingerprints = Fingerprints::default();
    let mut index = Index::default();
    for generation in [1, 2, 3] {
        index.add_generation(segment(generation));
        let spans = [span(1, generation as u8, None), span(10 + generation as u8, 1, None)];
        apply(&mut index, &fingerprints, generation, &spans);
    }
    let left = |index: &Index| -> Vec<u64> {
        let spans = index.traces.values().flat_map(|trace| trace.spans());
        let mut left: Vec<u64> = spans.map(|span| index.sequence_of(span)).collect();
        left.sort_unstable();
        left
    };
    for (gone, rest) in [(2, vec![1, 1, 3, 3]), (3, vec![1, 1]), (1, vec![])] {
        index.replace_generation(gone, Vec::new(), &Names::default(), &[]);
        assert_eq!(left(&index), rest, "without {gone}");
    }
    index.add_generation(segment(4));
    apply(&mut index, &fingerprints, 4, &[span(4, 4, None)]);
    assert_eq!(left(&index), [4]);
}

#[test]
fn a_suspicion_goes_with_its_generation_unless_it_is_proven() {
    let fingerprints = Fingerprints::default();
    let [suspected, proven, unread] = [1, 2, 3].map(|n| hash_of(&span(n, 1, None).trace_id));
    let mut index = Index::default();
    index.split.extend([suspected, proven, unread]);
    for (generation, traces) in [(1, vec![1, 2]), (2, vec![3])] {
        index.add_generation(segment(generation));
        let spans: Vec<Span> = traces.iter().map(|n| span(*n, 1, None)).collect();
        apply(&mut index, &fingerprints, generation, &spans);
    }
    index.replace_generation(1, Vec::new(), &Names::default(), &[proven]);
    index.drop_generation(2);
    assert_eq!(index.split, HashSet::from([proven, unread]), "of what was not read nothing is proven");
    assert_eq!(index.spans, 2);
}

#[test]
fn a_span_stays_known_when_its_generation_becomes_a_block() {
    let fingerprints = Fingerprints::default();
    let mut index = Index::new(1_000);
    for generation in 1..=4u32 {
        index.add_generation(segment(generation));
        let again = apply(&mut index, &fingerprints, generation, &[span(1, 1, None), span(2, generation as u8, None)]);
        assert_eq!(again.deduplicated, u64::from(generation > 1), "generation {generation}");
        index.replace_generation(generation, Vec::new(), &Names::default(), &[]);
    }
}
