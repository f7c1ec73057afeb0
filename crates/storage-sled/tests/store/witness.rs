//! What vanishes without a word is missed: partitions that are gone, Dbs that open empty, the witness itself.

use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use crate::bed::SledBed;
use model::{SpanDuration, TimeRange};
use storage::conformance::bed::{block_on, write};
use storage::conformance::data::{DAY, timed};
use storage::{Lifecycle, TraceQuery, TraceReader};

const SECOND: u64 = 1_000_000_000;

/// One span makes a block, one day a partition.
fn bed() -> SledBed {
    SledBed::new(|settings| settings.generation_spans_max = 1)
}

fn set_clock(bed: &SledBed, days: u64, seconds: u64) {
    bed.clock.0.store(DAY.0 + (days * 86_400 + seconds) * SECOND, Ordering::SeqCst);
}

/// A closed store with traces 1 to `days` in partitions of their own. Journals of blocks are gone.
fn partitions(days: u8) -> SledBed {
    let mut bed = bed();
    for day in 1..=days {
        set_clock(&bed, u64::from(day), 0);
        bed.block(day);
    }
    set_clock(&bed, u64::from(days), 61);
    // The one that takes groups stays.
    while bed.segments().len() > 1 {
        std::thread::yield_now();
    }
    bed.close();
    bed
}

fn found(bed: &SledBed) -> Vec<u8> {
    let is_found = |n: &u8| {
        let id = timed(*n, 1, 0, 0).trace_id;
        block_on(bed.sled().trace(id, None)).expect("answers").value.is_some()
    };
    (1..=9).filter(is_found).collect()
}

/// Whether answers are called whole, and what people are told.
fn told(bed: &SledBed) -> (bool, String) {
    let answer = block_on(bed.sled().search(TraceQuery::newest(TimeRange::ALL, 0))).expect("answers");
    (answer.completeness.complete, bed.sled().condition().quarantined.join("; "))
}

fn assert_missed(bed: &SledBed, words: &str) {
    let (complete, told) = told(bed);
    assert!(!complete && told.contains(words), "{told:?} does not say {words:?}");
}

fn assert_whole(bed: &SledBed) {
    assert_eq!(told(bed), (true, String::new()));
}

/// What sled leaves of a Db whose opening was interrupted at the wrong moment and that was opened twice since: nothing, which
/// opens without a word.
fn empty(home: &Path) {
    fs::remove_dir_all(home.join("db")).expect("removes");
}

fn forget_reports(bed: &SledBed) {
    for entry in fs::read_dir(bed.directory.path().join("quarantine")).expect("exists").flatten() {
        if entry.path().is_file() {
            fs::remove_file(entry.path()).expect("removes");
        }
    }
}

#[test]
fn a_partition_that_is_gone_is_missed_until_somebody_has_read_it() {
    let mut bed = partitions(3);
    fs::remove_dir_all(&bed.partitions()[0]).expect("removes");
    for _run in 0..2 {
        bed.open();
        assert_eq!(found(&bed), [2, 3]);
        assert_missed(&bed, "partition 1 with 1 blocks is missing");
        bed.close();
    }
    forget_reports(&bed);
    bed.open();
    assert_whole(&bed);
}

#[test]
fn the_newest_partition_is_missed_too_and_no_number_is_used_twice() {
    let mut bed = partitions(2);
    bed.open();
    let before = bed.sled().condition().watermark;
    bed.close();
    let newest = bed.partitions().pop().expect("two of them");
    fs::remove_dir_all(&newest).expect("removes");
    bed.open();
    assert_eq!(found(&bed), [1]);
    assert_missed(&bed, "partition 2 with 1 blocks is missing");
    assert!(write(bed.sled(), &[timed(8, 1, 0, 0)]).sequence > before);
    bed.block(9);
    let made = bed.partitions().pop().expect("made");
    assert!(made.to_string_lossy().ends_with("-0003"), "{made:?}");
}

#[test]
fn a_partition_that_opens_empty_is_missed_and_gets_no_more_blocks() {
    let mut bed = partitions(2);
    empty(&bed.partitions()[1]);
    for _run in 0..2 {
        bed.open();
        assert_eq!(found(&bed), [1]);
        assert_missed(&bed, "blocks 1 were committed and are missing");
        bed.close();
    }
    bed.open();
    bed.block(7);
    assert_eq!(bed.partitions().len(), 3, "what is left of the damage is not written over");
    assert_eq!(found(&bed), [1, 7]);
}

#[test]
fn blocks_that_are_gone_come_again_from_their_journal_and_nothing_is_missing() {
    let mut bed = bed();
    bed.block(1);
    bed.block(2);
    // The clock stands: journals are kept.
    bed.close();
    empty(&bed.partitions()[0]);
    for _run in 0..2 {
        bed.open();
        while bed.sled().progress().1 > 0 {
            std::thread::yield_now();
        }
        assert_eq!(found(&bed), [1, 2]);
        let (complete, told) = told(&bed);
        assert!(complete && told.contains("nothing else is"), "{told:?}");
        assert_eq!(bed.sled().condition().spans, 2, "each once");
        bed.close();
    }
}

