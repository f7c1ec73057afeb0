//! Whole stores whose partitions are damaged value by value, where sled itself notices nothing: what is served, and what is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use model::{Span, TimeRange, UnixNanos};
use storage::conformance::bed::{block_on, write};
use storage::conformance::data::{DAY, timed};
use storage::{Clock, Lifecycle, TraceQuery, TraceReader};
use tempfile::TempDir;

use crate::catalog::Record;
use crate::keys::{page_of_block, record_copy};
use crate::sled_db::{Kind, PageDb, open_when_free};
use crate::{Settings, SledStore};

struct TestClock(AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> UnixNanos {
        UnixNanos(self.0.load(Ordering::SeqCst))
    }
}

/// Traces 1 to 3 are in blocks 1 to 3 of one partition; the bed is closed.
struct Bed {
    directory: TempDir,
    settings: Settings,
    clock: Arc<TestClock>,
}

/// A value of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Record(u32),
    Twin(u32),
    Page(u32, u32),
}

/// What is found of traces 1 to 3, whether answers are complete, and all that is told.
#[derive(Debug, PartialEq)]
struct Seen {
    traces: Vec<u8>,
    is_complete: bool,
    told: String,
}

/// Three pages long, and no text of it can be packed.
fn sample(n: u8) -> Span {
    let mut span = timed(n, 1, n.into(), 1);
    let mut state = u64::from(n);
    let mut letter = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b' ' + (state >> 33) as u8 % 95)
    };
    span.attributes.set("noise", (0..170_000).map(|_| letter()).collect::<String>());
    span
}

impl Bed {
    /// A copy of a store that was made once: with the journals of all blocks, or a minute later.
    fn new(with_journals: bool, cache_bytes_max: usize) -> Bed {
        static MADE: [OnceLock<Bed>; 2] = [OnceLock::new(), OnceLock::new()];
        let made = MADE[usize::from(with_journals)].get_or_init(|| Bed::make(with_journals));
        let bed = Bed::empty(cache_bytes_max, made.clock.0.load(Ordering::SeqCst));
        copy(made.directory.path(), bed.directory.path());
        bed
    }

    fn empty(cache_bytes_max: usize, now: u64) -> Bed {
        let settings =
            Settings { disk_free_min: Some(0), generation_spans_max: 1, cache_bytes_max, ..Settings::default() };
        let directory = tempfile::tempdir().expect("a directory");
        Bed { directory, settings, clock: Arc::new(TestClock(AtomicU64::new(now))) }
    }

    fn make(with_journals: bool) -> Bed {
        let bed = Bed::empty(0, DAY.0);
        for n in 1..=3 {
            // What one run leaves in its journal becomes the first block of the next.
            let store = bed.open();
            write(&store, &[sample(n)]);
            bed.close(store);
            bed.close(bed.open_and_build(n.into()));
        }
        if !with_journals {
            // A journal is kept for a minute after a run has found its spans in a block.
            let store = bed.open_and_build(3);
            bed.clock.0.store(DAY.0 + 61_000_000_000, Ordering::SeqCst);
            until(|| bed.homes("journal").len() == 1);
            bed.close(store);
        }
        bed
    }

    fn open(&self) -> SledStore {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        SledStore::open(self.directory.path(), self.settings.clone(), clock).expect("the store opens")
    }

    /// Open, with all spans in so many blocks.
    fn open_and_build(&self, blocks: usize) -> SledStore {
        let store = self.open();
        until(|| store.progress() == (blocks, 0));
        store
    }

    fn close(&self, store: SledStore) {
        block_on(store.close()).expect("closes");
    }

    fn homes(&self, of: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.directory.path().join(of)).expect("exists").flatten();
        let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }

    /// Opens, builds, looks, closes, and does it once more: what was decided must not change by itself.
    fn seen(&self, blocks: usize) -> Seen {
        let [first, again] = [(); 2].map(|()| {
            let store = self.open_and_build(blocks);
            let seen = look(&store);
            self.close(store);
            seen
        });
        assert_eq!((&first.traces, first.is_complete), (&again.traces, again.is_complete), "{first:?} {again:?}");
        first
    }

    /// Changes values of the only partition; `None` takes one out.
    fn damage(&self, change: impl FnMut(Key, Vec<u8>) -> Option<Vec<u8>>) {
        let partition = self.homes("part").pop().expect("one partition");
        rewrite(&partition.join("db"), change);
    }
}

