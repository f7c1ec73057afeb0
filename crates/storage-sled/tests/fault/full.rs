//! A real file system of some megabytes, filled to the last byte beside an open store.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use storage::conformance::bed::block_on;
use storage::{Lifecycle, StorageError};
use storage_sled::{OpenError, SledStore};

use crate::spans::{check, open, write};

/// Set for the process that has the small disk: where that is.
const DIRECTORY: &str = "STORE_ON_A_SMALL_DISK";

const MOUNT: &str = "mount -t tmpfs -o size=160m small-disk";

/// Kept free by the store, and held by its ballast.
const KEPT: u64 = 24 << 20;
const BALLAST: u64 = 16 << 20;

/// Tries before something that must happen by itself is called missing.
const TRIES_MAX: usize = 1_000_000;

#[test]
fn a_full_disk_refuses_writes_answers_questions_opens_again_and_takes_spans_when_there_is_room() {
    if let Ok(directory) = std::env::var(DIRECTORY) {
        return on_a_small_disk(Path::new(&directory));
    }
    let directory = tempfile::tempdir().expect("a directory");
    // A file system of our own, in a name space of our own: it is gone with the process.
    let in_a_name_space = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]).arg(directory.path());
        command
    };
    let may_mount = in_a_name_space(&format!("{MOUNT} \"$0\"")).output();
    if !may_mount.is_ok_and(|output| output.status.success()) {
        // Not through the test's own output, which nobody sees when it passes.
        writeln!(io::stderr(), "NOT RUN: a full disk: this machine does not let us mount one").expect("stderr");
        return;
    }
    let name = "full::a_full_disk_refuses_writes_answers_questions_opens_again_and_takes_spans_when_there_is_room";
    let status = in_a_name_space(&format!("{MOUNT} \"$0\" && exec \"$@\""))
        .arg(std::env::current_exe().expect("this test"))
        .args([name, "--exact", "--nocapture"])
        .env(DIRECTORY, directory.path())
        .status();
    assert!(status.expect("runs").success(), "see above");
}

fn on_a_small_disk(directory: &Path) {
    let data = directory.join("data");
    let opened = || {
        open(&data, |settings| {
            settings.disk_free_min = Some(KEPT);
            settings.ballast_bytes = BALLAST;
        })
    };
    let mut store = opened().expect("opens");
    let mut acked: Vec<u64> = Vec::new();
    let ballast = data.join("ballast");
    until("a ballast is made while there is room", || ballast.exists());
    // What is on its way into a block is there first: a disk that fills up within that moment ends the process.
    until("some blocks are there and nothing waits for the builder", || {
        acked.push(acked.len() as u64);
        write(&store, acked.len() as u64 - 1).expect("there is room");
        store.progress().0 > 3 && store.progress().1 < 50
    });

    let filler = directory.join("filler");
    fill(&filler);
    refuses_and_answers(&store, &acked);
    for _run in 0..3 {
        block_on(store.close()).expect("closes");
        store = opened().expect("opens on a full disk");
        assert!(!ballast.exists(), "without it there was no room to open");
        refuses_and_answers(&store, &acked);
    }

    fs::remove_file(&filler).expect("removes");
    until("spans are taken again", || write(&store, 2_000_000).is_ok());
    acked.push(2_000_000);
    until("the ballast comes back", || ballast.exists());
    for number in 2_000_001..2_000_100 {
        write(&store, number).expect("there is room");
        acked.push(number);
    }
    check(&store, &acked);
    block_on(store.close()).expect("closes");

    // Without the ballast, and with every byte taken, nothing opens; and nothing is taken for damaged.
    fs::remove_file(ballast).expect("removes");
    fill(&filler);
    assert!(matches!(opened().err(), Some(OpenError::Full(_))));
    fs::remove_file(filler).expect("removes");
    check(&opened().expect("opens"), &acked);
}

/// Takes every byte that is left.
fn fill(path: &Path) {
    let mut file = File::options().create(true).append(true).open(path).expect("makes");
    let mut chunk = vec![1; 1 << 20];
    while !chunk.is_empty() {
        match file.write_all(&chunk) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::StorageFull => chunk.truncate(chunk.len() / 2),
            Err(error) => panic!("{error}"),
        }
    }
}

fn refuses_and_answers(store: &SledStore, acked: &[u64]) {
    for number in 1_000_000..1_000_020 {
        let refused = write(store, number);
        assert!(matches!(refused, Err(StorageError::Unavailable(_))), "{refused:?}");
    }
    assert!(store.condition().refuses_writes.is_some());
    check(store, acked);
}

/// Another thread does it; how long that takes is not what is tested.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _try in 0..TRIES_MAX {
        if is_so() {
            return;
        }
        std::thread::yield_now();
    }
    panic!("never: {what}");
}
