//! What searches cost in a store of many blocks: processor time of the one thread that reads, on spans like those of workload W1.
//!
//! `cargo bench -p storage-sled --bench search -- 10000000` asks each question about so many spans, with warm caches.
//! Processor time says the same while the machine does other things; time of day does not.

#[path = "../block/random.rs"]
mod random;
#[path = "../block/w1.rs"]
mod w1;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, thread};

use model::{SpanBatch, SpanDuration, TimeRange, UnixNanos};
use storage::conformance::block_on;
use storage::{
    AttributesWanted, Clock, Count, Field, FieldCondition, Lifecycle, Literal, NamesQuery, Order, SpanWriter,
    TraceQuery, TraceReader, ValueTest,
};
use storage_sled::{Settings, SledStore};

const SPANS_DEFAULT: usize = 2 * SPANS_STEP;
/// Spans that are made at once: about what fits into a block.
const SPANS_STEP: usize = 524_288;
/// Each step begins so much later: the spans of one cover about this time.
const STEP: SpanDuration = SpanDuration(90_000_000_000);
const WRITERS: usize = 8;
const ROUNDS: usize = 40;

struct Standing;

impl Clock for Standing {
    fn now(&self) -> UnixNanos {
        UnixNanos(1_767_225_600_000_000_000)
    }
}

fn main() {
    let spans = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(SPANS_DEFAULT);
    let directory = tempfile::tempdir().expect("a directory");
    let settings = Settings { reader_threads: 1, ..Settings::default() };
    let store = SledStore::open(directory.path(), settings, Arc::new(Standing)).expect("opens");
    let mut ids = Vec::new();
    for step in 0..spans.div_ceil(SPANS_STEP) {
        let batches = shifted(w1::batches(step as u64, SPANS_STEP), SpanDuration(STEP.0 * step as u64));
        ids.extend(batches.iter().map(|batch| batch.row(0).trace_id()));
        write(&store, &batches);
    }
    settle(&store);
    let (blocks, in_memory) = store.progress();
    eprintln!("{} spans, {blocks} blocks, {in_memory} spans in memory", store.condition().spans);
    let clock = ReaderClock::find();
    for (name, question) in questions() {
        let mut nanos = Vec::new();
        let mut matched = 0;
        for round in 0..ROUNDS {
            let before = clock.nanos();
            matched = question(&store, round);
            nanos.push(clock.nanos() - before);
        }
        print(name, matched, nanos);
    }
    let mut nanos = Vec::new();
    let mut found = 0;
    for id in ids.iter().step_by(ids.len() / (ROUNDS * 5) + 1) {
        let before = clock.nanos();
        found = block_on(store.trace(*id, None)).expect("answers").completeness.matched;
        nanos.push(clock.nanos() - before);
    }
    print("trace by id", found, nanos);
    block_on(store.close()).expect("closes");
}

type Question = Box<dyn Fn(&SledStore, usize) -> u64>;

fn questions() -> Vec<(&'static str, Question)> {
    let search = |make: fn(usize) -> TraceQuery| -> Question {
        Box::new(move |store, round| {
            let answer = block_on(store.search(make(round))).expect("answers");
            assert!(answer.completeness.complete);
            answer.completeness.matched
        })
    };
    let names = |make: fn() -> NamesQuery| -> Question {
        Box::new(move |store, _| block_on(store.names(make())).expect("answers").completeness.matched)
    };
    vec![
        ("newest 20 of all, counted", search(|_| newest())),
        ("newest 20 of all", search(|_| TraceQuery { count: Count::None, ..newest() })),
        ("newest 20 by service, attribute, min duration, counted", search(typical)),
        ("newest 20 by service, attribute, min duration", search(|n| TraceQuery { count: Count::None, ..typical(n) })),
        ("newest 20 by number at least, counted", search(|_| by_status())),
        ("rare value of a key with few values, counted", search(|n| by_form("network.peer.port", 40_000 + n))),
        ("value that is nowhere, counted", search(|n| by_form("app.user.id", n))),
        ("text contains, counted", search(|_| containing())),
        ("longest 20, counted", search(|_| TraceQuery { order: Order::LongestFirst, ..newest() })),
        ("longest 20", search(|_| TraceQuery { order: Order::LongestFirst, count: Count::None, ..newest() })),
        ("keys of attributes", names(|| NamesQuery::AttributeKeys(wanted()))),
        ("values of http.route", names(|| NamesQuery::AttributeValues { key: "http.route".into(), wanted: wanted() })),
        (
            "values of app.user.id",
            names(|| NamesQuery::AttributeValues { key: "app.user.id".into(), wanted: wanted() }),
        ),
    ]
}

fn newest() -> TraceQuery {
    TraceQuery::newest(TimeRange::ALL, 20)
}

fn typical(round: usize) -> TraceQuery {
    let service = ["cart", "checkout", "payment", "frontend"][round % 4];
    TraceQuery {
        service: Some(service.to_owned()),
        fields: vec![FieldCondition::of_form("app.tenant", "gold")],
        span_duration_min: Some(SpanDuration(50_000_000)),
        ..newest()
    }
}

fn by_status() -> TraceQuery {
    let test = ValueTest::Compares(storage::Comparison::GreaterOrEqual, Literal::Int(500));
    TraceQuery { fields: vec![FieldCondition::new(Field::any("http.response.status_code"), test)], ..newest() }
}

fn by_form(key: &str, value: usize) -> TraceQuery {
    TraceQuery { fields: vec![FieldCondition::of_form(key, value.to_string())], ..newest() }
}

fn containing() -> TraceQuery {
    let test = ValueTest::Contains("SELECT id, body FROM pay".into());
    TraceQuery { fields: vec![FieldCondition::new(Field::any("db.query.text"), test)], ..newest() }
}

fn wanted() -> AttributesWanted {
    AttributesWanted::most_frequent(TimeRange::ALL, 20)
}

fn shifted(mut batches: Vec<SpanBatch>, by: SpanDuration) -> Vec<SpanBatch> {
    for (start, end, _) in batches.iter_mut().flat_map(SpanBatch::times_mut) {
        (*start, *end) = (start.after(by), end.after(by));
    }
    batches
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
