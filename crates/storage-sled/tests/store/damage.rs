//! Damage is found, contained, told and kept: never a wrong answer, never a whole store that does not open.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bed::{SledBed, copy};
use model::TimeRange;
use storage::conformance::bed::{block_on, write};
use storage::conformance::data::timed;
use storage::{Lifecycle, TraceQuery, TraceReader};

/// A store with one journal per run and no block: groups 1 to 5 in the first, 6 to 10 in the second.
fn two_journals() -> SledBed {
    let mut bed = SledBed::new(|settings| settings.builds_blocks = false);
    for n in 1..=10u8 {
        write(bed.sled(), &[timed(n, 1, n.into(), 1)]);
        if n == 5 {
            bed.close();
            bed.open();
        }
    }
    bed.close();
    bed
}

/// Which of the traces 1 to 10 are found; every one that is found is whole and equal.
fn found(bed: &SledBed) -> Vec<u8> {
    let is_found = |n: &u8| {
        let expected = timed(*n, 1, (*n).into(), 1);
        let stored = block_on(bed.sled().trace(expected.trace_id, None)).expect("answers").value;
        if let Some(stored) = &stored {
            assert_eq!(stored.trace.spans(), [expected]);
        }
        stored.is_some()
    };
    (1..=10).filter(is_found).collect()
}

/// The answer of a search says that it is not the whole truth, and the condition says why.
fn assert_told(bed: &SledBed, word: &str) {
    let completeness =
        block_on(bed.sled().search(TraceQuery::newest(TimeRange::ALL, 0))).expect("answers").completeness;
    assert!(!completeness.complete, "{completeness:?}");
    assert!(completeness.reason.is_some());
    let told = bed.sled().condition().quarantined.join("; ");
    assert!(told.contains(word), "{told:?} does not say {word:?}");
}

fn quarantined(bed: &SledBed) -> Vec<String> {
    let entries = fs::read_dir(bed.directory.path().join("quarantine")).expect("exists");
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Files of sled's slabs that hold pages of ours, the largest slots last.
fn slabs(partition: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(partition.join("db/slabs")).expect("exists").flatten().map(|entry| entry.path());
    let mut paths: Vec<_> = entries.filter(|path| fs::metadata(path).is_ok_and(|data| data.len() > 0)).collect();
    paths.sort_by_key(|path| path.file_name().and_then(|name| name.to_str()?.parse::<u64>().ok()));
    paths
}

#[test]
fn a_flipped_bit_costs_the_pages_of_its_slot_and_nothing_else() {
    let whole = two_journals();
    let slab = slabs(&whole.segments()[0]).pop().expect("pages were written");
    let slot_bytes: usize = slab.file_name().and_then(|name| name.to_str()?.parse().ok()).expect("named by its slots");
    let slots = fs::metadata(&slab).expect("exists").len() as usize / slot_bytes;
    let below = slab.strip_prefix(whole.directory.path()).expect("below").to_owned();
    let mut hits = 0;
    for slot in 0..slots {
        let mut bed = SledBed::unopened(|settings| settings.builds_blocks = false);
        copy(whole.directory.path(), bed.directory.path());
        let slab = bed.directory.path().join(&below);
        let mut bytes = fs::read(&slab).expect("reads");
        bytes[slot * slot_bytes] ^= 1;
        fs::write(&slab, bytes).expect("writes");
        bed.open();
        let kept = found(&bed);
        // What stood in this slot was written anew elsewhere since.
        if kept.len() == 10 {
            continue;
        }
        hits += 1;
        assert!((6..=10).all(|n| kept.contains(&n)), "the other journal is whole: {kept:?}");
        assert!(kept.len() >= 7, "a slot holds at most three pages: {kept:?}");
        assert_told(&bed, "page");
        assert!(!quarantined(&bed).is_empty());
        assert_eq!(write(bed.sled(), &[timed(11, 1, 0, 0)]).sequence, 11, "the store goes on");
        bed.close();
    }
    assert!(hits > 0, "no slot of {slots} was in use");
}

#[test]
fn a_cut_metadata_log_is_noticed_by_the_next_journal() {
    let mut bed = SledBed::new(|settings| {
        settings.builds_blocks = false;
        settings.generation_spans_max = 2;
    });
    let used = |bed: &SledBed| bed.segments().iter().filter(|path| path.join("USED").exists()).count();
    write(bed.sled(), &[timed(1, 1, 1, 1)]);
    // The next segment is made by another thread. A span that is known already starts no group, however often it comes.
    while used(&bed) < 2 {
        write(bed.sled(), &[timed(2, 1, 2, 1)]);
    }
    write(bed.sled(), &[timed(3, 1, 3, 1)]);
    bed.close();
    let metadata = bed.segments()[0].join("db/metadata");
    let mut logs: Vec<_> = fs::read_dir(metadata).expect("exists").flatten().map(|entry| entry.path()).collect();
    logs.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("log_")));
    logs.sort_by_key(|path| fs::metadata(path).map_or(0, |data| data.len()));
    let log = logs.pop().expect("pages were flushed");
    let bytes = fs::read(&log).expect("reads");
    fs::write(&log, &bytes[..bytes.len() - 5]).expect("cuts");
    // Not even synced, so a power cut may have taken it.
    fs::remove_file(bed.segments()[0].join("MARK")).expect("removes");
    bed.open();
    assert_eq!(found(&bed), [1, 3], "sled drops the last epoch without a word");
    assert_told(&bed, "groups 2 to 2 are missing");
}

