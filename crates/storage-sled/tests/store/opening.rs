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
    fs::write(bed.directory.path().join("FORMAT"), "tracewell store 2\n").expect("writes");
    let before = files(bed.directory.path());
    let refused = try_open(&bed).err().expect("newer");
    assert!(matches!(refused, OpenError::Newer { found: 2, known: 1, .. }), "{refused}");
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
fn partitions_that_never_acknowledged_anything_are_removed() {
    let mut bed = SledBed::new(|_| {});
    write(bed.sled(), &[span(1, 1, None)]);
    bed.close();
    let part = bed.directory.path().join("part");
    for (name, mark) in [("20260101-0900", None), ("20260101-0901", Some("READY"))] {
        fs::create_dir(part.join(name)).expect("makes");
        if let Some(mark) = mark {
            fs::write(part.join(name).join(mark), "").expect("writes");
        }
    }
    bed.open();
    assert_eq!(bed.partitions().len(), 2, "the old one and a new one");
    assert_eq!(bed.sled().condition().spans, 1);
    assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new());
}

#[test]
fn runs_without_a_span_leave_no_partition_behind() {
    let mut bed = SledBed::new(|_| {});
    bed.close();
    assert_eq!(bed.partitions(), Vec::<std::path::PathBuf>::new());
    bed.open();
    write(bed.sled(), &[span(1, 1, None)]);
    for _run in 0..3 {
        bed.close();
        assert_eq!(bed.partitions().len(), 1);
        bed.open();
    }
    assert_eq!(write(bed.sled(), &[span(2, 1, None)]).sequence, 2);
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
    let mut bed = SledBed::new(|settings| settings.partitions_open_max = 1);
    write(bed.sled(), &[timed(1, 1, 0, 1)]);
    let mut last = 1;
    for day in 1..4u64 {
        bed.clock.0.store(DAY.0 + day * 86_400_000_000_000, Ordering::SeqCst);
        last = bed.roll(last + 1);
    }
    bed.close();
    bed.open();
    for n in 1..=last {
        assert!(trace(bed.sled(), timed(n, 1, 0, 0).trace_id, None).is_some(), "trace {n}");
    }
    assert_eq!(search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched, last.into());
}

#[test]
fn retention_by_age_drops_whole_partitions_and_never_the_one_in_use() {
    let bed = SledBed::new(|settings| settings.retention_age = Some(SpanDuration::from_secs(86_400)));
    let after = |hours: u64| bed.clock.0.store(DAY.0 + hours * 3_600_000_000_000, Ordering::SeqCst);
    write(bed.sled(), &[timed(1, 1, 0, 1), timed(99, 1, 0, 1)]);
    after(25);
    let second = bed.roll(2);
    after(250);
    let third = bed.roll(second + 1);
    let is_kept = |n: u8| trace(bed.sled(), timed(n, 1, 0, 0).trace_id, None).is_some();
    bed.sled().retain();
    assert_eq!([99, 1, second, third].map(is_kept), [false, false, true, true], "the second one has young groups too");
    after(275);
    bed.sled().retain();
    assert_eq!([second, third].map(is_kept), [false, true]);
    after(2_500);
    bed.sled().retain();
    assert!(is_kept(third), "it is in use");
    let matched = search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 100)).completeness.matched;
    assert_eq!(bed.sled().condition().spans, matched, "counts agree after the drop");
    let used = bed.partitions().iter().filter(|path| path.join("USED").exists()).count();
    assert_eq!(used, 1);
}

#[test]
fn retention_by_bytes_keeps_the_newest() {
    let mut bed = SledBed::new(|_| {});
    for n in 1..4u8 {
        write(bed.sled(), &[timed(n, 1, n.into(), 1)]);
        bed.close();
        bed.settings.retention_bytes = (n == 3).then_some(1);
        bed.open();
    }
    write(bed.sled(), &[timed(9, 1, 9, 1)]);
    bed.sled().retain();
    assert_eq!(search(bed.sled(), TraceQuery::newest(TimeRange::ALL, 0)).completeness.matched, 1);
    assert!(trace(bed.sled(), timed(9, 1, 0, 0).trace_id, None).is_some());
}