/// Other threads bring it about. A claim that never comes true fails instead of waiting for ever.
fn until(is_so: impl Fn() -> bool) {
    const TRIES_MAX: usize = 5_000_000;
    assert!(
        (0..TRIES_MAX).any(|_| is_so() || {
            std::thread::yield_now();
            false
        }),
        "it never came about"
    );
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => {
                fs::create_dir(&target).expect("makes");
                copy(&entry.path(), &target);
            }
            false => drop(fs::copy(entry.path(), target).expect("copies")),
        }
    }
}

/// Every value of the Db goes through `change` into a new one, which takes its place.
fn rewrite(db: &Path, mut change: impl FnMut(Key, Vec<u8>) -> Option<Vec<u8>>) {
    let new = db.with_extension("new");
    {
        let (from, to) = (open_when_free(db, Kind::Partition).expect("opens"), PageDb::open(&new, Kind::Partition));
        let to = to.expect("opens");
        let last = from.record_last().expect("reads").expect("blocks") as u32;
        for block in 1..=last {
            let mut page = 0;
            while let Some(bytes) = from.get(page_of_block(block, page)).expect("reads") {
                if let Some(bytes) = change(Key::Page(block, page), bytes) {
                    to.put(page_of_block(block, page), &bytes).expect("puts");
                }
                page += 1;
            }
            let copy = from.get(record_copy(block)).expect("reads").expect("a copy");
            if let Some(bytes) = change(Key::Twin(block), copy) {
                to.put(record_copy(block), &bytes).expect("puts");
            }
            let record = from.record(block).expect("reads").expect("a record");
            if let Some(bytes) = change(Key::Record(block), record) {
                to.put_record(block, &bytes).expect("puts");
            }
        }
        to.flush().expect("flushes");
    }
    fs::remove_dir_all(db).expect("removes");
    fs::rename(new, db).expect("renames");
}

/// Whatever is found is whole and equal.
fn look(store: &SledStore) -> Seen {
    let mut is_complete = true;
    let mut traces = Vec::new();
    for n in 1..=3 {
        let expected = sample(n);
        let answer = block_on(store.trace(expected.trace_id, None)).expect("answers");
        is_complete &= answer.completeness.complete;
        if let Some(stored) = answer.value {
            assert_eq!(stored.trace.spans(), [expected]);
            traces.push(n);
        }
    }
    let answer = block_on(store.search(TraceQuery::newest(TimeRange::ALL, 0))).expect("answers").completeness;
    assert_eq!(answer.complete, is_complete);
    assert!(answer.matched >= traces.len() as u64 && answer.matched <= 3, "{answer:?}");
    Seen { traces, is_complete, told: store.condition().quarantined.join("; ") }
}

fn flipped(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    Some(bytes)
}

