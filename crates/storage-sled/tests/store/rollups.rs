//! What only this engine promises of its counts: they follow spans into blocks, through restarts, and out of the store.

use std::sync::atomic::Ordering;

use model::{Span, SpanDuration, SpanId, SpanKind, TimeRange, UnixNanos};
use storage::conformance::Bed;
use storage::conformance::bed::{edges, names, red, write};
use storage::conformance::data::{DAY, of_service, timed};
use storage::{EdgesQuery, Names, NamesQuery, RedQuery};

use crate::bed::SledBed;

const DAY_NANOS: u64 = 86_400_000_000_000;

/// Each span makes a memtable full, and no cell stays in a cache.
fn small() -> SledBed {
    SledBed::new(|settings| {
        settings.generation_spans_max = 1;
        settings.cells_bytes_max = 0;
    })
}

fn half(trace: u8, id: u8, parent: u8, service: &str, kind: SpanKind) -> Span {
    let mut span = of_service(timed(trace, id, 0, 7), service);
    span.parent_span_id = SpanId::new([parent; 8]);
    span.kind = kind;
    span
}

/// `web > cart 1/1` for each edge: durations seen by clients and by servers.
fn drawn(bed: &SledBed, provisional: bool) -> Vec<String> {
    let found = edges(bed.sled(), EdgesQuery { range: TimeRange::ALL, step: None, node: None, provisional });
    let lines = found.iter().flat_map(|series| series.points.iter().map(move |point| (&series.key, &point.cell)));
    let line = |(key, cell): (&model::EdgeKey, &model::EdgeCell)| {
        format!("{} > {} {}/{}", key.client.name, key.server.name, cell.client.count(), cell.server.count())
    };
    lines.map(line).collect()
}

fn calls(bed: &SledBed, range: TimeRange) -> u64 {
    let query = RedQuery { range, step: None, service: None, by_name: false, entry_only: false };
    let by_service = red(bed.sled(), query.clone());
    let by_name = red(bed.sled(), RedQuery { by_name: true, ..query });
    let sum = |series: &[storage::RedSeries]| -> u64 {
        series.iter().flat_map(|series| &series.points).map(|point| point.cell.calls).sum()
    };
    assert_eq!(sum(&by_service), sum(&by_name));
    sum(&by_service)
}

#[test]
fn a_half_in_a_block_meets_the_other_after_reopening() {
    let mut bed = small();
    write(bed.sled(), &[half(1, 1, 9, "web", SpanKind::Client)]);
    bed.block(50);
    bed.reopen();
    assert_eq!(drawn(&bed, false), [""; 0]);
    write(bed.sled(), &[half(1, 2, 1, "cart", SpanKind::Server)]);
    assert_eq!(drawn(&bed, false), ["web > cart 1/1"]);
    bed.block(51);
    bed.block(52);
    bed.reopen();
    assert_eq!(drawn(&bed, false), ["web > cart 1/1"]);
}

#[test]
fn a_parent_in_a_block_is_found_after_reopening() {
    let mut bed = small();
    // Work inside the web leads to a cart that recorded its server half only: the way up goes through a block.
    write(bed.sled(), &[half(1, 1, 0, "web", SpanKind::Server)]);
    bed.block(50);
    bed.reopen();
    write(bed.sled(), &[half(1, 2, 1, "cart", SpanKind::Server)]);
    assert_eq!(drawn(&bed, false), ["web > cart 0/1", "user > web 0/1"]);
}

#[test]
fn a_half_that_waited_for_two_more_generations_counts_alone() {
    let bed = small();
    write(bed.sled(), &[half(1, 1, 9, "web", SpanKind::Client)]);
    for other in 50..56 {
        bed.block(other);
    }
    assert_eq!(drawn(&bed, false), ["web > unknown 1/0"]);
    write(bed.sled(), &[half(1, 2, 1, "cart", SpanKind::Server)]);
    assert_eq!(drawn(&bed, true), ["web > unknown 1/0", "unknown > cart 0/1"]);
}

#[test]
fn counts_go_with_their_partition() {
    let mut bed = SledBed::new(|settings| {
        settings.generation_spans_max = 1;
        settings.retention_age = Some(SpanDuration::from_secs(86_400));
    });
    write(bed.sled(), &[half(1, 1, 0, "old", SpanKind::Server)]);
    bed.block(50);
    bed.clock.0.store(DAY.0 + 9 * DAY_NANOS, Ordering::SeqCst);
    bed.block(51);
    bed.block(52);
    let all = bed.sled().progress();
    assert!(all.0 >= 3 && drawn(&bed, false) == ["user > old 0/1"] && calls(&bed, TimeRange::ALL) == 4, "{all:?}");
    bed.sled().retain();
    for _twice in 0..2 {
        assert_eq!(drawn(&bed, false), [""; 0]);
        let spans = storage::Lifecycle::condition(bed.sled()).spans;
        assert_eq!(calls(&bed, TimeRange::ALL), spans);
        let Names::Services(services) = names(bed.sled(), NamesQuery::Services) else { panic!("asked for services") };
        assert_eq!(
            services.iter().map(|service| (&*service.service, service.spans)).collect::<Vec<_>>(),
            [("shop", spans)]
        );
        bed.reopen();
    }
}

#[test]
fn a_span_that_comes_hours_late_counts_in_its_own_minute() {
    let mut bed = small();
    bed.block(50);
    write(bed.sled(), &[timed(1, 1, 5 * 3_600_000_000_000, 7)]);
    bed.block(51);
    write(bed.sled(), &[timed(2, 1, 0, 7)]);
    bed.block(52);
    let early = TimeRange { from: DAY, to: UnixNanos(DAY.0 + 1) };
    let late = TimeRange { from: UnixNanos(DAY.0 + 1_000_000_000_000), to: UnixNanos(u64::MAX) };
    for _twice in 0..2 {
        assert_eq!((calls(&bed, early), calls(&bed, late)), (4, 1));
        bed.reopen();
    }
}

#[test]
fn hours_that_are_over_lie_together_and_count_the_same() {
    let mut bed = small();
    let hour = 3_600_000_000_000;
    for n in 0..4u8 {
        write(bed.sled(), &[half(1 + n, 1, 0, "web", SpanKind::Server), timed(20 + n, 1, hour + u64::from(n), 7)]);
        bed.block(50 + n);
    }
    assert_eq!((bed.sled().hours(), drawn(&bed, false)), (0, vec!["user > web 0/4".to_owned()]));
    bed.clock.0.store(DAY.0 + 3 * hour, Ordering::SeqCst);
    // Each of these is late for the first hour.
    let mut late = 60..250;
    while bed.sled().hours() < 2 {
        bed.block(late.next().expect("the builder makes a run between two blocks"));
    }
    for _twice in 0..2 {
        let spans = storage::Lifecycle::condition(bed.sled()).spans;
        let end_of_first = UnixNanos(DAY.0 + hour);
        assert_eq!(calls(&bed, TimeRange { from: end_of_first, to: UnixNanos(DAY.0 + 2 * hour) }), 4);
        assert_eq!(calls(&bed, TimeRange { from: DAY, to: end_of_first }), spans - 4);
        assert_eq!(calls(&bed, TimeRange { from: UnixNanos(DAY.0 + 120_000_000_000), to: end_of_first }), 0);
        assert_eq!((calls(&bed, TimeRange::ALL), drawn(&bed, false)), (spans, vec!["user > web 0/4".to_owned()]));
        bed.reopen();
        assert_eq!(bed.sled().hours(), 2);
    }
}
