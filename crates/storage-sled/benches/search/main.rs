//! What searches cost in a store of many blocks: processor time of the one thread that reads, on spans like those of workload W1.
//!
//! `cargo bench -p storage-sled --bench search -- 10000000` asks each question about so many spans, with warm caches.
//! `--hours <n>` spreads them over so many hours, as counts are asked of a day.
//! `--store <directory>` keeps the store for the next run, `--only <words>` asks the questions with these words in their names.
//! Processor time says the same while the machine does other things; time of day does not.

mod questions;
#[path = "../block/random.rs"]
mod random;
#[path = "../block/w1.rs"]
mod w1;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use model::{SpanBatch, SpanDuration, TraceId, UnixNanos};
use storage::conformance::block_on;
use storage::{Clock, Lifecycle, SpanWriter, TraceReader};
use storage_sled::{Settings, SledStore};

const SPANS_DEFAULT: usize = 2 * SPANS_STEP;
/// Spans that are made at once: about what fits into a block.
const SPANS_STEP: usize = 524_288;
/// Generations end amid steps, so that traces which have not ended then lie in two blocks.
const GENERATION_SPANS: usize = 500_000;
/// Each step begins so much later: the spans of one cover about this time.
const STEP: SpanDuration = SpanDuration(90_000_000_000);
const WRITERS: usize = 8;
const ROUNDS: usize = 40;
/// A slow question is asked less often.
const ROUNDS_MIN: usize = 5;
const QUESTION_NANOS_MAX: u64 = 3_000_000_000;

const BEGIN: UnixNanos = UnixNanos(1_767_225_600_000_000_000);

struct Standing(UnixNanos);

impl Clock for Standing {
    fn now(&self) -> UnixNanos {
        self.0
    }
}

fn main() {
    let spans = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(SPANS_DEFAULT);
    let after = |flag: &str| std::env::args().skip_while(|argument| argument != flag).nth(1);
    let (kept, only) = (after("--store").map(PathBuf::from), after("--only"));
    let temporary = tempfile::tempdir().expect("a directory");
    let directory = kept.unwrap_or_else(|| temporary.path().to_owned());
    let settings = Settings { reader_threads: 1, generation_spans_max: GENERATION_SPANS, ..Settings::default() };
    let steps = spans.div_ceil(SPANS_STEP);
    let spread =
        after("--hours").and_then(|hours| hours.parse().ok()).map(|hours: u64| SpanDuration::from_secs(3_600 * hours));
    // Hours that are over are counted once: the clock stands behind those that are spread.
    let now = spread.map_or(BEGIN, |spread| BEGIN.after(spread).after(SpanDuration::from_secs(3_600)));
    let store = SledStore::open(&directory, settings, Arc::new(Standing(now))).expect("opens");
    let mut ids = Vec::new();
    for step in 0..steps {
        let rows = SPANS_STEP.min(spans - step * SPANS_STEP);
        // A kept store has them already: some are made again, for their ids.
        let is_written = store.condition().spans >= (step * SPANS_STEP + rows) as u64;
        if is_written && step % 8 != 0 {
            continue;
        }
        let mut batches = shifted(w1::batches(step as u64, rows), SpanDuration(STEP.0 * step as u64));
        if let Some(spread) = spread {
            stretch(&mut batches, (spread.0 / (STEP.0 * steps as u64)).max(1));
        }
        ids.extend(batches.iter().map(|batch| batch.row(0).trace_id()));
        if !is_written {
            write(&store, &batches);
        }
    }
    settle(&store);
    let (blocks, in_memory) = store.progress();
    eprintln!("{} spans, {blocks} blocks, {in_memory} spans in memory", store.condition().spans);
    let clock = ReaderClock::find();
    let is_asked = |name: &str| only.as_ref().is_none_or(|only| name.contains(only.as_str()));
    let some_ids = || ids.iter().copied().step_by(ids.len() / (ROUNDS * 5) + 1);
    if is_asked("trace by id, cold") {
        by_id("trace by id, cold", &store, &clock, some_ids());
    }
    for (name, question) in questions::all().iter().filter(|(name, _)| is_asked(name)) {
        ask(name, question, &store, &clock);
    }
    if is_asked("trace by id, warm") {
        let absent = |number: usize| TraceId::new((number as u128 + 1).to_be_bytes()).expect("not zero");
        let largest = questions::largest(&store);
        by_id("trace by id, warm", &store, &clock, some_ids());
        by_id("trace by id, the largest", &store, &clock, std::iter::repeat_n(largest, ROUNDS / 4));
        by_id("trace by id, absent", &store, &clock, (0..ROUNDS * 5).map(absent));
    }
    block_on(store.close()).expect("closes");
}