#[test]
fn a_lost_tail_of_the_newest_journal_is_noticed_by_its_mark() {
    let mut bed = two_journals();
    let newest = bed.segments().pop().expect("two of them");
    // What sled leaves when an opening is interrupted at the wrong moment, twice: an empty Db that opens without a word.
    fs::remove_dir_all(newest.join("db")).expect("removes");
    for _run in 0..2 {
        bed.open();
        assert_eq!(found(&bed), [1, 2, 3, 4, 5]);
        assert_told(&bed, "groups 6 to 10 were acknowledged and are missing");
        bed.close();
    }
    bed.open();
    assert_eq!(write(bed.sled(), &[timed(11, 1, 0, 0)]).sequence, 11, "no number is used twice");
}

#[test]
fn a_mark_that_is_behind_its_journal_says_nothing() {
    let mut bed = two_journals();
    let newest = bed.segments().pop().expect("two of them");
    for torn in [&b"TW"[..], b""] {
        fs::write(newest.join("MARK"), torn).expect("writes");
        bed.open();
        assert_eq!(found(&bed), (1..=10).collect::<Vec<u8>>());
        assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new());
        bed.close();
    }
}

#[test]
fn a_journal_that_does_not_open_is_set_aside_with_a_report_that_outlives_the_run() {
    let mut bed = two_journals();
    let metadata = bed.segments()[0].join("db/metadata");
    fs::remove_dir_all(&metadata).expect("removes");
    fs::write(&metadata, b"no directory").expect("writes");
    let label = bed.segments()[0].file_name().expect("a name").to_string_lossy().into_owned();
    for _run in 0..2 {
        bed.open();
        assert_eq!(found(&bed), [6, 7, 8, 9, 10]);
        assert_told(&bed, "was set aside");
        assert_eq!(quarantined(&bed), [format!("journal-{label}"), format!("journal-{label}.txt")]);
        bed.close();
    }
}

