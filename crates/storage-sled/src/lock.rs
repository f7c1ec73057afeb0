//! One process per data directory. The lock goes with the process, however it ends.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{FlockOperation, flock};

use crate::error::OpenError;

/// How long a lock that is held is asked for again. A store that was killed while it opened may leave a process behind
/// that sled was just starting, and that keeps copies of all locks until it runs its own program: milliseconds, more on a busy machine.
const LOCK_WAIT: Duration = Duration::from_secs(2);
const LOCK_POLL: Duration = Duration::from_millis(20);

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
        let asked = Instant::now();
        loop {
            match flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(StoreLock { file }),
                // flock has no time limit of its own.
                Err(rustix::io::Errno::WOULDBLOCK) if asked.elapsed() < LOCK_WAIT => thread::sleep(LOCK_POLL),
                Err(rustix::io::Errno::WOULDBLOCK) => return Err(OpenError::Locked(directory.to_owned())),
                Err(error) => return Err(OpenError::Io { action: "cannot lock it", error: error.into(), path }),
            }
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
