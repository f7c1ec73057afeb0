//! What the threads of a store share. Not here: the threads.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use storage::{Clock, Completeness, Feed, StorageError};

use crate::backlog::Backlog;
use crate::block::BlockError;
use crate::blocks::{Readers, StoredBlock};
use crate::cache::Cache;
use crate::content::Fingerprints;
use crate::damage::Damage;
use crate::guard::ballast::Ballast;
use crate::guard::watch::Watch;
use crate::handles::Handles;
use crate::hot::HotColumns;
use crate::index::Index;
use crate::lock::StoreLock;
use crate::opening::Opener;
use crate::pages::{Pages, UNOPENED};
use crate::pressure::Pressure;
use crate::quarantine::{Damaged, Quarantine};
use crate::queue::Queue;
use crate::rollup::{CellCache, Tally};
use crate::settings::Settings;
use crate::witness::Witness;

/// Said to writers while the builder is behind.
pub(crate) const MEMTABLES_FULL: &str = "spans arrive faster than blocks are built, try again in some seconds";

/// One per open store.
pub(crate) struct Shared {
    pub(crate) directory: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    /// What every Db is opened with.
    pub(crate) opener: Opener,
    pub(crate) watch: Arc<Watch>,
    pub(crate) witness: Witness,
    pub(crate) queue: Queue,
    /// What was just committed.
    pub(crate) feed: Arc<Feed>,
    pub(crate) pressure: Pressure,
    /// Memtables on their way to become blocks.
    pub(crate) backlog: Backlog,
    /// Whether memtables took more than they may when a group came last.
    pub(crate) memtables_full: AtomicBool,
    pub(crate) pages: Arc<Pages>,
    pub(crate) readers_of_blocks: Arc<Readers>,
    pub(crate) cells: CellCache,
    pub(crate) tally: Tally,
    pub(crate) hot_columns: HotColumns,
    pub(crate) fingerprints: Fingerprints,
    pub(crate) quarantine: Quarantine,
    index: RwLock<Index>,
    damage: Mutex<Damage>,
    /// Held while retention runs: the caretaker and an impatient caller must not drop the same partition.
    pub(crate) retaining: Mutex<()>,
    /// Taken away on close, which frees the directory for the next process.
    pub(crate) lock: Mutex<Option<StoreLock>>,
}

impl Shared {
    pub(crate) fn new(
        directory: PathBuf,
        settings: Settings,
        clock: Arc<dyn Clock>,
        lock: StoreLock,
        quarantine: Quarantine,
    ) -> Shared {
        let ballast = Arc::new(Ballast::new(&directory, settings.clone()));
        let opener = Opener { wait_max: settings.open_wait_max, ballast };
        let handles = Handles::new(settings.partitions_open_max, opener.clone());
        Shared {
            queue: Queue::new(settings.queue_bytes_max),
            feed: Feed::new(settings.feed_bytes_max),
            backlog: Backlog::default(),
            memtables_full: AtomicBool::new(false),
            pressure: Pressure::new(Arc::clone(&settings.memory), settings.resident_bytes_max),
            cells: Cache::new(settings.cells_bytes_max),
            tally: Tally::default(),
            pages: Arc::new(Pages::new(handles, settings.cache_bytes_max / 8)),
            readers_of_blocks: Arc::new(Cache::new(settings.cache_bytes_max / 8 * 3)),
            hot_columns: Cache::new(settings.cache_bytes_max / 2),
            fingerprints: Fingerprints::default(),
            quarantine,
            index: RwLock::new(Index::new(&settings)),
            damage: Mutex::default(),
            retaining: Mutex::new(()),
            lock: Mutex::new(Some(lock)),
            directory,
            settings,
            clock,
            opener,
            watch: Arc::default(),
            witness: Witness::default(),
        }
    }

    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why spans should not come now, if they should not. Waits for no lock that is held while something is done.
    pub(crate) fn overload(&self) -> Option<StorageError> {
        let now = Instant::now();
        // Refusing makes room only while a memtable becomes a block. Otherwise it might never end: the system does not always take
        // back what was given back.
        let makes_room = !self.backlog.is_empty();
        let memtables = || self.memtables_full.load(Ordering::Relaxed).then(|| MEMTABLES_FULL.to_owned());
        let room = || memtables().or_else(|| self.pressure.is_full(now)).filter(|_| makes_room);
        let reason = self.pressure.is_slow(now).or_else(room)?;
        Some(StorageError::Overloaded(reason))
    }

    pub(crate) fn damage(&self) -> MutexGuard<'_, Damage> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers once that something is missing: answers are incomplete from now on.
    pub(crate) fn add_damage(&self, report: String) {
        self.damage().lose(report);
    }

    /// What a block could not give is damage: it is said once, and answers are incomplete from now on. Unless its partition only
    /// does not open for now: `unopened` tells of that.
    pub(crate) fn note_damage(&self, block: &StoredBlock, error: &BlockError) {
        if matches!(error, BlockError::Source(error) if error.kind() == UNOPENED) {
            return;
        }
        block.damage.get_or_init(|| {
            // Dropped by retention while it was read: nothing is missing.
            if !self.index().partitions.contains_key(&block.partition.number) {
                return String::new();
            }
            // On disk too: the next run must not add blocks to a partition that cannot be trusted.
            let name = format!("block {}", block.number);
            let damaged = Damaged { name, bytes: Vec::new(), reason: error.to_string() };
            let report = self.quarantine.copy(&block.partition.home, &damaged);
            self.add_damage(report.clone());
            report
        });
    }

    /// How complete an answer is that read everything up to `watermark`, less what is damaged.
    pub(crate) fn completeness(&self, matched: u64, scanned: u64, watermark: u64) -> Completeness {
        let reason = self.damage().reason();
        let reason = reason.or_else(|| self.pages.handles.unopened.reasons(Instant::now()).into_iter().next());
        Completeness { matched, scanned, complete: reason.is_none(), watermark, reason }
    }
}