/// What may happen to one value.
type Fault = (&'static str, fn(Vec<u8>) -> Option<Vec<u8>>);

const FLIPPED: Fault = ("flipped", flipped);
const ZEROED: Fault = ("zeroed", |bytes| Some(vec![0; bytes.len()]));
const MISSING: Fault = ("missing", |_bytes| None);
const CUT: Fault = ("cut", |mut bytes| {
    bytes.pop();
    Some(bytes)
});

/// Page 0 has the directory, page 1 columns only, page 2 the annex.
const DAMAGED_PAGES: [(u32, Fault); 6] = [(0, FLIPPED), (0, MISSING), (1, ZEROED), (1, CUT), (2, CUT), (2, MISSING)];

#[test]
fn a_damaged_block_is_built_again_from_its_journal_and_nothing_is_missing() {
    for (page, (fault, damage)) in DAMAGED_PAGES {
        let bed = Bed::new(true, 0);
        bed.damage(|key, bytes| if key == Key::Page(2, page) { damage(bytes) } else { Some(bytes) });
        let seen = bed.seen(3);
        assert_eq!((seen.traces.as_slice(), seen.is_complete), ([1, 2, 3].as_slice(), true), "{fault}: {seen:?}");
        assert!(seen.told.contains("block 2") && seen.told.contains("nothing is missing"), "{fault}: {seen:?}");
        assert_eq!(bed.homes("part").len(), 2, "the damaged partition gets no more blocks");
    }
}

#[test]
fn without_a_journal_a_damaged_block_is_missing_and_the_others_serve_on() {
    for (case, (page, (fault, damage))) in DAMAGED_PAGES.into_iter().enumerate() {
        let bed = Bed::new(false, if case % 2 == 0 { 0 } else { 256 << 20 });
        bed.damage(|key, bytes| if key == Key::Page(2, page) { damage(bytes) } else { Some(bytes) });
        // Damage in its directory is seen on open, damage in its columns by the question that needs them.
        for _run in 0..2 {
            let store = bed.open();
            let seen = look(&store);
            assert_eq!((seen.traces.as_slice(), seen.is_complete), ([1, 3].as_slice(), false), "{fault}: {seen:?}");
            assert!(seen.told.contains("block 2"), "{fault}: {seen:?}");
            bed.close(store);
        }
    }
}

#[test]
fn a_damaged_record_is_replaced_by_its_copy() {
    for (fault, damage) in [FLIPPED, CUT, ZEROED] {
        let bed = Bed::new(false, 0);
        bed.damage(|key, bytes| if key == Key::Record(2) { damage(bytes) } else { Some(bytes) });
        let seen = bed.seen(3);
        assert_eq!((seen.traces.as_slice(), seen.is_complete), ([1, 2, 3].as_slice(), true), "{fault}: {seen:?}");
        assert!(seen.told.contains("record of block 2"), "{fault}: {seen:?}");
    }
}

#[test]
fn a_record_that_is_damaged_with_its_copy_costs_its_block_and_does_not_keep_its_journal_from_being_replayed() {
    for with_journals in [false, true] {
        let bed = Bed::new(with_journals, 0);
        bed.damage(
            |key, bytes| if matches!(key, Key::Record(2) | Key::Twin(2)) { flipped(bytes) } else { Some(bytes) },
        );
        let expected: &[u8] = if with_journals { &[1, 2, 3] } else { &[1, 3] };
        let seen = bed.seen(expected.len());
        assert_eq!((seen.traces.as_slice(), seen.is_complete), (expected, false), "{seen:?}");
        assert!(seen.told.contains("block 2: its record and the copy of it are damaged"), "{seen:?}");
    }
}

#[test]
fn a_block_is_never_read_by_the_record_of_another() {
    for with_journals in [false, true] {
        let bed = Bed::new(with_journals, 0);
        let mut records = Vec::new();
        bed.damage(|key, bytes| {
            records.extend((key == Key::Record(1)).then(|| bytes.clone()));
            Some(bytes)
        });
        bed.damage(|key, bytes| match key {
            Key::Record(2) => {
                let of_other = Record::decode(&records[0]).expect("own bytes");
                let mut own = Record::decode(&bytes).expect("own bytes");
                own.seal = of_other.seal;
                Some(own.encode())
            }
            _ => Some(bytes),
        });
        let expected: &[u8] = if with_journals { &[1, 2, 3] } else { &[1, 3] };
        let seen = bed.seen(expected.len());
        assert_eq!((seen.traces.as_slice(), seen.is_complete), (expected, with_journals), "{seen:?}");
        assert!(seen.told.contains("not the block of its record"), "{seen:?}");
    }
}

/// The record of block 2, as one of two that were committed together.
fn as_half(bytes: &[u8]) -> Vec<u8> {
    Record { parts: 2, ..Record::decode(bytes).expect("own bytes") }.encode()
}

#[test]
fn a_commit_without_all_its_parts_counts_only_when_there_is_no_journal() {
    for with_journals in [false, true] {
        let bed = Bed::new(with_journals, 0);
        bed.damage(|key, bytes| if key == Key::Record(2) { Some(as_half(&bytes)) } else { Some(bytes) });
        let seen = bed.seen(3);
        assert_eq!((seen.traces.as_slice(), seen.is_complete), ([1, 2, 3].as_slice(), with_journals), "{seen:?}");
        assert_eq!(seen.told.contains("1 blocks committed with it are missing"), !with_journals, "{seen:?}");
    }
}

#[test]
fn a_broken_commit_is_served_after_all_when_its_journal_cannot_be_read() {
    let bed = Bed::new(true, 0);
    bed.damage(|key, bytes| if key == Key::Record(2) { Some(as_half(&bytes)) } else { Some(bytes) });
    let foreign = "engine something-else/1\n";
    let sealed = format!("{foreign}crc32c {:08x}\n", crc32c::crc32c(foreign.as_bytes()));
    fs::write(bed.homes("journal")[1].join("MANIFEST"), sealed).expect("writes");
    let seen = bed.seen(3);
    assert_eq!((seen.traces.as_slice(), seen.is_complete), ([1, 2, 3].as_slice(), false), "{seen:?}");
}
