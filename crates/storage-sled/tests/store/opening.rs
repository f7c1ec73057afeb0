//! Who may open a store, and what is left alone.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::bed::SledBed;
use model::testing::span;
use model::{BatchBuilder, SpanDuration, TimeRange};
use storage::conformance::bed::{block_on, search, trace, write};
use storage::conformance::data::{DAY, timed};
use storage::{Clock, Lifecycle, SpanWriter, StorageError, TraceQuery};
use storage_sled::{OpenError, SledStore};

fn try_open(bed: &SledBed) -> Result<SledStore, OpenError> {
    SledStore::open(bed.directory.path(), bed.settings.clone(), Arc::clone(&bed.clock) as Arc<dyn Clock>)
}

/// Every file below, with its content.
fn files(path: &Path) -> BTreeMap<std::path::PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(path).expect("a directory").flatten() {
        match entry.file_type().expect("a type").is_dir() {
            true => files.extend(self::files(&entry.path())),
            false => drop(files.insert(entry.path(), fs::read(entry.path()).expect("readable"))),
        }
    }
    files
}

#[test]
fn a_second_opener_is_refused_and_the_first_goes_on() {
    let bed = SledBed::new(|_| {});
    let refused = try_open(&bed).err().expect("the lock is held");
    assert!(matches!(refused, OpenError::Locked(_)), "{refused}");
    assert!(refused.to_string().contains("another process holds its lock"), "{refused}");
    assert_eq!(write(bed.sled(), &[span(1, 1, None)]).spans, 1);
}

#[test]
fn a_closed_store_can_be_opened_by_another() {
    let mut bed = SledBed::new(|_| {});
    let first = bed.store.take().expect("open");
    block_on(first.close()).expect("closes");
    assert!(try_open(&bed).is_ok(), "although the first one still exists");
}

#[test]
fn a_newer_store_is_refused_by_name_and_not_a_byte_changes() {
    let mut bed = SledBed::new(|_| {});
    write(bed.sled(), &[span(1, 1, None)]);
    bed.close();
    fs::write(bed.directory.path().join("FORMAT"), "tracewell store 3\n").expect("writes");
    let before = files(bed.directory.path());
    let refused = try_open(&bed).err().expect("newer");
    assert!(matches!(refused, OpenError::Newer { found: 3, known: 2, .. }), "{refused}");
    assert!(files(bed.directory.path()) == before, "files changed");
}

#[test]
fn a_directory_of_something_else_is_refused() {
    let mut bed = SledBed::new(|_| {});
    bed.close();
    fs::write(bed.directory.path().join("FORMAT"), "PG 15\n").expect("writes");
    assert!(matches!(try_open(&bed).err(), Some(OpenError::Foreign(_))));
}

#[test]
fn a_store_from_before_the_first_release_is_refused_by_name() {
    let mut bed = SledBed::new(|_| {});
    bed.close();
    fs::write(bed.directory.path().join("FORMAT"), "tracewell store 1\n").expect("writes");
    assert!(matches!(try_open(&bed).err(), Some(OpenError::Older { found: 1, known: 2, .. })));
}

#[test]
fn directories_that_never_acknowledged_anything_are_removed() {
    let mut bed = SledBed::new(|settings| settings.builds_blocks = false);
    write(bed.sled(), &[span(1, 1, None)]);
    bed.close();
    for (name, mark) in
        [("journal/00000900-0000", None), ("journal/00000901-0000", Some("READY")), ("part/20260101-0900", None)]
    {
        let path = bed.directory.path().join(name);
        fs::create_dir(&path).expect("makes");
        if let Some(mark) = mark {
            fs::write(path.join(mark), "").expect("writes");
        }
    }
    bed.open();
    assert_eq!(bed.segments().len(), 2, "the old one and a new one");
    assert_eq!(bed.partitions(), Vec::<std::path::PathBuf>::new());
    assert_eq!(bed.sled().condition().spans, 1);
    assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new());
}

#[test]
fn runs_without_a_span_leave_no_segment_behind() {
    let mut bed = SledBed::new(|settings| settings.builds_blocks = false);
    bed.close();
    assert_eq!(bed.segments(), Vec::<std::path::PathBuf>::new());
    bed.open();
    write(bed.sled(), &[span(1, 1, None)]);
    for _run in 0..3 {
        bed.close();
        assert_eq!(bed.segments().len(), 1);
        bed.open();
    }
    assert_eq!(write(bed.sled(), &[span(2, 1, None)]).sequence, 2);
}

#[test]
fn what_a_run_left_in_its_journal_is_in_a_block_after_the_next_and_stored_once() {
    let mut bed = SledBed::new(|_| {});
    write(bed.sled(), &[timed(1, 1, 0, 1), timed(2, 1, 0, 1)]);
    bed.close();
    bed.open();
    while bed.sled().progress() != (1, 0) {
        std::thread::yield_now();
    }
    for _run in 0..2 {
        assert_eq!(search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched, 2);
        assert_eq!(bed.sled().condition().spans, 2);
        bed.close();
        bed.open();
    }
    // A journal is kept for a minute after its spans went into a block.
    bed.clock.0.store(DAY.0 + 61_000_000_000, Ordering::SeqCst);
    while bed.segments().len() > 1 {
        std::thread::yield_now();
    }
    bed.close();
    assert_eq!(bed.segments(), Vec::<std::path::PathBuf>::new(), "nothing is in a journal any more");
}

