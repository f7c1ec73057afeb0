//! Claims about the index alone.

use std::sync::Arc;

use model::testing::span;
use model::{BatchBuilder, Span};

use super::*;
use crate::content::Fingerprints;
use crate::home::Home;
use crate::sled_db::Kind;

/// Room for one text: service and name of a span are known in both ways.
const NAMES_BYTES_MAX: usize = 150;

fn index(interner_bytes_max: usize) -> Index {
    Index::new(&Settings { interner_bytes_max, ..Settings::default() })
}

fn segment(generation: u32) -> Segment {
    Segment { generation, home: Home { path: "nowhere".into(), kind: Kind::Journal } }
}

fn batch_of(spans: &[Span]) -> SpanBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish().expect("not empty")
}

fn apply(index: &mut Index, fingerprints: &Fingerprints, generation: u32, spans: &[Span]) -> Applied {
    let batch = batch_of(spans);
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
    let mut index = index(NAMES_BYTES_MAX);
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
    let mut index = index(NAMES_BYTES_MAX);
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
    let mut index = index(NAMES_BYTES_MAX);
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
    let mut index = index(NAMES_BYTES_MAX);
    for generation in 1..=4u32 {
        index.add_generation(segment(generation));
        let again = apply(&mut index, &fingerprints, generation, &[span(1, 1, None), span(2, generation as u8, None)]);
        assert_eq!(again.deduplicated, u64::from(generation > 1), "generation {generation}");
        index.replace_generation(generation, Vec::new(), &Names::default(), &[]);
    }
}

#[test]
fn an_end_takes_the_place_of_its_report_whether_their_service_has_a_number_or_not() {
    let fingerprints = Fingerprints::default();
    let mut report = span(1, 1, None);
    report.warnings.add(model::Warning::EndMissing);
    let ended = span(1, 1, None);
    for names_bytes_max in [0, NAMES_BYTES_MAX, usize::MAX] {
        // Nothing, one text or everything has a number; the other generation takes the room before the report comes, or not.
        for is_crowded in [false, true] {
            let mut index = index(names_bytes_max);
            for generation in 1..=3 {
                index.add_generation(segment(generation));
            }
            let other = Span { name: "other".into(), ..span(2, 1, None) };
            if is_crowded {
                apply(&mut index, &fingerprints, 1, &[other]);
            }
            apply(&mut index, &fingerprints, 2, std::slice::from_ref(&report));
            index.drop_generation(1);
            assert!(!index.is_told(batch_of(std::slice::from_ref(&report)).row(0)));
            assert_eq!(apply(&mut index, &fingerprints, 3, std::slice::from_ref(&ended)).spans, 1);
            assert!(index.is_told(batch_of(std::slice::from_ref(&report)).row(0)));
            let shown: Vec<bool> = index.spans_of(&ended.trace_id).map(|span| span.is_pending).collect();
            assert_eq!(shown, [false], "{names_bytes_max} bytes, crowded: {is_crowded}");
            let found = summary(ended.trace_id, index.spans_of(&ended.trace_id), &index.texts());
            assert_eq!(found, Some(model::TraceSummary::of(&ended)));
            assert!(index.wanted_text(ended.service()).is_some());
        }
    }
}
