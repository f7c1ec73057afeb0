//! The directory of a run. When the test fails it stays, so that somebody can look at the store.

use std::path::{Path, PathBuf};

/// A directory that goes with success only.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Place {
        Place(tempfile::tempdir().expect("a directory").keep())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        match std::thread::panicking() {
            true => eprintln!("the store is kept in {}", self.0.display()),
            false => std::fs::remove_dir_all(&self.0).expect("removes"),
        }
    }
}