fn ask(name: &str, question: &questions::Question, store: &SledStore, clock: &ReaderClock) {
    let mut nanos = Vec::new();
    let mut matched = 0;
    while nanos.len() < ROUNDS && (nanos.len() < ROUNDS_MIN || nanos.iter().sum::<u64>() < QUESTION_NANOS_MAX) {
        let before = clock.nanos();
        matched = question(store, nanos.len());
        nanos.push(clock.nanos() - before);
    }
    print(name, matched, nanos);
}

/// One line for each order of magnitude of traces.
fn by_id(name: &str, store: &SledStore, clock: &ReaderClock, ids: impl Iterator<Item = TraceId>) {
    let mut by_size: BTreeMap<u32, (u64, Vec<u64>)> = BTreeMap::new();
    for id in ids {
        let before = clock.nanos();
        let found = block_on(store.trace(id, None)).expect("answers").completeness.matched;
        let nanos = clock.nanos() - before;
        let (most, of_size) = by_size.entry(found.max(1).ilog10()).or_default();
        *most = found.max(*most);
        of_size.push(nanos);
    }
    for (most, nanos) in by_size.into_values() {
        print(&format!("{name}, {} times", nanos.len()), most, nanos);
    }
}

fn shifted(mut batches: Vec<SpanBatch>, by: SpanDuration) -> Vec<SpanBatch> {
    for (start, end, _) in batches.iter_mut().flat_map(SpanBatch::times_mut) {
        (*start, *end) = (start.after(by), end.after(by));
    }
    batches
}

/// Each span begins later, and takes as long as before.
fn stretch(batches: &mut [SpanBatch], times: u64) {
    for (start, end, _) in batches.iter_mut().flat_map(SpanBatch::times_mut) {
        let duration = end.since(*start);
        *start = BEGIN.after(SpanDuration(start.since(BEGIN).0 * times));
        *end = start.after(duration);
    }
}

fn write(store: &SledStore, batches: &[SpanBatch]) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _writer in 0..WRITERS {
            scope.spawn(|| {
                while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                    // Refused while three memtables wait to become blocks.
                    while block_on(store.write(Arc::new(batch.clone()))).is_err() {
                        thread::sleep(std::time::Duration::from_millis(50));
                    }
                }
            });
        }
    });
}

/// Waits until only the memtable that fills is in memory.
fn settle(store: &SledStore) {
    let mut before = store.progress();
    loop {
        thread::sleep(std::time::Duration::from_secs(3));
        let now = store.progress();
        if now == before {
            return;
        }
        before = now;
    }
}

fn print(name: &str, matched: u64, mut nanos: Vec<u64>) {
    let first = nanos[0];
    nanos.sort_unstable();
    let ms = |nanos: u64| nanos as f64 / 1e6;
    let (half, most) = (nanos[nanos.len() / 2], nanos[nanos.len() * 99 / 100]);
    eprintln!("{name:60} {matched:>9} matched, first {:8.2}, p50 {:8.2}, p99 {:8.2} ms", ms(first), ms(half), ms(most));
}

/// The processor time of the thread that reads.
struct ReaderClock(std::path::PathBuf);

impl ReaderClock {
    fn find() -> ReaderClock {
        let threads = fs::read_dir("/proc/self/task").expect("needs Linux");
        let is_reader = |path: &std::path::PathBuf| {
            fs::read_to_string(path.join("comm")).is_ok_and(|name| name.starts_with("store-read"))
        };
        let found = threads.flatten().map(|entry| entry.path()).find(is_reader);
        ReaderClock(found.expect("a store has a reader").join("schedstat"))
    }

    fn nanos(&self) -> u64 {
        let text = fs::read_to_string(&self.0).expect("needs Linux with scheduler statistics");
        text.split(' ').next().and_then(|nanos| nanos.parse().ok()).expect("begins with nanoseconds")
    }
}
