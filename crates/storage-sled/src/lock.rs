//! One process per data directory. The lock goes with the process, however it ends.

use std::fs::File;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

use crate::error::OpenError;

/// Held as long as the store is open.
pub(crate) struct StoreLock {
    file: File,
}

impl StoreLock {
    /// Takes the lock of the store in `directory`, or says who has it: another process.
    pub(crate) fn take(directory: &Path) -> Result<StoreLock, OpenError> {
        let path = directory.join("LOCK");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(OpenError::io("cannot make its lock file", &path))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(StoreLock { file }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::Locked(directory.to_owned())),
            Err(error) => Err(OpenError::Io { action: "cannot lock it", error: error.into(), path }),
        }
    }
}

impl Drop for StoreLock {
    /// A process that is being started at this moment holds a copy of the file. Unlocking counts for all copies, closing for one.
    fn drop(&mut self) {
        if let Err(error) = flock(&self.file, FlockOperation::Unlock) {
            tracing::warn!("cannot unlock the store, closing its file has to do: {error}");
        }
    }
}
