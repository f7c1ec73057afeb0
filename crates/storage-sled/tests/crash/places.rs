//! What a failpoint needs before it can be reached: a little damage that a kill at the wrong moment leaves behind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::When;

/// Batches of a run that closes its store, enough for a day to end and for a partition to be too old.
const BATCHES: u64 = 300;

/// Whether the place is passed before the first span or after the last one, rather than between them.
pub(crate) fn is_of_starting(name: &str) -> bool {
    let (of, _what) = name.split_once('.').expect("a place has a name of two words");
    ["start", "prepare", "recover", "open", "repair", "close"].contains(&of)
}

/// Whether each run passes the place many times.
pub(crate) fn is_frequent(name: &str) -> bool {
    name.starts_with("commit.")
        || matches!(name, "build.page" | "durable.written" | "durable.renamed" | "recover.group")
}

/// How the writer is to run so that it passes the place.
pub(crate) fn when(name: &str) -> When {
    match name {
        // Only a run without a span takes its segment away again.
        "close.unmarked" => When::Never(0),
        _ => When::Never(BATCHES),
    }
}

/// Prepares the closed store for the place. `false`: it is not yet in a state that can be prepared.
pub(crate) fn prepare(directory: &Path, name: &str) -> bool {
    match name {
        "prepare.trash" => {
            fs::create_dir_all(directory.join("trash/left/db")).expect("makes");
            true
        }
        "prepare.unused" => {
            fs::create_dir_all(directory.join("journal/00ffffff-0000/db")).expect("makes");
            true
        }
        "repair.log" | "repair.synced" | "repair.snapshot" => interrupt_an_open(directory, name == "repair.snapshot"),
        "repair.cookie" => {
            let Some(db) = database(directory) else { return false };
            fs::write(db.join("durability_cookie"), b"").expect("cuts");
            true
        }
        _ => true,
    }
}

/// What sled leaves when it dies between its new snapshot and its new log. Harmless where the log is still empty.
fn interrupt_an_open(directory: &Path, has_older: bool) -> bool {
    let Some(db) = database(directory) else { return false };
    let metadata = db.join("metadata");
    let files = |prefix: &str| -> Vec<PathBuf> {
        let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
        let mut paths: Vec<PathBuf> =
            fs::read_dir(&metadata).expect("exists").flatten().map(|entry| entry.path()).collect();
        paths.retain(named);
        paths.sort();
        paths
    };
    let (snapshots, logs) = (files("snapshot_"), files("log_"));
    let Some(newest) = snapshots.last() else { return false };
    if logs.iter().any(|log| fs::metadata(log).is_ok_and(|data| data.len() > 0)) {
        return false;
    }
    if has_older {
        fs::copy(newest, metadata.join("snapshot_0000000000000000")).expect("copies");
    }
    logs.iter().for_each(|log| fs::remove_file(log).expect("removes"));
    true
}

/// The Db of the oldest partition, to which nothing was written since it was opened last.
fn database(directory: &Path) -> Option<PathBuf> {
    let mut partitions: Vec<PathBuf> =
        fs::read_dir(directory.join("part")).ok()?.flatten().map(|entry| entry.path()).collect();
    partitions.sort();
    // By number, which is what follows the day.
    (partitions.len() > 1).then(|| partitions.remove(0).join("db"))
}
