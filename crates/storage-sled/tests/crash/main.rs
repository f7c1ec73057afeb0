//! A writer in another process is killed at random points, while opening too: what it heard acknowledged is there, once.
//! A program of its own: a process that is being started holds, for a moment, the locks of every store that is open beside it.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use model::{BatchBuilder, Span, TraceId, UnixNanos};
use storage::conformance::bed::{block_on, search, trace};
use storage::conformance::data::{DAY, timed};
use storage::{Clock, Lifecycle, RedQuery, SpanWriter, TraceQuery, TraceReader};
use storage_sled::{Settings, SledStore};

/// Set for the process that writes: its store, and the number of its first batch.
const DIRECTORY: &str = "STORE_UNDER_KILL";
const FIRST: &str = "STORE_UNDER_KILL_FIRST";

const KILLS: u64 = 25;
const SPANS_PER_BATCH: u8 = 20;
const WRITERS: u64 = 6;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> UnixNanos {
        DAY
    }
}

#[test]
fn acknowledged_spans_survive_kill_9() {
    match std::env::var(DIRECTORY) {
        Ok(directory) => write_until_killed(Path::new(&directory)),
        Err(_) => kill_again_and_again(),
    }
}

/// Batch `number`: one trace, its content a function of the number alone.
fn spans(number: u64) -> Vec<Span> {
    let id = TraceId::new((u128::from(number) + 1).to_be_bytes()).expect("not zero");
    let span = |row: u8| {
        let mut span = timed(1, row, number, 7);
        span.trace_id = id;
        span.attributes.set("number", number as i64);
        span.attributes.set("text", format!("{number} ").repeat(usize::from(row)));
        span
    };
    (1..=SPANS_PER_BATCH).map(span).collect()
}

fn open(directory: &Path) -> SledStore {
    // Small memtables, partitions and handles' lives, so that freezing, building and opening are under way at many of the kills.
    let settings = Settings {
        generation_spans_max: 300,
        partition_bytes_max: 300 << 10,
        recycle_bytes: 100 << 10,
        disk_free_min: Some(0),
        ..Settings::default()
    };
    SledStore::open(directory, settings, Arc::new(StoppedClock)).expect("opens by itself")
}

fn write_until_killed(directory: &Path) {
    let first: u64 = std::env::var(FIRST).expect("set with the directory").parse().expect("a number");
    let mut out = std::io::stdout();
    writeln!(out, "\nopening").expect("the parent reads");
    let store = open(directory);
    let store = &store;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for number in (first + writer..).step_by(WRITERS as usize) {
                    let mut builder = BatchBuilder::new();
                    spans(number).iter().for_each(|span| builder.push(span));
                    let batch = Arc::new(builder.finish().expect("not empty"));
                    block_on(store.write(batch)).expect("accepted");
                    writeln!(std::io::stdout(), "acked {number}").expect("the parent reads");
                }
            });
        }
    });
}

/// The numbers that the writer heard acknowledged before it was killed.
fn run_and_kill(directory: &Path, first: u64, acks_wanted: usize, delay: Duration) -> Vec<u64> {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["acknowledged_spans_survive_kill_9", "--exact", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        // A writer that gives up says why.
        .stderr(Stdio::inherit())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut acked = Vec::new();
    let number_of = |line: &str| line.strip_prefix("acked ").and_then(|number| number.parse::<u64>().ok());
    while acked.len() < acks_wanted {
        let line = lines.next().expect("the writer runs until it is killed").expect("text");
        acked.extend(number_of(&line));
        if acks_wanted == usize::MAX && line == "opening" {
            break;
        }
    }
    // Not a wait for anything: where the kill hits is what differs from run to run.
    std::thread::sleep(delay);
    child.kill().expect("SIGKILL");
    child.wait().expect("gone");
    // What was printed before the kill counts, read or not; a line cut by the kill does not parse as whole.
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let whole = rest.len().saturating_sub(1);
    acked.extend(rest[..whole].iter().filter_map(|line| number_of(line)));
    acked
}

fn kill_again_and_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut acked: Vec<u64> = Vec::new();
    let mut state = u64::from(std::process::id());
    for kill in 0..KILLS {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = state >> 33;
        // Every third one hits while the store opens.
        let acks = if kill % 3 == 2 { usize::MAX } else { 1 + random as usize % 120 };
        let delay =
            if kill % 3 == 2 { Duration::from_millis(random % 400) } else { Duration::from_micros(random % 8_000) };
        acked.extend(run_and_kill(directory.path(), kill * 1_000_000, acks, delay));
        if kill % 4 == 3 {
            check(directory.path(), &acked);
        }
    }
    assert!(
        acked.len() as u64 > KILLS * 5,
        "only {} batches were acknowledged: too few to prove anything",
        acked.len()
    );
}

fn check(directory: &Path, acked: &[u64]) {
    let store = open(directory);
    for number in acked {
        let expected = spans(*number);
        let mut read =
            trace(&store, expected[0].trace_id, None).unwrap_or_else(|| panic!("batch {number} is lost")).into_spans();
        read.sort_by_key(|span| span.span_id);
        assert_eq!(read, expected, "batch {number}");
    }
    let all = search(&store, TraceQuery::newest(model::TimeRange::ALL, 0)).completeness.matched;
    assert_eq!(store.condition().spans, all * u64::from(SPANS_PER_BATCH), "batches are there whole or not at all");
    // Counts that were kept beside the spans agree with the spans.
    let everything =
        RedQuery { range: model::TimeRange::ALL, step: None, service: None, by_name: false, entry_only: false };
    let red = block_on(store.red(everything)).expect("answers").value;
    let calls: u64 = red.iter().flat_map(|series| &series.points).map(|point| point.cell.calls).sum();
    assert_eq!(calls, store.condition().spans);
    assert_eq!(store.condition().quarantined, Vec::<String>::new());
    block_on(store.close()).expect("closes");
}
