//! What comes again is known, however late: while it is in memory, after it went into a block, and after a restart.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use crate::bed::SledBed;
use model::{BatchBuilder, Span, SpanBatch, TimeRange, UnixNanos, Value, Warning};
use storage::batch::NESTING_MAX;
use storage::conformance::bed::{block_on, search, trace, write};
use storage::conformance::data::{rich, timed};
use storage::{Lifecycle, SpanWriter, TraceQuery};

/// A store in which the spans 1 to 10 of trace 1, and [`rich`], are in blocks and in no journal, opened anew.
fn settled(known_blocks_max: usize) -> SledBed {
    let mut bed = SledBed::new(|settings| {
        settings.generation_spans_max = 4;
        settings.known_blocks_max = known_blocks_max;
    });
    for n in 1..=10u8 {
        write(bed.sled(), &[timed(1, n, n.into(), 1)]);
    }
    write(bed.sled(), &[rich()]);
    // What is replayed becomes blocks, full or not.
    bed.close();
    bed.open();
    while bed.sled().progress().1 > 0 {
        std::thread::yield_now();
    }
    while bed.segments().len() > 1 {
        // A journal goes a minute after its block was built, which may be later than the spans are seen in the block.
        bed.clock.0.fetch_add(61_000_000_000, Ordering::SeqCst);
        std::thread::yield_now();
    }
    bed.close();
    assert!(bed.segments().is_empty(), "no journal tells what is known");
    bed.open();
    bed
}

#[test]
fn a_span_that_comes_again_after_a_restart_is_known_by_its_block() {
    let bed = settled(64);
    let before = bed.sled().condition().spans;
    let again: Vec<Span> = (1..=10u8).map(|n| timed(1, n, n.into(), 1)).chain([rich()]).collect();
    let committed = write(bed.sled(), &again);
    assert_eq!((committed.spans, committed.deduplicated), (0, 11));
    let mut other = timed(1, 3, 3, 1);
    other.attributes.set("other", true);
    let committed = write(bed.sled(), &[timed(1, 2, 2, 1), other, timed(1, 11, 11, 1)]);
    assert_eq!((committed.spans, committed.deduplicated), (2, 1), "other content, and another span, are new");
    assert_eq!(bed.sled().condition().spans, before + 2);
    assert_eq!(trace(bed.sled(), timed(1, 1, 0, 0).trace_id, None).map(|trace| trace.spans().len()), Some(13));
}

#[test]
fn only_the_newest_blocks_are_asked() {
    let bed = settled(0);
    let committed = write(bed.sled(), &[timed(1, 1, 1, 1)]);
    assert_eq!((committed.spans, committed.deduplicated), (1, 0));
}

#[test]
fn a_report_whose_end_is_in_a_block_tells_nothing_new_and_one_that_is_in_a_block_gives_way() {
    let report = |id: u8| {
        let mut span = timed(1, id, id.into(), 1);
        span.end = UnixNanos(0);
        span.warnings.add(Warning::EndMissing);
        span
    };
    // Where blocks are not asked the report is stored; readers still know better.
    for (known_blocks_max, stored) in [(64, 0), (0, 1)] {
        let mut bed = settled(known_blocks_max);
        assert_eq!(write(bed.sled(), &[report(2)]).spans, stored);
        assert_eq!(write(bed.sled(), &[report(12)]).spans, 1);
        for _run in 0..2 {
            let read = trace(bed.sled(), timed(1, 1, 0, 0).trace_id, None).expect("stored");
            let pending: Vec<u8> =
                read.spans().iter().filter(|span| span.is_pending()).map(|span| span.span_id.bytes()[0]).collect();
            assert_eq!(pending, [12], "{known_blocks_max} blocks are asked");
            let listed = search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 10)).value.traces;
            let summary = listed.iter().find(|summary| summary.trace_id == read.id).expect("listed");
            assert_eq!(summary, &read.summary());
            bed.close();
            bed.open();
        }
    }
}

#[test]
fn a_batch_that_cannot_be_stored_does_not_make_its_spans_known_to_the_one_behind_it() {
    let bed = SledBed::new(|settings| settings.group_wait = Duration::from_secs(60));
    let batch_of = |spans: &[Span]| -> Arc<SpanBatch> {
        let mut builder = BatchBuilder::new();
        spans.iter().for_each(|span| builder.push(span));
        Arc::new(builder.finish().expect("not empty"))
    };
    let (good, mut deep) = (timed(1, 1, 1, 1), timed(1, 2, 2, 1));
    deep.attributes.set("deep", (0..=NESTING_MAX).fold(Value::Empty, |inner, _| Value::Array(vec![inner])));
    // Both are waited for, so both are in one group.
    let mut first = pin!(bed.sled().write(batch_of(&[good.clone(), deep])));
    let mut second = pin!(bed.sled().write(batch_of(std::slice::from_ref(&good))));
    let (mut refused, mut stored) = (None, None);
    block_on(std::future::poll_fn(|context| {
        for (future, answer) in [(&mut first, &mut refused), (&mut second, &mut stored)] {
            if answer.is_none()
                && let Poll::Ready(ready) = future.as_mut().poll(context)
            {
                *answer = Some(ready);
            }
        }
        if refused.is_some() && stored.is_some() { Poll::Ready(()) } else { Poll::Pending }
    }));
    assert!(refused.is_some_and(|answer| answer.is_err()), "no batch holds a value so deep");
    assert_eq!(stored.and_then(Result::ok).map(|committed| committed.spans), Some(1));
    assert_eq!(trace(bed.sled(), good.trace_id, None).map(|trace| trace.spans().len()), Some(1));
}
