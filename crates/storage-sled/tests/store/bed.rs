//! A store in a temporary directory, with a clock and a disk that the test owns.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use model::UnixNanos;
use storage::conformance::Bed;
use storage::conformance::bed::{block_on, write};
use storage::conformance::data::{DAY, timed};
use storage::{Clock, Lifecycle, Store};
use storage_sled::{DiskSpace, FreeSpace, Settings, SledStore};
use tempfile::TempDir;

/// A clock that stands until it is moved.
pub(crate) struct TestClock(pub(crate) AtomicU64);

impl Clock for TestClock {
    fn now(&self) -> UnixNanos {
        UnixNanos(self.0.load(Ordering::SeqCst))
    }
}

/// A disk whose free space the test sets.
pub(crate) struct TestDisk(pub(crate) AtomicU64);

impl DiskSpace for TestDisk {
    fn space(&self, _path: &Path) -> io::Result<FreeSpace> {
        Ok(FreeSpace { free: self.0.load(Ordering::SeqCst), total: 100 << 30 })
    }
}

pub(crate) struct SledBed {
    pub(crate) directory: TempDir,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) disk: Arc<TestDisk>,
    pub(crate) store: Option<Arc<SledStore>>,
}

impl SledBed {
    pub(crate) fn new(change: impl FnOnce(&mut Settings)) -> SledBed {
        let mut bed = SledBed::unopened(change);
        bed.open();
        bed
    }

    /// An empty directory, for a store that comes from elsewhere.
    pub(crate) fn unopened(change: impl FnOnce(&mut Settings)) -> SledBed {
        let disk = Arc::new(TestDisk(AtomicU64::new(50 << 30)));
        let owned = Arc::clone(&disk) as Arc<dyn DiskSpace>;
        let mut settings = Settings { disk: owned, ballast_bytes: 100_000, ..Settings::default() };
        change(&mut settings);
        let directory = tempfile::tempdir().expect("a directory");
        let clock = Arc::new(TestClock(AtomicU64::new(DAY.0)));
        SledBed { directory, settings, clock, disk, store: None }
    }

    /// Other threads bring it about. A claim that never comes true fails instead of waiting for ever.
    pub(crate) fn until(&self, is_so: impl Fn(&SledBed) -> bool) {
        const WAIT_MAX: Duration = Duration::from_secs(300);
        /// Between two looks the processor is left to those threads.
        const LOOK_WAIT: Duration = Duration::from_millis(1);
        let began = Instant::now();
        while !is_so(self) {
            assert!(began.elapsed() < WAIT_MAX, "it never came about");
            std::thread::park_timeout(LOOK_WAIT);
        }
    }

    pub(crate) fn open(&mut self) {
        let clock = Arc::clone(&self.clock) as Arc<dyn Clock>;
        let store = SledStore::open(self.directory.path(), self.settings.clone(), clock).expect("the store opens");
        self.store = Some(Arc::new(store));
    }

    pub(crate) fn close(&mut self) {
        if let Some(store) = self.store.take() {
            block_on(store.close()).expect("the store closes");
        }
    }

    pub(crate) fn sled(&self) -> &SledStore {
        self.store.as_ref().expect("open")
    }

    /// Writes trace `n` and waits until it is in a block. The memtable must be full with one span.
    pub(crate) fn block(&self, n: u8) {
        let (before, _) = self.sled().progress();
        // The successor and the block are made by other threads. A span that is known already starts no group, however often it comes.
        for _try in 0..1_000_000 {
            write(self.sled(), &[timed(n, 1, n.into(), 1)]);
            if self.sled().progress().0 > before {
                return;
            }
        }
        panic!("no new block");
    }

    /// Directories of partitions, sorted.
    pub(crate) fn partitions(&self) -> Vec<std::path::PathBuf> {
        self.homes("part")
    }

    /// Directories of journal segments, sorted.
    pub(crate) fn segments(&self) -> Vec<std::path::PathBuf> {
        self.homes("journal")
    }

    fn homes(&self, of: &str) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(self.directory.path().join(of)).expect("exists");
        let mut paths: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
        paths.sort();
        paths
    }
}

/// Copies what is below a directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a directory").flatten() {
        let target = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => {
                std::fs::create_dir_all(&target).expect("makes");
                copy(&entry.path(), &target);
            }
            false => drop(std::fs::copy(entry.path(), target).expect("copies")),
        }
    }
}

impl Bed for SledBed {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(self.store.as_ref().expect("open")) as Arc<dyn Store>
    }

    fn reopen(&mut self) -> bool {
        self.close();
        self.open();
        true
    }

    fn random_cases(&self) -> u32 {
        // Without a cache each question reads pages.
        if self.settings.cache_bytes_max == 0 { 8 } else { 32 }
    }
}
