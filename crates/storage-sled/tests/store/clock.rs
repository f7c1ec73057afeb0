//! The clock of the machine jumps by a year, forward and back, while a store runs and between two runs: nothing is lost for it.

use std::sync::atomic::Ordering;

use model::{SpanDuration, TimeRange};
use storage::conformance::Bed;
use storage::conformance::bed::{search, write};
use storage::conformance::data::{DAY, timed};
use storage::{Lifecycle, TraceQuery};

use crate::bed::SledBed;

const DAY_NANOS: u64 = 86_400_000_000_000;
const YEAR: u64 = 365 * DAY_NANOS;

/// Each span makes a memtable full.
fn small() -> SledBed {
    SledBed::new(|settings| {
        settings.generation_spans_max = 1;
        settings.retention_age = Some(SpanDuration(30 * DAY_NANOS));
    })
}

fn set(bed: &SledBed, nanos: u64) {
    bed.clock.0.store(nanos, Ordering::SeqCst);
}

fn listed(bed: &SledBed) -> u64 {
    search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched
}

#[test]
fn a_jump_of_the_clock_begins_at_most_one_partition_and_keeps_no_journal() {
    for is_reopened in [false, true] {
        let mut bed = small();
        let mut next = 1..=255u8;
        for (jumps, now) in [DAY.0, DAY.0 + YEAR, DAY.0, DAY.0 - YEAR, DAY.0, u64::MAX, 0].into_iter().enumerate() {
            set(&bed, now);
            if is_reopened {
                bed.reopen();
            }
            for n in next.by_ref().take(2) {
                bed.block(n);
            }
            assert!(bed.partitions().len() <= jumps + 1, "{} partitions after {jumps} jumps", bed.partitions().len());
            assert_eq!(bed.sled().condition().refuses_writes, None);
            assert_eq!(listed(&bed), 2 * (jumps as u64 + 1));
        }
        set(&bed, DAY.0);
        // A minute later the builder lets go of them all but those that it still needs.
        bed.until(|bed| {
            bed.clock.0.fetch_add(61_000_000_000, Ordering::SeqCst);
            bed.segments().len() <= 3
        });
        assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new());
        bed.reopen();
        assert_eq!(listed(&bed), 14);
    }
}

#[test]
fn a_clock_that_jumps_forward_costs_one_partition_and_one_that_comes_back_costs_none() {
    let bed = small();
    for day in 0..4 {
        set(&bed, DAY.0 + day * DAY_NANOS);
        bed.block(day as u8 + 1);
    }
    let of_days = bed.partitions().len();
    for now in [DAY.0 - YEAR, DAY.0 + 4 * DAY_NANOS, 0] {
        set(&bed, now);
        bed.sled().retain();
        assert_eq!(bed.partitions().len(), of_days);
    }
    set(&bed, DAY.0 + YEAR);
    bed.sled().retain();
    assert_eq!(bed.partitions().len(), of_days - 1, "it looks again only after ten minutes");
    set(&bed, DAY.0 + 4 * DAY_NANOS);
    bed.sled().retain();
    assert_eq!(bed.partitions().len(), of_days - 1);
}

#[test]
fn a_partition_that_was_written_while_the_clock_was_ahead_goes_with_the_next_one() {
    let bed = small();
    set(&bed, DAY.0 + YEAR);
    bed.block(1);
    set(&bed, DAY.0);
    bed.block(2);
    set(&bed, DAY.0 + 31 * DAY_NANOS);
    write(bed.sled(), &[timed(4, 1, 0, 1)]);
    bed.block(5);
    bed.block(6);
    let before = bed.partitions().len();
    bed.sled().retain();
    bed.sled().retain();
    bed.sled().retain();
    assert_eq!((before, bed.partitions().len()), (3, 1), "what is new stays");
}
