//! Claims about accepting spans.

use std::sync::Arc;

use model::testing::span;
use model::{BatchBuilder, Span, TimeRange, UnixNanos, Value};

use super::bed::{Bed, block_on, names, search, trace, write};
use super::data::{DAY, of_service, rich, timed};
use crate::{NamesQuery, StorageError, Store, TraceQuery};

pub fn a_written_span_comes_back_as_it_was(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[rich()]);
    let read = trace(&*store, rich().trace_id, None).expect("it was written");
    assert_eq!(read.spans(), [rich()]);
    // A comparison says that zeros are equal; the sign must come back too.
    assert_eq!(format!("{:?}", read.spans()[0]), format!("{:?}", rich()));
}

pub fn groups_rise_and_are_visible_at_once(bed: &mut dyn Bed) {
    let store = bed.store();
    assert_eq!(store.condition().watermark, 0, "an empty store has no group");
    for n in 1..=5u8 {
        let before = store.condition().watermark;
        let committed = write(&*store, &[timed(n, 1, 0, 10), timed(n, 2, 20, 5)]);
        assert_eq!(committed.sequence, before + 1, "rises by one");
        assert_eq!((committed.spans, committed.deduplicated), (2, 0));
        assert_eq!(committed.range, TimeRange { from: DAY, to: UnixNanos(DAY.0 + 26) });
        let answer = search(&*store, TraceQuery::newest(TimeRange::ALL, 10));
        assert_eq!(answer.completeness.matched, u64::from(n));
        assert_eq!(answer.completeness.watermark, committed.sequence);
        let stored = block_on(store.trace(timed(n, 1, 0, 0).trace_id, None)).expect("answers").value;
        assert_eq!(stored.map(|stored| stored.sequence), Some(committed.sequence));
    }
    assert_eq!(store.condition().spans, 10);
}

pub fn an_identical_span_is_stored_once_and_counted(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut odd = timed(2, 1, 0, 0);
    odd.attributes.set("nan", f64::NAN);
    let first = write(&*store, &[timed(1, 1, 0, 9), timed(1, 1, 0, 9), odd.clone()]);
    assert_eq!((first.spans, first.deduplicated), (2, 1), "inside one batch");
    let again = write(&*store, &[timed(1, 1, 0, 9), timed(1, 2, 0, 9)]);
    assert_eq!((again.spans, again.deduplicated), (1, 1), "beside a new span");
    let known = write(&*store, &[timed(1, 2, 0, 9), odd.clone()]);
    assert_eq!((known.spans, known.deduplicated), (0, 2), "a batch of known spans, not-a-number included");
    assert!(known.sequence <= store.condition().watermark);
    assert_eq!(trace(&*store, odd.trace_id, None).map(|trace| trace.spans().len()), Some(1));
    assert_eq!(trace(&*store, timed(1, 1, 0, 0).trace_id, None).map(|trace| trace.spans().len()), Some(2));
    assert_eq!(store.condition().spans, 3);
}

pub fn spans_that_share_an_id_with_other_content_are_both_kept(bed: &mut dyn Bed) {
    let store = bed.store();
    let first = timed(1, 1, 0, 9);
    let changes: [fn(&mut Span); 6] = [
        |span| span.name.push('!'),
        |span| span.end = span.end.after(model::SpanDuration(1)),
        |span| span.attributes.set("x", 1),
        |span| span.resource = model::testing::resource("other"),
        |span| span.status.message.push('!'),
        |span| span.attributes.set("x", Value::Bytes(vec![1])),
    ];
    write(&*store, std::slice::from_ref(&first));
    for (place, change) in changes.iter().enumerate() {
        let mut other = first.clone();
        change(&mut other);
        assert_eq!(write(&*store, &[other]).spans, 1, "change {place} makes another span");
    }
    assert_eq!(trace(&*store, first.trace_id, None).map(|trace| trace.spans().len()), Some(7));
}

