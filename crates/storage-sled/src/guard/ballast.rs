//! A file that holds space for the day when the disk is full: sled writes when it opens, and reading needs open Dbs.
//!
//! Made while there is room, given back when a Db must open on a full disk, made again when there is room again.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use rustix::fs::{FallocateFlags, fallocate};

use crate::disk;
use crate::settings::Settings;

/// With less than this free, opening a Db could fail half-way. Many times what sled writes for it.
const OPENING_BYTES: u64 = 16 << 20;

/// With less than this not even the first Db is opened.
const OPENING_BYTES_MIN: u64 = 1 << 20;

/// Written at once where the file system cannot set space aside by itself.
const CHUNK_BYTES: usize = 1 << 20;

/// The file, and the rules for it.
pub(crate) struct Ballast {
    directory: PathBuf,
    settings: Settings,
    is_there: AtomicBool,
}

impl Ballast {
    /// Of the store in `directory`; makes nothing yet.
    pub(crate) fn new(directory: &Path, settings: Settings) -> Ballast {
        let ballast = Ballast { directory: directory.to_owned(), settings, is_there: AtomicBool::new(false) };
        ballast.is_there.store(ballast.is_whole(), Ordering::Relaxed);
        ballast
    }

    /// Makes it, if it is not there and what is kept free stays free. Costs nothing while it is there.
    pub(crate) fn make_when_room(&self) {
        let bytes = self.settings.ballast_bytes;
        if bytes == 0 || self.is_there.load(Ordering::Relaxed) {
            return;
        }
        let Ok(space) = self.settings.disk.space(&self.directory) else { return };
        if space.free < disk::kept_free(&self.settings, space).saturating_add(bytes) {
            return;
        }
        match make(&self.path(), bytes) {
            Ok(()) => self.is_there.store(true, Ordering::Relaxed),
            // Half a ballast would be counted as none and take its space all the same.
            Err(error) => {
                tracing::warn!("no ballast could be made: {error}");
                self.remove();
            }
        }
    }

    /// Gives its space back when a Db must open and the disk is full.
    pub(crate) fn give_back_when_full(&self) {
        let is_full = || self.settings.disk.space(&self.directory).is_ok_and(|space| space.free < OPENING_BYTES);
        if self.is_there.load(Ordering::Relaxed) && is_full() {
            tracing::warn!("the disk is full, the ballast goes so that what is stored can be opened and read");
            self.remove();
            self.is_there.store(false, Ordering::Relaxed);
        }
    }

    /// Whether there is no space left to open anything with, the ballast's included.
    pub(crate) fn is_used_up(&self) -> bool {
        self.give_back_when_full();
        self.settings.disk.space(&self.directory).is_ok_and(|space| space.free < OPENING_BYTES_MIN)
    }

    fn remove(&self) {
        match fs::remove_file(self.path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => tracing::warn!("the ballast stays: {error}"),
            _gone => {}
        }
    }

    /// A file with holes holds no space.
    fn is_whole(&self) -> bool {
        const BLOCK_BYTES: u64 = 512;
        let bytes = self.settings.ballast_bytes;
        fs::metadata(self.path()).is_ok_and(|file| file.len() >= bytes && file.blocks() * BLOCK_BYTES >= bytes)
    }

    fn path(&self) -> PathBuf {
        self.directory.join("ballast")
    }
}

fn make(path: &Path, bytes: u64) -> io::Result<()> {
    let mut file = File::create(path)?;
    match fallocate(&file, FallocateFlags::empty(), 0, bytes) {
        Err(rustix::io::Errno::OPNOTSUPP) => {
            let chunk = vec![0; CHUNK_BYTES];
            let mut left = bytes;
            while left > 0 {
                let now = left.min(CHUNK_BYTES as u64);
                file.write_all(&chunk[..now as usize])?;
                left -= now;
            }
            file.sync_all()
        }
        done => Ok(done?),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;

    use super::*;
    use crate::disk::{DiskSpace, FreeSpace};

    const BYTES: u64 = 100_000;
    const KEPT: u64 = 64 << 20;

    struct Disk(AtomicU64);

    impl DiskSpace for Disk {
        fn space(&self, _path: &Path) -> io::Result<FreeSpace> {
            Ok(FreeSpace { free: self.0.load(Ordering::SeqCst), total: 1 << 40 })
        }
    }

    fn bed() -> (tempfile::TempDir, Arc<Disk>, Ballast) {
        let directory = tempfile::tempdir().expect("a directory");
        let disk = Arc::new(Disk(AtomicU64::new(0)));
        let owned = Arc::clone(&disk) as Arc<dyn DiskSpace>;
        let settings = Settings { ballast_bytes: BYTES, disk_free_min: Some(KEPT), disk: owned, ..Settings::default() };
        let ballast = Ballast::new(directory.path(), settings);
        (directory, disk, ballast)
    }

    #[test]
    fn it_is_made_when_there_is_room_and_never_from_what_is_kept_free() {
        let (_directory, disk, ballast) = bed();
        disk.0.store(KEPT + BYTES - 1, Ordering::SeqCst);
        ballast.make_when_room();
        assert!(!ballast.path().exists());
        disk.0.store(KEPT + BYTES, Ordering::SeqCst);
        ballast.make_when_room();
        assert!(ballast.is_whole());
    }

    #[test]
    fn it_goes_when_a_db_must_open_on_a_full_disk_and_comes_back_with_the_room() {
        let (directory, disk, ballast) = bed();
        disk.0.store(KEPT * 2, Ordering::SeqCst);
        ballast.make_when_room();
        // Another run finds it and does not make it again.
        let ballast = Ballast::new(directory.path(), ballast.settings);
        ballast.give_back_when_full();
        assert!(ballast.is_whole(), "there is room");
        disk.0.store(OPENING_BYTES - 1, Ordering::SeqCst);
        ballast.give_back_when_full();
        assert!(!ballast.path().exists());
        ballast.make_when_room();
        assert!(!ballast.path().exists(), "not before there is room");
        assert!(!ballast.is_used_up(), "enough to open with");
        disk.0.store(OPENING_BYTES_MIN - 1, Ordering::SeqCst);
        assert!(ballast.is_used_up());
        disk.0.store(KEPT * 2, Ordering::SeqCst);
        ballast.make_when_room();
        assert!(ballast.is_whole());
    }

    #[test]
    fn a_file_with_holes_is_no_ballast() {
        let (directory, _disk, ballast) = bed();
        File::create(ballast.path()).and_then(|file| file.set_len(BYTES)).expect("made");
        assert!(!Ballast::new(directory.path(), ballast.settings).is_there.load(Ordering::Relaxed));
    }
}