#[test]
fn a_damaged_manifest_is_written_again_where_the_db_proves_what_it_is() {
    let mut bed = SledBed::new(|_| {});
    for n in 1..=10u8 {
        write(bed.sled(), &[timed(n, 1, n.into(), 1)]);
        if n == 5 {
            bed.close();
            bed.open();
            bed.until(|bed| bed.sled().progress().1 == 0);
        }
    }
    bed.close();
    let journal = bed.segments().pop().expect("of the second run");
    for home in [journal, bed.partitions().remove(0), bed.directory.path().join("meta")] {
        fs::write(home.join("MANIFEST"), "engine sl\u{fffd}d-1.0").expect("writes");
    }
    bed.open();
    let completeness =
        block_on(bed.sled().search(TraceQuery::newest(TimeRange::ALL, 0))).expect("answers").completeness;
    assert!(completeness.complete && completeness.matched == 10, "{completeness:?}");
    assert_eq!(found(&bed), (1..=10).collect::<Vec<u8>>());
    let told = bed.sled().condition().quarantined;
    assert_eq!(told.iter().filter(|report| report.contains("manifest")).count(), 3, "{told:?}");
    bed.close();
    // The reports go, and nothing is left to report.
    fs::remove_dir_all(bed.directory.path().join("quarantine")).expect("removes");
    bed.open();
    assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new());
}

#[test]
fn a_lost_newest_journal_does_not_make_numbers_come_again() {
    let mut bed = two_journals();
    let newest = bed.segments().pop().expect("two of them");
    let foreign = "engine something-else/1\n";
    let sealed = format!("{foreign}crc32c {:08x}\n", crc32c::crc32c(foreign.as_bytes()));
    fs::write(newest.join("MANIFEST"), sealed).expect("writes");
    bed.open();
    assert_eq!(found(&bed), [1, 2, 3, 4, 5]);
    assert_told(&bed, "another engine");
    assert!(write(bed.sled(), &[timed(11, 1, 0, 0)]).sequence > 10);
}

#[test]
fn a_page_that_cannot_be_read_ends_the_writing_of_its_partition_and_nothing_else() {
    let mut bed = SledBed::new(|settings| settings.cache_bytes_max = 0);
    // Ten pages: most of them are columns, which nobody reads on open.
    let mut large = timed(1, 1, 1, 1);
    let mut state = 1u64;
    let letter = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + (state >> 33) as u8 % 95)
    };
    large.attributes.set("noise", (0..800_000).map(letter).collect::<String>());
    // The matcher of calls goes on from the spans of the last two generations: the large one is older.
    let small = [2, 4, 5].map(|n| timed(n, 1, n.into(), 1));
    for (number, span) in std::iter::once(large).chain(small).enumerate() {
        write(bed.sled(), &[span]);
        bed.close();
        bed.open();
        bed.until(|bed| bed.sled().progress() == (number + 1, 0));
    }
    // The journals go, and with them what would be read instead.
    bed.clock.0.fetch_add(61_000_000_000, std::sync::atomic::Ordering::SeqCst);
    bed.until(|bed| bed.segments().len() == 1);
    bed.close();
    let partition = bed.partitions().pop().expect("one");
    let slab = slabs(&partition).pop().expect("pages were written");
    let mut bytes = fs::read(&slab).expect("reads");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&slab, bytes).expect("writes");
    bed.settings.generation_spans_max = 1;
    bed.open();
    assert_eq!(bed.sled().condition().quarantined, Vec::<String>::new(), "nobody has read the page yet");
    for _again in 0..2 {
        let lost = block_on(bed.sled().trace(timed(1, 1, 1, 1).trace_id, None)).expect("answers");
        assert!(lost.value.is_none() && !lost.completeness.complete, "{:?}", lost.completeness);
    }
    assert_told(&bed, "block 1");
    // Its neighbours are still read, as soon as the builder lets go of what it wrote through.
    bed.until(|bed| found(bed) == [2, 4, 5]);
    bed.block(3);
    assert_eq!(bed.partitions().len(), 2, "the next block is in a new partition");
    assert_eq!(found(&bed), [2, 3, 4, 5]);
    bed.close();
    bed.open();
    assert_eq!(found(&bed), [2, 3, 4, 5]);
    assert_told(&bed, "block 1");
}