#[test]
fn what_retention_dropped_is_not_missed() {
    let mut bed = partitions(3);
    bed.settings.retention_age = Some(SpanDuration::from_secs(86_400));
    set_clock(&bed, 9, 0);
    bed.open();
    bed.sled().retain();
    for _run in 0..2 {
        assert_eq!(found(&bed), [2, 3]);
        assert_whole(&bed);
        bed.close();
        bed.open();
    }
}

#[test]
fn a_partition_that_the_witness_does_not_know_is_taken_in() {
    // A kill between the record of a block and its witness leaves this, and one between the witness of a drop and the drop.
    let mut bed = bed();
    bed.block(1);
    bed.close();
    let (meta, older) = (bed.directory.path().join("meta"), bed.directory.path().join("older"));
    copy(&meta, &older);
    bed.open();
    bed.block(2);
    set_clock(&bed, 1, 0);
    bed.block(3);
    bed.close();
    fs::remove_dir_all(&meta).expect("removes");
    fs::rename(&older, &meta).expect("moves");
    bed.open();
    assert_eq!(found(&bed), [1, 2, 3]);
    assert_whole(&bed);
    set_clock(&bed, 1, 61);
    while bed.segments().len() > 1 {
        std::thread::yield_now();
    }
    bed.close();
    empty(&bed.partitions()[0]);
    bed.open();
    assert_missed(&bed, "blocks 1, 2 were committed and are missing");
}

#[test]
fn a_witness_that_is_damaged_or_empty_is_told_and_made_anew() {
    let damage = |meta: &Path| {
        let metadata = meta.join("db/metadata");
        fs::remove_dir_all(&metadata).expect("removes");
        fs::write(&metadata, b"no directory").expect("writes");
    };
    type Harm<'a> = &'a dyn Fn(&Path);
    let cases: [(Harm<'_>, &str); 2] = [(&damage, "was set aside"), (&empty, "as if it had been emptied")];
    let mut bed = partitions(2);
    for (harm, words) in cases {
        harm(&bed.directory.path().join("meta"));
        bed.open();
        assert_eq!(found(&bed), [1, 2]);
        assert_missed(&bed, words);
        bed.close();
        forget_reports(&bed);
        bed.open();
        assert_whole(&bed);
        bed.close();
    }
    fs::remove_dir_all(&bed.partitions()[0]).expect("removes");
    bed.open();
    assert_missed(&bed, "partition 1 with 1 blocks is missing");
}

#[test]
fn a_store_from_before_the_witness_gets_one() {
    let mut bed = partitions(2);
    fs::remove_dir_all(bed.directory.path().join("meta")).expect("removes");
    bed.open();
    assert_whole(&bed);
    bed.close();
    fs::remove_dir_all(&bed.partitions()[0]).expect("removes");
    bed.open();
    assert_missed(&bed, "partition 1 with 1 blocks is missing");
}

#[test]
fn an_opening_interrupted_at_the_wrong_moment_costs_nothing() {
    let mut bed = partitions(2);
    bed.open();
    write(bed.sled(), &[timed(7, 1, 0, 0)]);
    bed.close();
    // The one opening makes a block of it, the other folds logs into snapshots.
    for _run in 0..2 {
        bed.open();
        while bed.sled().progress().1 > 0 {
            std::thread::yield_now();
        }
        bed.close();
    }
    let expected = [1, 2, 7];
    let mut homes = [bed.partitions(), bed.segments()].concat();
    homes.push(bed.directory.path().join("meta"));
    let interrupted = homes.iter().filter(|home| interrupt(home)).count();
    assert!(interrupted >= 3, "two partitions and the meta were open");
    // Without the repair the first opening finds everything, the second nothing.
    for _run in 0..3 {
        bed.open();
        assert_eq!(found(&bed), expected);
        assert_whole(&bed);
        bed.close();
    }
}

/// The state between two steps of sled's `open`: the snapshot is in its place, the old logs are gone, the new one is not there.
fn interrupt(home: &Path) -> bool {
    let files = |prefix: &str| {
        let entries = fs::read_dir(home.join("db/metadata")).expect("exists").flatten();
        let is_wanted = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().starts_with(prefix);
        entries.filter(is_wanted).map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let logs = files("log_");
    // A log with something in it is newer than the snapshot: no opening can have been interrupted there.
    let is_folded =
        !files("snapshot_").is_empty() && logs.iter().all(|log| fs::metadata(log).expect("exists").len() == 0);
    if is_folded {
        logs.iter().for_each(|log| fs::remove_file(log).expect("removes"));
    }
    is_folded
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("makes");
    for entry in fs::read_dir(from).expect("exists").flatten() {
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy(&entry.path(), &target),
            false => assert!(fs::copy(entry.path(), target).is_ok()),
        }
    }
}
