//! Listeners that apply every diff hold the list of the server.

use model::testing::span;
use model::{BatchBuilder, Span};
use proptest::prelude::*;

use super::*;

const NOW: UnixNanos = UnixNanos(1_000_000_000_000);

fn batch(spans: &[Span]) -> SpanBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish().expect("tests send spans")
}

/// What a page does with a diff.
fn apply(held: &mut Vec<TraceItem>, diff: Vec<TraceItem>) {
    for item in diff {
        held.retain(|known| known.trace_id != item.trace_id);
        held.push(item);
    }
    held.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| b.trace_id.cmp(&a.trace_id)));
    held.truncate(NEWEST_TRACES);
}

fn numbered(trace: u16, number: u8, start: u64) -> Span {
    let mut span = span(1, number, None);
    let mut id = [9; 16];
    id[..2].copy_from_slice(&trace.to_be_bytes());
    span.trace_id = TraceId::new(id).expect("ends in nines");
    span.start = UnixNanos(start);
    span.end = UnixNanos(start + 10);
    span
}

#[test]
fn what_the_store_answered_is_gone_on_from_and_its_groups_are_not_counted_again() {
    let mut newest = Newest::default();
    newest.add(1, &batch(&[numbered(1, 1, 10), numbered(2, 1, 20)]), NOW);
    let mut held = newest.take_changes();
    // Groups 2 and 3 were missed; group 3 brought a second span of trace 1 and the trace 3.
    let mut whole = Newest::default();
    whole.add(3, &batch(&[numbered(1, 1, 10), numbered(1, 2, 5), numbered(2, 1, 20), numbered(3, 1, 30)]), NOW);
    let answer: Vec<TraceSummary> = whole.traces.values().cloned().collect();
    newest.replace(answer, 3);
    newest.add(3, &batch(&[numbered(3, 1, 30)]), NOW);
    newest.add(4, &batch(&[numbered(2, 2, 15)]), NOW);
    apply(&mut held, newest.take_changes());
    let outline: Vec<(u64, u64)> = held.iter().map(|item| (item.start, item.spans)).collect();
    assert_eq!(outline, [(30, 1), (15, 2), (5, 2)]);
    assert_eq!(newest.listed(), &held);
}

#[test]
fn a_broken_clock_does_not_own_the_list() {
    let mut newest = Newest::default();
    newest.add(1, &batch(&[numbered(1, 1, u64::MAX - 10), numbered(2, 1, NOW.0)]), NOW);
    assert_eq!(newest.take_changes().len(), 1);
}

#[test]
fn old_traces_make_room_and_the_newest_stay() {
    let mut newest = Newest::default();
    let spans: Vec<Span> = (0..3_000).map(|trace| numbered(trace, 1, u64::from(trace))).collect();
    newest.add(1, &batch(&spans), NOW);
    assert_eq!((newest.traces.len(), newest.by_start.len()), (TRACES_MAX, TRACES_MAX));
    let starts: Vec<u64> = newest.take_changes().iter().map(|item| item.start).collect();
    assert_eq!((starts.len(), starts[0], starts[49]), (NEWEST_TRACES, 2_999, 2_950));
}

proptest! {
    #[test]
    fn whoever_applies_every_diff_holds_the_list(
        spans in proptest::collection::vec((0u16..90, 1u8..6, 0u64..200), 1..300), per_batch in 1usize..40,
    ) {
        let (mut newest, mut held) = (Newest::default(), Vec::new());
        let spans: Vec<Span> = spans.into_iter().map(|(trace, number, start)| numbered(trace, number, start)).collect();
        for chunk in spans.chunks(per_batch) {
            newest.add(1, &batch(chunk), NOW);
            apply(&mut held, newest.take_changes());
            prop_assert_eq!(newest.listed(), &held);
        }
    }
}
