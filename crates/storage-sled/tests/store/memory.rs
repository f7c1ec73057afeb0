//! Memory stays inside its bounds: old memtables become blocks, and what does not fit is refused until it does.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::BatchBuilder;
use storage::conformance::bed::{block_on, write};
use storage::conformance::data::timed;
use storage::{Committed, SpanWriter, StorageError};
use storage_sled::{DiskSpace, FreeSpace, ProcessMemory, SledStore};

use crate::bed::SledBed;

/// Far longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

struct TestMemory(AtomicU64);

impl ProcessMemory for TestMemory {
    fn resident_bytes(&self) -> io::Result<u64> {
        Ok(self.0.load(Ordering::SeqCst))
    }
}

/// A disk that has room for the journal, and for blocks when the test says so.
struct JournalDisk {
    takes_blocks: AtomicBool,
}

impl DiskSpace for JournalDisk {
    fn space(&self, _path: &Path) -> io::Result<FreeSpace> {
        let is_builder = std::thread::current().name() == Some("store-build");
        let free = if is_builder && !self.takes_blocks.load(Ordering::SeqCst) { 0 } else { 50 << 30 };
        Ok(FreeSpace { free, total: 100 << 30 })
    }
}

fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "never: {what}");
        std::thread::yield_now();
    }
}

fn try_write(store: &SledStore, trace: u8) -> Result<Committed, StorageError> {
    let mut builder = BatchBuilder::new();
    builder.push(&timed(trace, 1, 0, 1));
    block_on(store.write(Arc::new(builder.finish().expect("one span"))))
}

#[test]
fn an_old_memtable_becomes_a_block_although_nobody_writes() {
    let bed = SledBed::new(|settings| {
        settings.generation_age_max = Duration::from_millis(1);
        settings.generation_age_spans_min = 2;
    });
    write(bed.sled(), &[timed(1, 1, 0, 1)]);
    write(bed.sled(), &[timed(1, 2, 0, 1)]);
    until("a block of both spans", || bed.sled().progress().1 == 0);
    assert_eq!(bed.sled().progress().0, 1, "one span alone was not worth a block");
    write(bed.sled(), &[timed(2, 1, 0, 1), timed(2, 2, 0, 1)]);
    until("a second block", || bed.sled().progress() == (2, 0));
}

#[test]
fn a_few_spans_become_a_block_when_they_are_very_old() {
    let bed = SledBed::new(|settings| settings.generation_age_few_max = Duration::from_millis(1));
    write(bed.sled(), &[timed(1, 1, 0, 1)]);
    until("a block of one span", || bed.sled().progress() == (1, 0));
}

#[test]
fn full_memory_refuses_spans_while_a_block_is_built_and_no_longer() {
    let memory = Arc::new(TestMemory(AtomicU64::new(0)));
    let disk = Arc::new(JournalDisk { takes_blocks: AtomicBool::new(false) });
    let bed = SledBed::new(|settings| {
        settings.memory = Arc::clone(&memory) as Arc<dyn ProcessMemory>;
        settings.disk = Arc::clone(&disk) as Arc<dyn DiskSpace>;
        settings.resident_bytes_max = Some(100);
        settings.generation_age_few_max = Duration::from_millis(1);
    });
    let is_overloaded = || matches!(bed.sled().refusal(), Some(StorageError::Overloaded(_)));
    memory.0.store(101, Ordering::SeqCst);
    try_write(bed.sled(), 1).expect("nothing is being built yet, so refusing would make no room");
    until("refusing while the builder has work", is_overloaded);
    let refused = try_write(bed.sled(), 2).expect_err("memory is full");
    assert!(refused.to_string().contains("the process has 101 bytes in memory, 100 are planned"), "{refused}");
    memory.0.store(100, Ordering::SeqCst);
    until("taking spans again, now that memory came back", || try_write(bed.sled(), 3).is_ok());
    memory.0.store(101, Ordering::SeqCst);
    until("refusing again", is_overloaded);
    disk.takes_blocks.store(true, Ordering::SeqCst);
    until("taking spans although memory is full, because nothing would make room", || try_write(bed.sled(), 4).is_ok());
}