pub fn any_time_is_accepted(bed: &mut dyn Bed) {
    let store = bed.store();
    let at = |id: u8, start: u64, end: u64| {
        let mut span = span(1, id, None);
        (span.start, span.end) = (UnixNanos(start), UnixNanos(end));
        span
    };
    let spans = [
        at(1, 0, 0),
        at(2, u64::MAX, u64::MAX),
        at(3, u64::MAX, 0),
        at(4, 5, 1),
        at(5, 0, u64::MAX),
        at(6, u64::MAX - 1, 7),
    ];
    assert_eq!(write(&*store, &spans).spans, 6);
    let mut read = trace(&*store, spans[0].trace_id, None).expect("written").into_spans();
    read.sort_by_key(|span| span.span_id);
    assert_eq!(read, spans);
    let answer = search(&*store, TraceQuery::newest(TimeRange::ALL, 1));
    assert_eq!(answer.value.traces[0].duration().0, u64::MAX);
}

pub fn huge_values_come_back(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut huge = span(1, 1, None);
    // Neither repeats nor compresses, so that it really crosses every page size.
    let mut state = 1u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    })
    .take(3 << 20)
    .collect();
    huge.attributes.set("bytes", Value::Bytes(noise));
    huge.attributes.set("text", "x".repeat(1 << 20));
    write(&*store, std::slice::from_ref(&huge));
    write(&*store, &[span(2, 1, None)]);
    assert_eq!(trace(&*store, huge.trace_id, None).expect("written").spans(), std::slice::from_ref(&huge));
    if bed.reopen() {
        assert_eq!(trace(&*bed.store(), huge.trace_id, None).expect("kept").spans(), [huge]);
    }
}

pub fn two_hundred_writers_at_once_all_commit(bed: &mut dyn Bed) {
    let store = bed.store();
    let write = |n: u8| {
        let mut builder = BatchBuilder::new();
        builder.push(&timed(n, 1, 0, 1));
        store.write(Arc::new(builder.finish().expect("one span")))
    };
    let mut waiting: Vec<_> = (1..=200).map(write).collect();
    let mut sequences = Vec::new();
    block_on(std::future::poll_fn(|context| {
        waiting.retain_mut(|write| match write.as_mut().poll(context) {
            std::task::Poll::Ready(committed) => {
                sequences.push(committed.expect("accepted").sequence);
                false
            }
            std::task::Poll::Pending => true,
        });
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    }));
    assert_eq!(sequences.len(), 200);
    assert_eq!(sequences.iter().max(), Some(&store.condition().watermark));
    assert_eq!(search(&*store, TraceQuery::newest(TimeRange::ALL, 1)).completeness.matched, 200);
}

pub fn a_closed_store_refuses_writes_and_closing_twice_is_nothing(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[span(1, 1, None)]);
    assert_eq!(store.condition().refuses_writes, None);
    block_on(store.close()).expect("closes");
    block_on(store.close()).expect("closes again");
    let mut builder = BatchBuilder::new();
    builder.push(&span(1, 2, None));
    let refused = block_on(store.write(Arc::new(builder.finish().expect("one span"))));
    assert!(matches!(refused, Err(StorageError::Unavailable(_))), "{refused:?}");
    assert!(store.condition().refuses_writes.is_some());
}

pub fn everything_is_equal_after_reopening(bed: &mut dyn Bed) {
    let store = bed.store();
    for n in 1..20u8 {
        write(&*store, &[of_service(timed(n, 1, n.into(), 5), "shop"), timed(n, 2, 9, 1), rich()]);
    }
    let before = answers(&*store);
    drop(store);
    if bed.reopen() {
        let store = bed.store();
        assert_eq!(answers(&*store), before);
        let again = write(&*store, &[rich(), timed(1, 2, 9, 1)]);
        assert_eq!((again.spans, again.deduplicated), (0, 2), "duplicates are known after reopening");
        assert_eq!(write(&*store, &[timed(99, 1, 0, 0)]).sequence, before.0 + 1, "numbers go on");
    }
}

/// A bit of everything, to compare.
fn answers(store: &dyn Store) -> (u64, u64, String) {
    let condition = store.condition();
    let list = search(store, TraceQuery::newest(TimeRange::ALL, 100));
    let services = names(store, NamesQuery::Services);
    // In no promised order: it may change when spans move.
    let mut read: Vec<String> = trace(store, rich().trace_id, None)
        .map(|read| read.into_spans().iter().map(|span| format!("{span:?}")).collect())
        .unwrap_or_default();
    read.sort_unstable();
    (condition.watermark, condition.spans, format!("{list:?} {services:?} {read:?}"))
}
