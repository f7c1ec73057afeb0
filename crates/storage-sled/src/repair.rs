//! What must be put right in a Db's directory before sled opens it. Files only: sled itself is not named here.
//!
//! J1: sled's `open` renames `snapshot_X` into place, deletes the logs, then creates `log_{X+1}`. When the process dies
//! in between, the next open writes `snapshot_X` again and then deletes it as the old one: the open after that finds
//! an empty Db. An empty `log_{X+1}` makes the next open write `snapshot_{X+1}`, and nothing is lost.
//!
//! J2: the cookie is written without fsync; when it is not whole, open fails. Without the cookie, open writes a new one. It says
//! nothing that the constants of our format do not say, so one that says anything else is damaged.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::durable;
use crate::failpoint::failpoint;

/// The cookie of every Db of ours: version 1, the fanout of leaves, zeros, a checksum.
const COOKIE: [u8; 64] = {
    let mut bytes = [0; 64];
    (bytes[0], bytes[2]) = (1, 4);
    (bytes[60], bytes[61], bytes[62], bytes[63]) = (0x25, 0x3f, 0xac, 0x3e);
    bytes
};

/// Repairs the Db in `path`, which may not exist yet. Says what was done.
pub(crate) fn repair(path: &Path) -> io::Result<Vec<&'static str>> {
    let mut done = Vec::new();
    if repair_metadata(&path.join("metadata"))? {
        done.push("J1: a snapshot without a newer log got one");
    }
    if repair_cookie(path)? {
        done.push("J2: a damaged cookie was removed");
    }
    Ok(done)
}

fn repair_metadata(metadata: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(metadata) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
    };
    let (mut snapshots, mut log_last): (Vec<(u64, PathBuf)>, Option<u64>) = (Vec::new(), None);
    for entry in entries {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        if let Some(number) = number_of(name, "snapshot_") {
            snapshots.push((number, path));
        } else if let Some(number) = number_of(name, "log_") {
            log_last = log_last.max(Some(number));
        }
    }
    snapshots.sort();
    let Some((newest, _)) = snapshots.pop() else { return Ok(false) };
    if log_last.is_some_and(|log| log > newest) {
        return Ok(false);
    }
    let log = metadata.join(format!("log_{:016x}", newest + 1));
    // Whoever else may have made it meanwhile: nothing in it is cut away.
    File::options().create(true).truncate(false).write(true).open(&log)?.sync_all()?;
    failpoint!("repair.log");
    durable::sync_directory(metadata)?;
    failpoint!("repair.synced");
    for (_, older) in snapshots {
        fs::remove_file(older)?;
        failpoint!("repair.snapshot");
    }
    durable::sync_directory(metadata)?;
    Ok(true)
}

/// A name that ends in `.tmp` has no number: sled removes those itself.
fn number_of(name: &str, prefix: &str) -> Option<u64> {
    u64::from_str_radix(name.strip_prefix(prefix)?, 16).ok()
}

fn repair_cookie(path: &Path) -> io::Result<bool> {
    let cookie = path.join("durability_cookie");
    match fs::read(&cookie) {
        Ok(bytes) if bytes != COOKIE => {
            fs::remove_file(&cookie)?;
            failpoint!("repair.cookie");
            durable::sync_directory(path)?;
            Ok(true)
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sled_db::{Kind, PageDb, open_when_free};

    fn open(directory: &Path) -> io::Result<PageDb> {
        open_when_free(directory, Kind::Journal)
    }

    /// A Db with one page, closed again; the paths of its snapshot and logs.
    fn one_page(directory: &Path) -> PathBuf {
        let db = open(directory).expect("opens");
        db.put(0, b"page").expect("puts");
        db.flush().expect("flushes");
        drop(db);
        // A second open folds the log into a snapshot.
        drop(open(directory).expect("opens"));
        directory.join("metadata")
    }

    fn remove_logs(metadata: &Path) {
        for entry in fs::read_dir(metadata).expect("exists").flatten() {
            if entry.file_name().to_string_lossy().starts_with("log_") {
                fs::remove_file(entry.path()).expect("removes");
            }
        }
    }

    fn page_after_two_opens(directory: &Path, with_repair: bool) -> Option<Vec<u8>> {
        for _ in 0..2 {
            if with_repair {
                repair(directory).expect("repairs");
            }
            drop(open(directory).expect("opens"));
        }
        let db = open(directory).expect("opens");
        db.get(0).expect("reads")
    }

    #[test]
    fn j1_keeps_a_db_whose_open_was_interrupted_which_is_lost_without() {
        for with_repair in [false, true] {
            let directory = tempfile::tempdir().expect("a directory");
            remove_logs(&one_page(directory.path()));
            let page = page_after_two_opens(directory.path(), with_repair);
            assert_eq!(page.is_some(), with_repair, "with repair: {with_repair}");
        }
    }

    #[test]
    fn j1_leaves_a_healthy_db_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        one_page(directory.path());
        assert_eq!(repair(directory.path()).expect("looks"), Vec::<&str>::new());
    }

    #[test]
    fn j2_opens_a_db_with_a_damaged_cookie_which_fails_without() {
        let mut flipped = COOKIE;
        flipped[2] ^= 1;
        for damaged in [b"".as_slice(), &COOKIE[..40], &flipped] {
            let directory = tempfile::tempdir().expect("a directory");
            one_page(directory.path());
            fs::write(directory.path().join("durability_cookie"), damaged).expect("damages");
            assert!(open(directory.path()).is_err());
            assert_eq!(repair(directory.path()).expect("repairs").len(), 1);
            let db = open(directory.path()).expect("opens");
            assert_eq!(db.get(0).expect("reads").as_deref(), Some(b"page".as_slice()));
        }
    }
}
