//! Claims about traces by id.

use model::testing::span;
use model::{TimeRange, TraceId, UnixNanos};

use super::bed::{Bed, block_on, trace, write};
use super::data::{rich, timed};

pub fn an_unknown_trace_is_none_and_complete(bed: &mut dyn Bed) {
    let store = bed.store();
    let unknown = TraceId::new([42; 16]).expect("not zero");
    assert_eq!(trace(&*store, unknown, None), None, "in an empty store");
    write(&*store, &[rich()]);
    let answer = block_on(store.trace(unknown, None)).expect("answers");
    assert!(answer.completeness.complete);
    assert_eq!((answer.value, answer.completeness.matched), (None, 0));
}

pub fn a_trace_over_many_batches_is_whole(bed: &mut dyn Bed) {
    let store = bed.store();
    for n in 1..=200u8 {
        write(&*store, &[timed(1, n, 1_000 - u64::from(n), 3), timed(2, n, 0, 0)]);
    }
    let mut ids: Vec<u8> = trace(&*store, timed(1, 1, 0, 0).trace_id, None)
        .expect("written")
        .spans()
        .iter()
        .map(|span| span.span_id.bytes()[0])
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=200).collect::<Vec<_>>());
}

pub fn a_hint_never_hides_a_span(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut late = span(1, 2, None);
    late.start = UnixNanos(u64::MAX);
    write(&*store, &[span(1, 1, None), late]);
    let hint = TimeRange { from: UnixNanos(5), to: UnixNanos(6) };
    assert_eq!(trace(&*store, span(1, 1, None).trace_id, Some(hint)).map(|trace| trace.spans().len()), Some(2));
}