#[test]
fn journals_that_are_kept_for_repeats_do_not_add_up_over_short_runs() {
    let mut bed = SledBed::new(|settings| settings.generation_spans_max = 1);
    for n in 1..=12u8 {
        bed.block(n);
        // The clock stands: by age no journal is due.
        bed.close();
        bed.open();
    }
    bed.close();
    // Of the run that was closed, and what the last one found.
    assert!(bed.segments().len() <= 10, "{:?}", bed.segments());
    bed.open();
    assert_eq!(search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched, 12);
    assert_eq!(bed.sled().condition().spans, 12);
}

#[test]
fn one_day_is_one_partition_however_often_the_store_is_opened() {
    let mut bed = SledBed::new(|settings| settings.generation_spans_max = 1);
    for n in 1..=4u8 {
        bed.block(n);
        bed.close();
        bed.open();
        assert_eq!(bed.partitions().len(), 1);
    }
    assert_eq!(search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched, 4);
}

#[test]
fn a_low_disk_refuses_writes_answers_questions_and_recovers_alone() {
    let bed = SledBed::new(|_| {});
    write(bed.sled(), &[span(1, 1, None)]);
    // Two of a hundred GiB are kept free.
    bed.disk.0.store((2 << 30) - 1, Ordering::SeqCst);
    let mut builder = BatchBuilder::new();
    builder.push(&span(2, 1, None));
    let batch = Arc::new(builder.finish().expect("one span"));
    let refused = block_on(bed.sled().write(Arc::clone(&batch)));
    assert!(
        matches!(&refused, Err(StorageError::Unavailable(reason)) if reason.contains("disk is low")),
        "{refused:?}"
    );
    assert!(bed.sled().condition().refuses_writes.is_some());
    assert!(trace(bed.sled(), span(1, 1, None).trace_id, None).is_some());
    bed.disk.0.store(2 << 30, Ordering::SeqCst);
    assert_eq!(block_on(bed.sled().write(batch)).expect("accepted again").spans, 1);
}

#[test]
fn a_new_day_begins_a_new_partition_and_all_stay_readable() {
    let mut bed = SledBed::new(|settings| {
        settings.partitions_open_max = 1;
        settings.generation_spans_max = 1;
        settings.cache_bytes_max = 0;
    });
    for day in 0..4u8 {
        bed.clock.0.store(DAY.0 + u64::from(day) * 86_400_000_000_000, Ordering::SeqCst);
        bed.block(day + 1);
    }
    assert_eq!(bed.partitions().len(), 4);
    bed.close();
    bed.open();
    for n in 1..=4 {
        assert!(trace(bed.sled(), timed(n, 1, 0, 0).trace_id, None).is_some(), "trace {n}");
    }
    assert_eq!(search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched, 4);
}

#[test]
fn retention_by_age_drops_whole_partitions_and_never_the_newest() {
    let bed = SledBed::new(|settings| {
        settings.retention_age = Some(SpanDuration::from_secs(86_400));
        settings.generation_spans_max = 1;
    });
    let after = |hours: u64| bed.clock.0.store(DAY.0 + hours * 3_600_000_000_000, Ordering::SeqCst);
    bed.block(1);
    after(24);
    bed.block(2);
    after(240);
    bed.block(3);
    let is_kept = |n: u8| trace(bed.sled(), timed(n, 1, 0, 0).trace_id, None).is_some();
    bed.sled().retain();
    assert_eq!([1, 2, 3].map(is_kept), [false, true, true], "one at a time: a clock that jumped must not cost all");
    bed.sled().retain();
    assert_eq!([2, 3].map(is_kept), [false, true]);
    after(2_400);
    bed.sled().retain();
    assert!(is_kept(3), "it is the newest");
    let matched = search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 100)).completeness.matched;
    assert_eq!((bed.sled().condition().spans, matched), (1, 1), "counts agree after the drop");
    assert_eq!(bed.partitions().len(), 1);
}

#[test]
fn retention_by_bytes_keeps_the_newest() {
    let mut bed = SledBed::new(|settings| {
        settings.generation_spans_max = 1;
        settings.partition_bytes_max = 1;
    });
    for n in 1..4u8 {
        bed.block(n);
    }
    bed.close();
    bed.settings.retention_bytes = Some(1);
    bed.open();
    bed.sled().retain();
    let is_kept = |n: u8| trace(bed.sled(), timed(n, 1, 0, 0).trace_id, None).is_some();
    assert_eq!([1, 2, 3].map(is_kept), [false, false, true]);
    assert_eq!(search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched, 1);
}

#[test]
fn what_retention_dropped_does_not_come_back_from_a_journal_that_was_kept() {
    let mut bed = SledBed::new(|settings| {
        settings.generation_spans_max = 1;
        settings.partition_bytes_max = 1;
        settings.retention_bytes = Some(1);
    });
    for n in 1..4u8 {
        bed.block(n);
    }
    // The clock stands: no journal was let go because of its age.
    assert!(bed.segments().len() > 3, "journals are kept");
    bed.sled().retain();
    bed.close();
    bed.open();
    let is_kept = |n: u8| trace(bed.sled(), timed(n, 1, 0, 0).trace_id, None).is_some();
    assert_eq!([1, 2, 3].map(is_kept), [false, false, true]);
    assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new());
}
