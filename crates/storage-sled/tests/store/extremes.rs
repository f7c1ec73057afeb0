//! Traces beyond all measure: as deep as they have spans, as wide, and going round in circles. Nothing recurses, nothing is refused.

use crate::bed::SledBed;
use model::testing::span;
use model::{Span, SpanId, TimeRange, TraceTree, UnixNanos};
use storage::conformance::bed::{block_on, search, trace, write};
use storage::conformance::data::DAY;
use storage::{TraceQuery, TraceReader};

/// Spans of each trace; a million for whoever has the time.
const VARIABLE: &str = "TRACEWELL_EXTREME_SPANS";
const SPANS: u32 = 20_000;

/// Circles of so many spans.
const CIRCLE: u32 = 1_000;

fn id(number: u32) -> SpanId {
    SpanId::new(u64::from(number + 1).to_be_bytes()).expect("numbered from 1")
}

fn numbered(trace: u8, number: u32, parent: Option<u32>) -> Span {
    let mut span = span(trace, 1, parent.map(id));
    span.span_id = id(number);
    span.name = ["take", "give", "wait"][number as usize % 3].to_owned();
    span.start = UnixNanos(DAY.0 + u64::from(number));
    span.end = UnixNanos(span.start.0 + 5);
    span
}

/// A chain, a fan, and circles: the parent of each span in the traces 1, 2 and 3.
fn parents(number: u32) -> [Option<u32>; 3] {
    let in_circle = number / CIRCLE * CIRCLE + (number + 1) % CIRCLE;
    [number.checked_sub(1), (number > 0).then_some(0), Some(in_circle)]
}

#[test]
fn traces_of_any_size_and_shape_are_stored_searched_and_read() {
    let count = std::env::var(VARIABLE).ok().and_then(|count| count.parse().ok()).unwrap_or(SPANS);
    let mut bed = SledBed::new(|settings| settings.generation_spans_max = (count as usize * 3 / 5).min(524_288));
    for first in (0..count).step_by(2_000) {
        let numbers = first..(first + 2_000).min(count);
        let of_number = |number: u32| {
            let parents = parents(number).into_iter();
            (1u8..).zip(parents).map(move |(trace, parent)| numbered(trace, number, parent)).collect::<Vec<_>>()
        };
        let spans: Vec<Span> = numbers.flat_map(of_number).collect();
        loop {
            let batch = {
                let mut builder = model::BatchBuilder::new();
                spans.iter().for_each(|span| builder.push(span));
                std::sync::Arc::new(builder.finish().expect("spans"))
            };
            // Blocks may be slower than this test: refused is not lost.
            match block_on(storage::SpanWriter::write(bed.sled(), batch)) {
                Ok(_) => break,
                Err(storage::StorageError::Overloaded(_)) => std::thread::yield_now(),
                Err(error) => panic!("{error}"),
            }
        }
    }
    for _run in 0..2 {
        let listed = search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 10));
        assert_eq!(listed.completeness.matched, 3);
        assert!(listed.value.traces.iter().all(|summary| summary.spans == u64::from(count)));
        for of in 1..=3u8 {
            let answer = block_on(bed.sled().skeleton(numbered(of, 0, None).trace_id)).expect("answers");
            assert!(answer.completeness.complete);
            let skeleton = answer.value.expect("stored");
            let mut seen: Vec<_> =
                skeleton.spans().iter().map(|span| (span.span_id, span.parent_span_id, span.start)).collect();
            seen.sort_unstable();
            let expected = (0..count).map(|number| {
                let parent = parents(number)[usize::from(of) - 1];
                (id(number), parent.map(id), UnixNanos(DAY.0 + u64::from(number)))
            });
            assert!(seen.into_iter().eq(expected), "trace {of} has each span once");
        }
        bed.close();
        bed.open();
    }
    let _written = write(bed.sled(), &[numbered(4, 0, None)]);
    let chain = trace(bed.sled(), numbered(1, 0, None).trace_id, None).expect("stored");
    assert_eq!(TraceTree::build(chain.spans()).depth(), count - 1, "a chain is as deep as it is long");
    let circles = trace(bed.sled(), numbered(3, 0, None).trace_id, None).expect("stored");
    assert_eq!(TraceTree::build(circles.spans()).rows().len(), count as usize);
}
