//! As many names as there are spans: all are found, and what knowing them quickly takes is bounded, and freed.

use std::sync::Arc;

use model::{BatchBuilder, Span, SpanId, TimeRange, TraceId, UnixNanos};
use storage::conformance::bed::{block_on, names, search, write};
use storage::conformance::data::{DAY, of_service, timed};
use storage::{Names, NamesQuery, SpanWriter, StorageError, TraceQuery};

use crate::bed::SledBed;

const SPANS: u32 = 200_000;
const BATCH: u32 = 5_000;
const LISTED: u32 = 100;
const BYTES_MAX: usize = 1 << 20;

fn name(number: u32) -> String {
    format!("GET /order/{number:06}")
}

/// A trace of one span, in one of some services.
fn named(number: u32) -> Span {
    let mut span = of_service(timed(1, 1, number.into(), 5), ["shop", "cart", "bank"][number as usize % 3]);
    span.trace_id = TraceId::new(u128::from(number + 1).to_be_bytes()).expect("not zero");
    span.span_id = SpanId::new(u64::from(number + 1).to_be_bytes()).expect("not zero");
    span.name = name(number);
    span
}

fn write_all(bed: &SledBed) {
    for first in (0..SPANS).step_by(BATCH as usize) {
        let mut builder = BatchBuilder::new();
        (first..first + BATCH).for_each(|number| builder.push(&named(number)));
        let batch = Arc::new(builder.finish().expect("spans"));
        // Blocks may be slower than this test: refused is not lost.
        while let Err(error) = block_on(bed.sled().write(Arc::clone(&batch))) {
            assert!(matches!(error, StorageError::Overloaded(_)), "{error}");
            std::thread::yield_now();
        }
        let bytes = bed.sled().names_bytes();
        assert!(0 < bytes && bytes <= BYTES_MAX, "{bytes} bytes");
    }
}

fn assert_all_found(bed: &SledBed) {
    let listed = search(bed.sled(), TraceQuery::newest(TimeRange::ALL, LISTED as usize));
    assert_eq!(listed.completeness.matched, u64::from(SPANS));
    let found = listed.value.traces.iter().map(|summary| (summary.root_name.clone(), summary.start));
    let newest = (SPANS - LISTED..SPANS).rev();
    assert!(found.eq(newest.map(|number| (name(number), UnixNanos(DAY.0 + u64::from(number))))));
    let with_name = |number: u32, service: &str| {
        let (name, service) = (Some(name(number)), Some(service.to_owned()));
        search(bed.sled(), TraceQuery { name, service, ..TraceQuery::newest(TimeRange::ALL, 10) })
    };
    // The first ones are known by numbers, most are not.
    for number in (0..SPANS).step_by(19_999).chain([1, SPANS - 1]) {
        let span = named(number);
        let found = with_name(number, span.service());
        assert_eq!(found.value.traces.iter().map(|summary| summary.trace_id).collect::<Vec<_>>(), [span.trace_id]);
        assert_eq!(with_name(number, "nobody").completeness.matched, 0);
    }
    assert_eq!(with_name(SPANS, "shop").completeness.matched, 0);
}

#[test]
fn names_beyond_the_bound_are_found_and_numbers_go_with_their_memtable() {
    let mut bed = SledBed::new(|settings| {
        settings.generation_spans_max = SPANS as usize * 2 / 5;
        settings.interner_bytes_max = BYTES_MAX;
    });
    write_all(&bed);
    assert_all_found(&bed);
    // What is replayed becomes blocks, full or not.
    bed.close();
    bed.open();
    bed.until(|bed| bed.sled().progress().1 == 0);
    assert_eq!(bed.sled().names_bytes(), 0, "nothing is in memory");
    assert_all_found(&bed);
    write(bed.sled(), &[named(SPANS)]);
    assert!((1..1_000).contains(&bed.sled().names_bytes()));
}

#[test]
fn counts_of_names_beyond_their_bound_are_told_together() {
    let bed = SledBed::new(|settings| settings.interner_bytes_max = BYTES_MAX);
    write_all(&bed);
    let Names::Operations(operations) = names(bed.sled(), NamesQuery::Operations { service: None, kind: None }) else {
        panic!("asked for operations");
    };
    assert!(operations.len() < 10_000, "{} operations", operations.len());
    assert_eq!(operations.iter().map(|operation| operation.spans).sum::<u64>(), u64::from(SPANS));
    assert!(operations.iter().any(|operation| operation.name == model::red::NAME_OTHER && operation.spans > 1_000));
}
