//! Opening a Db: repair, a thread of its own, a limit on the time. Never called on the way to an acknowledgement.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::durable;
use crate::failpoint::failpoint;
use crate::guard::ballast::Ballast;
use crate::repair;
use crate::sled_db::{Kind, PageDb, end_process};

/// A handle of the same Db may still be on its way out in another thread: so often, so long we wait for it.
const BUSY_TRIES_MAX: usize = 250;
const BUSY_WAIT: Duration = Duration::from_millis(20);

/// A write or sync may fail once; what fails twice in a row is taken for damage.
const TRIES_MAX: usize = 2;

/// Stands beside a Db whose opening ended a process.
const HUNG: &str = "HUNG";

/// How a store opens its Dbs.
#[derive(Clone)]
pub(crate) struct Opener {
    /// An opening that takes longer has failed.
    pub(crate) wait_max: Duration,
    /// Opening writes.
    pub(crate) ballast: Arc<Ballast>,
}

// === impl Opener ===

impl Opener {
    /// Opens or makes the Db in `path`; an error is a sentence for people.
    pub(crate) fn open(&self, path: &Path, kind: Kind) -> Result<PageDb, String> {
        self.ballast.give_back_when_full();
        let (sender, receiver) = sync_channel(1);
        let owned = path.to_owned();
        let work = move || {
            // Nobody listens any more when the limit has passed: the handle is dropped here.
            drop(sender.send(open_patiently(&owned, kind)));
        };
        thread::Builder::new().name("sled-open".to_owned()).spawn(work).map_err(|error| error.to_string())?;
        match receiver.recv_timeout(self.wait_max) {
            Ok(opened) => {
                forget_hung(path);
                opened.map_err(|error| format!("it does not open: {error}"))
            }
            Err(RecvTimeoutError::Timeout) => Err(hung(path, self.wait_max)),
            Err(RecvTimeoutError::Disconnected) => Err("opening it panicked".to_owned()),
        }
    }
}

/// A Db that was whole does not come back: as with any call of sled, the process ends. Only a Db that does so in the next
/// process too is called damaged; one that is just being made may be given up at once.
fn hung(path: &Path, wait_max: Duration) -> String {
    let reason = format!("it did not open within {wait_max:?}");
    let home = path.parent().unwrap_or(path);
    if home.join("READY").exists() && File::create_new(home.join(HUNG)).is_ok() {
        end_process(&format!("open {}", home.display()), &io::Error::other(reason));
    }
    reason
}

fn forget_hung(path: &Path) {
    if let Some(mark) = path.parent().map(|home| home.join(HUNG)).filter(|mark| mark.exists())
        && let Err(error) = fs::remove_file(&mark)
    {
        tracing::warn!("cannot remove {}: {error}", mark.display());
    }
}

fn open_patiently(path: &Path, kind: Kind) -> io::Result<PageDb> {
    let (mut busy, mut failed) = (0, 0);
    loop {
        match open_once(path, kind) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && busy < BUSY_TRIES_MAX => {
                busy += 1;
                thread::sleep(BUSY_WAIT);
            }
            Err(error) => {
                failed += 1;
                if failed == TRIES_MAX {
                    return Err(error);
                }
                tracing::warn!(path = %path.display(), "it did not open, once more: {error}");
            }
            opened => return opened,
        }
    }
}

fn open_once(path: &Path, kind: Kind) -> io::Result<PageDb> {
    failpoint!("open.begin");
    for done in repair::repair(path)? {
        tracing::warn!(path = %path.display(), "repaired before opening: {done}");
    }
    failpoint!("open.repaired");
    let db = PageDb::open(path, kind)?;
    failpoint!("open.opened");
    durable::sync_directory(&path.join("metadata"))?;
    failpoint!("open.synced");
    Ok(db)
}
