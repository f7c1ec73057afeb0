//! Why a store does not open. Not here: failures of an open store, those are `storage::StorageError`.

use std::io;
use std::path::{Path, PathBuf};

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process uses it.
    #[error("cannot open store: another process holds its lock: {0}")]
    Locked(PathBuf),
    /// A newer program wrote it. Nothing was changed.
    #[error(
        "cannot open store: it has format {found}, this program reads up to {known}, use a newer tracewell: {path}"
    )]
    Newer {
        /// Its format.
        found: u64,
        /// The newest that this program knows.
        known: u64,
        /// Its directory.
        path: PathBuf,
    },
    /// A program from before the first release wrote it. Nothing was changed.
    #[error(
        "cannot open store: it has format {found}, this program reads format {known} only, choose another directory: {path}"
    )]
    Older {
        /// Its format.
        found: u64,
        /// The one that this program knows.
        known: u64,
        /// Its directory.
        path: PathBuf,
    },
    /// The directory holds something else.
    #[error("cannot open store: this is no tracewell store, choose an empty directory: {0}")]
    Foreign(PathBuf),
    /// A file or directory could not be used.
    #[error("cannot open store: {action}: {error}: {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        error: io::Error,
        /// With which file or directory.
        path: PathBuf,
    },
    /// Opening writes. What does not open for want of space would be taken for damaged.
    #[error("cannot open store: its disk is full, free some megabytes: {0}")]
    Full(PathBuf),
    /// A new journal segment could not be made.
    #[error("cannot open store: no new journal segment: {0}")]
    Segment(String),
    /// A thread did not start.
    #[error("cannot open store: a thread did not start: {0}")]
    Thread(io::Error),
}

impl OpenError {
    /// For `map_err`: `action` on `path` failed.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OpenError {
        move |error| OpenError::Io { action, error, path: path.to_owned() }
    }
}
