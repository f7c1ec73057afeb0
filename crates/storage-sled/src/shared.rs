//! What the threads of a store share. Not here: the threads.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use model::SpanBatch;
use storage::{Clock, Completeness};

use crate::assemble;
use crate::cache::BatchCache;
use crate::content::Fingerprints;
use crate::handles::Handles;
use crate::index::Index;
use crate::lock::StoreLock;
use crate::quarantine::Quarantine;
use crate::queue::Queue;
use crate::settings::Settings;

/// One per open store.
pub(crate) struct Shared {
    pub(crate) directory: PathBuf,
    pub(crate) settings: Settings,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) queue: Queue,
    pub(crate) handles: Handles,
    pub(crate) cache: BatchCache,
    pub(crate) fingerprints: Fingerprints,
    pub(crate) quarantine: Quarantine,
    index: RwLock<Index>,
    /// What is known to be missing or damaged, each as one sentence.
    damage: Mutex<Vec<String>>,
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
        Shared {
            queue: Queue::new(settings.queue_bytes_max),
            handles: Handles::new(settings.partitions_open_max, settings.open_wait_max),
            cache: BatchCache::new(settings.cache_bytes_max),
            fingerprints: Fingerprints::default(),
            quarantine,
            index: RwLock::default(),
            damage: Mutex::default(),
            retaining: Mutex::new(()),
            lock: Mutex::new(Some(lock)),
            directory,
            settings,
            clock,
        }
    }

    pub(crate) fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn index_mut(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn damage(&self) -> MutexGuard<'_, Vec<String>> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers damage once.
    pub(crate) fn add_damage(&self, report: String) {
        let mut damage = self.damage();
        if !damage.contains(&report) {
            damage.push(report);
        }
    }

    /// A decoded batch, from memory or from its pages; `None` when retention dropped it meanwhile.
    pub(crate) fn batch(&self, number: u32) -> Result<Option<Arc<SpanBatch>>, String> {
        if let Some(batch) = self.cache.get(number) {
            return Ok(Some(batch));
        }
        let (place, partition) = {
            let index = self.index();
            let place = index.batches[number as usize];
            match index.partitions.get(&place.partition) {
                Some(counts) => (place, counts.partition.clone()),
                None => return Ok(None),
            }
        };
        match assemble::group_at(place.page_first, |page| self.handles.page(&partition, page)) {
            Ok(group) => {
                // Batches of a group are numbered one after the other.
                let first = number - place.index;
                for (batch, index) in group.batches.into_iter().zip(first..) {
                    self.cache.put(index, Arc::new(batch));
                }
                self.cache.get(number).map_or_else(|| self.batch_alone(number), |batch| Ok(Some(batch)))
            }
            Err(_) if !self.index().partitions.contains_key(&place.partition) => Ok(None),
            Err(reason) => {
                let report = format!("partition {}: {reason}", partition.label());
                tracing::error!("{report}");
                self.add_damage(report.clone());
                Err(report)
            }
        }
    }

    /// For a batch that is larger than the whole cache.
    fn batch_alone(&self, number: u32) -> Result<Option<Arc<SpanBatch>>, String> {
        let index = self.index();
        let place = index.batches[number as usize];
        let Some(partition) = index.partitions.get(&place.partition).map(|counts| counts.partition.clone()) else {
            return Ok(None);
        };
        drop(index);
        let group = assemble::group_at(place.page_first, |page| self.handles.page(&partition, page))?;
        Ok(group.batches.into_iter().nth(place.index as usize).map(Arc::new))
    }

    /// How complete an answer is that read everything up to `watermark`, less what is damaged.
    pub(crate) fn completeness(&self, matched: u64, scanned: u64, watermark: u64) -> Completeness {
        let damage = self.damage();
        let reason = match damage.as_slice() {
            [] => None,
            [only] => Some(only.clone()),
            [first, others @ ..] => Some(format!("{first}, and {} more", others.len())),
        };
        Completeness { matched, scanned, complete: reason.is_none(), watermark, reason }
    }
}
