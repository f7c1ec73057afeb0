//! The process that writes and is killed. It says on its standard output what it does, before and after doing it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use model::{BatchBuilder, SpanDuration, UnixNanos};
use storage::conformance::bed::block_on;
use storage::{Clock, Lifecycle, SpanWriter};
use storage_sled::{Settings, SledStore};

use crate::content;
use crate::ledger::AGE_MAX;

/// Set for the process that writes: its store; the number of its first batch; its clock; what to send again;
/// after how many batches it closes the store, none when it is to be killed.
pub(crate) const DIRECTORY: &str = "STORE_UNDER_KILL";
pub(crate) const FIRST: &str = "STORE_UNDER_KILL_FIRST";
pub(crate) const CLOCK: &str = "STORE_UNDER_KILL_CLOCK";
pub(crate) const AGAIN: &str = "STORE_UNDER_KILL_AGAIN";
pub(crate) const CLOSE_AFTER: &str = "STORE_UNDER_KILL_CLOSE_AFTER";

/// Numbers that one run may use.
pub(crate) const NUMBERS_PER_RUN: u64 = 1_000_000;

const WRITERS: u64 = 6;
/// Each so-manieth batch moves the clock by so much: days begin and old partitions go while spans are written.
const BATCHES_PER_MOVE: u64 = 16;
const MOVE_NANOS: u64 = 3 * 3_600_000_000_000;

/// A clock that stands until it is moved.
pub(crate) struct MovedClock(pub(crate) AtomicU64);

impl Clock for MovedClock {
    fn now(&self) -> UnixNanos {
        UnixNanos(self.0.load(Ordering::SeqCst))
    }
}

/// Small memtables, partitions and handles' lives, so that freezing, building, opening and dropping are under way at many kills.
pub(crate) fn open(directory: &Path, clock: Arc<MovedClock>, retention_wait: Duration) -> SledStore {
    let settings = Settings {
        generation_spans_max: 300,
        partition_bytes_max: 300 << 10,
        recycle_bytes: 100 << 10,
        disk_free_min: Some(0),
        retention_age: Some(SpanDuration(AGE_MAX)),
        retention_wait,
        ..Settings::default()
    };
    SledStore::open(directory, settings, clock).expect("opens by itself")
}

/// Where this process is to write, when it is the one that does.
pub(crate) fn directory() -> Option<PathBuf> {
    std::env::var_os(DIRECTORY).map(PathBuf::from)
}

struct Writing {
    store: SledStore,
    clock: Arc<MovedClock>,
    /// Held for writing while the clock moves: a client that repeats a batch does so within a minute of its clock.
    gate: RwLock<()>,
    close_after: u64,
    acked: AtomicU64,
    /// A block was made since the store was opened.
    is_built: AtomicBool,
}

/// Writes until it is killed or has written enough.
pub(crate) fn run(directory: &Path) {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let first = number(FIRST).expect("set with the directory");
    let clock = Arc::new(MovedClock(AtomicU64::new(number(CLOCK).expect("set with the directory"))));
    let again = std::env::var(AGAIN).unwrap_or_default();
    say("\nopening");
    const RETENTION_WAIT: Duration = Duration::from_millis(20);
    let store = open(directory, Arc::clone(&clock), RETENTION_WAIT);
    say("open");
    let close_after = number(CLOSE_AFTER).unwrap_or(u64::MAX);
    let is_built = AtomicBool::new(false);
    let writing = Writing { store, clock, gate: RwLock::new(()), close_after, acked: AtomicU64::new(0), is_built };
    again.split_whitespace().for_each(|number| writing.deliver(number.parse().expect("a number")));
    let blocks = writing.store.progress().0;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let writing = &writing;
            scope.spawn(move || writing.write((first + writer..).step_by(WRITERS as usize), blocks));
        }
    });
    block_on(writing.store.close()).expect("closes");
    say("closed");
}

impl Writing {
    fn write(&self, numbers: impl Iterator<Item = u64>, blocks: usize) {
        for number in numbers {
            let built = self.store.progress().0 != blocks;
            if built {
                self.is_built.store(true, Ordering::SeqCst);
            }
            // A run that closes has made a block before, unless it writes nothing at all.
            let is_enough = self.acked.load(Ordering::SeqCst) >= self.close_after;
            if is_enough && (self.close_after == 0 || self.is_built.load(Ordering::SeqCst)) {
                return;
            }
            if number.is_multiple_of(BATCHES_PER_MOVE) {
                self.move_clock();
            }
            let _in_flight = self.gate.read().unwrap_or_else(PoisonError::into_inner);
            self.deliver(number);
        }
    }

    fn deliver(&self, number: u64) {
        let mut builder = BatchBuilder::new();
        content::spans(number).iter().for_each(|span| builder.push(span));
        let batch = Arc::new(builder.finish().expect("not empty"));
        say(&format!("issued {number} {}", self.clock.now().0));
        block_on(self.store.write(batch)).expect("accepted");
        say(&format!("acked {number}"));
        self.acked.fetch_add(1, Ordering::SeqCst);
    }

    fn move_clock(&self) {
        let _nothing_in_flight = self.gate.write().unwrap_or_else(PoisonError::into_inner);
        let next = self.clock.now().0 + MOVE_NANOS;
        // Said before it is so: whoever listens must not think that the clock is behind.
        say(&format!("clock {next}"));
        self.clock.0.store(next, Ordering::SeqCst);
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("the parent reads");
}
