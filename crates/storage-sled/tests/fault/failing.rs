//! Writes and syncs that fail one by one in a process that stores spans: it ends, and the next one has all that was acknowledged.

use std::io::{self, Write};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use storage::Lifecycle;
use storage::conformance::bed::block_on;

use crate::spans::{check, open, write};

/// Set for the process that writes: its store, the number of its first batch, and where it tells what was acknowledged.
const DIRECTORY: &str = "STORE_ON_A_FAILING_DISK";
const FIRST: &str = "STORE_ON_A_FAILING_DISK_FIRST";
const LEDGER: &str = "STORE_ON_A_FAILING_DISK_LEDGER";

/// Set by hand for a longer run: fails the first up to this one.
const CALLS_MAX: &str = "STORE_ON_A_FAILING_DISK_CALLS";

/// Told first: before it only the test program itself can have been hit.
const HELLO: u64 = u64::MAX;

/// How the process ends when the store does not open.
const NO_STORE: i32 = 3;

const BATCHES: u64 = 300;
const WRITERS: u64 = 4;

/// What fails, and how.
const FAULTS: [(&str, &str); 4] = [
    ("fsync,fdatasync", "EIO"),
    ("write,pwrite64", "ENOSPC"),
    ("fsync,fdatasync", "ENOSPC"),
    ("write,pwrite64", "EIO"),
];

/// In each thread the call with this number fails, in a run of its own: openings, first flushes, builds, rolls.
const CALLS: [u64; 4] = [1, 3, 12, 40];

#[test]
fn a_write_or_sync_that_fails_costs_nothing_that_was_acknowledged() {
    if let Ok(directory) = std::env::var(DIRECTORY) {
        return store_spans(Path::new(&directory));
    }
    let can_inject = Command::new("strace")
        .args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO:when=1", "true"])
        .output();
    if !can_inject.is_ok_and(|output| output.status.success()) {
        writeln!(io::stderr(), "NOT RUN: a failing disk: no strace here that may make calls fail").expect("stderr");
        return;
    }
    let calls = match std::env::var(CALLS_MAX) {
        Ok(max) => (1..=max.parse().expect("a number")).collect(),
        Err(_) => CALLS.to_vec(),
    };
    let (mut ended, mut refused, mut unhurt) = (0, 0, 0);
    for call in calls {
        let directory = tempfile::tempdir().expect("a directory");
        let mut acked = Vec::new();
        for (run, (what, error)) in (0..).zip(FAULTS) {
            let fault = format!("{what}:error={error}:when={call}");
            let (status, told) = run_with_fault(directory.path(), run * BATCHES, &fault);
            match (told.split_first(), status.code(), status.signal()) {
                (None, ..) => {}
                (Some((&HELLO, told)), code, signal) => {
                    acked.extend(told);
                    match (code, signal) {
                        (_, Some(_)) => ended += 1,
                        (Some(0), _) => {
                            assert_eq!(told.len() as u64, BATCHES);
                            unhurt += 1;
                        }
                        (Some(NO_STORE), _) => refused += 1,
                        other => panic!("{fault}: the process ended with {other:?}"),
                    }
                }
                other => panic!("{fault}: {other:?}"),
            }
            let store = open(&directory.path().join("data"), |_| {});
            let store = store.unwrap_or_else(|error| panic!("{fault}: {error}"));
            check(&store, &acked);
            block_on(store.close()).expect("closes");
        }
    }
    writeln!(io::stderr(), "failing disk: {ended} runs ended, {refused} did not open, {unhurt} went through")
        .expect("stderr");
    assert!(ended > 0, "no fault hit a flush");
}

/// The process that writes. It tells by datagrams: those are neither written nor synced.
fn store_spans(directory: &Path) {
    let ledger = UnixDatagram::unbound().expect("a socket");
    ledger.connect(std::env::var(LEDGER).expect("set with the directory")).expect("the parent listens");
    ledger.send(&HELLO.to_le_bytes()).expect("the parent listens");
    let first: u64 = std::env::var(FIRST).expect("set with the directory").parse().expect("a number");
    let store = match open(&directory.join("data"), |_| {}) {
        Ok(store) => store,
        Err(_told) => std::process::exit(NO_STORE),
    };
    let (store, ledger) = (&store, &ledger);
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for number in (first + writer..first + BATCHES).step_by(WRITERS as usize) {
                    // A fault may come as a refusal; what is refused is sent again, as clients do.
                    while write(store, number).is_err() {
                        std::thread::yield_now();
                    }
                    ledger.send(&number.to_le_bytes()).expect("the parent listens");
                }
            });
        }
    });
    block_on(store.close()).expect("closes");
    std::process::exit(0);
}

fn run_with_fault(directory: &Path, first: u64, fault: &str) -> (ExitStatus, Vec<u64>) {
    let ledger_path = directory.join(format!("ledger-{first}"));
    let ledger = UnixDatagram::bind(&ledger_path).expect("a socket");
    let calls = fault.split(':').next().unwrap_or(fault);
    let mut child = Command::new("strace")
        .args([
            "-f",
            "-qq",
            "--seccomp-bpf",
            "-o",
            "/dev/null",
            "-e",
            &format!("trace={calls}"),
            "-e",
            &format!("inject={fault}"),
        ])
        .arg(std::env::current_exe().expect("this test"))
        .args(["failing::a_write_or_sync_that_fails_costs_nothing_that_was_acknowledged", "--exact", "--nocapture"])
        .env(DIRECTORY, directory)
        .env(FIRST, first.to_string())
        .env(LEDGER, &ledger_path)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    // A full socket makes the sender wait: someone has to read while it runs.
    let reading = std::thread::spawn(move || {
        let mut numbers = Vec::new();
        let mut bytes = [0; 8];
        // An empty datagram is the end.
        while ledger.recv(&mut bytes).expect("reads") == bytes.len() {
            numbers.push(u64::from_le_bytes(bytes));
        }
        numbers
    });
    let status = child.wait().expect("ends");
    UnixDatagram::unbound().and_then(|end| end.send_to(&[], &ledger_path)).expect("the reader listens");
    (status, reading.join().expect("reads to the end"))
}
