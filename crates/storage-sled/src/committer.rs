//! One thread takes what queued, puts its pages, flushes, and only then says `Committed`. The only place that writes spans.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use storage::{Committed, StorageError};

use crate::caretaker::{Errand, Retired};
use crate::content::Fingerprint;
use crate::disk;
use crate::group;
use crate::index::{Applied, BatchPlace};
use crate::page::{self, PAGE_BYTES};
use crate::partition::{Day, Partition};
use crate::queue::Pending;
use crate::shared::Shared;
use crate::sled_db::PageDb;

/// About a mebibyte of pages.
const PAGES_BETWEEN_TRIES: u64 = 64;

/// A partition made ahead, empty and durable.
pub(crate) struct Successor {
    pub(crate) partition: Partition,
    pub(crate) db: PageDb,
    pub(crate) day: Day,
}

/// The writing thread.
pub(crate) struct Committer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) active: Successor,
    /// Pages put into the active partition.
    pub(crate) pages: u64,
    /// The group before the next one.
    pub(crate) sequence: u64,
    pub(crate) errands: SyncSender<Errand>,
    /// A reason instead of a successor says that none could be made.
    pub(crate) successors: Receiver<Result<Successor, String>>,
    /// Whether a successor was asked for and no answer came yet.
    pub(crate) is_successor_asked: bool,
    /// Below this many pages no successor is asked for: after a failure it is not asked for at every group.
    pub(crate) pages_before_asking: u64,
    pub(crate) successor: Option<Successor>,
}

/// A batch on its way through one group.
struct Prepared {
    pending: Pending,
    fingerprints: Vec<Fingerprint>,
    /// Not when every span of it is stored or waits in this group already.
    is_written: bool,
}

impl Committer {
    /// Works until the queue is closed and empty. A panic ends the process: what is durable may not be visible yet.
    pub(crate) fn run(self) {
        if catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            abort("go on committing", &std::io::Error::other("the committer panicked"));
        }
    }

    fn work(mut self) {
        let shared = Arc::clone(&self.shared);
        while let Some(group) = shared.queue.take(shared.settings.group_bytes_max, shared.settings.group_wait) {
            self.commit(group);
        }
        drop(self.shared.handles.set_active(None));
        if self.pages == 0 {
            self.remove_unused();
        }
    }

    /// Only the run that began a partition knows for certain that nothing was put: runs without a span leave nothing behind.
    fn remove_unused(self) {
        let Successor { partition, db, .. } = self.active;
        drop(db);
        if let Err(error) = partition.remove() {
            tracing::warn!("the empty partition {} stays: {error}", partition.label());
        }
    }

    fn commit(&mut self, group: Vec<Pending>) {
        if let Some(refusal) = disk::refusal(&self.shared.settings, &self.shared.directory) {
            tracing::warn!("a group is refused: {refusal}");
            for pending in group {
                pending.sender.send(Err(StorageError::Unavailable(refusal.clone())));
            }
            return;
        }
        self.roll_when_due();
        let (prepared, encoded) = self.prepare(group);
        let page_first = self.pages;
        if !encoded.is_empty() {
            self.write(&encoded);
        }
        for (pending, committed) in self.apply(prepared, page_first) {
            pending.sender.send(Ok(committed));
        }
    }

    /// Encodes what is new, and answers at once what cannot be stored.
    fn prepare(&self, group: Vec<Pending>) -> (Vec<Prepared>, Vec<Vec<u8>>) {
        let (mut prepared, mut encodings) = (Vec::with_capacity(group.len()), Vec::new());
        let mut seen: HashSet<Fingerprint> = HashSet::new();
        for pending in group {
            let encoded = match storage::batch::encode(&pending.batch) {
                Ok(encoded) => encoded,
                Err(error) => {
                    pending.sender.send(Err(StorageError::Unsupported(error.to_string())));
                    continue;
                }
            };
            let fingerprints = self.shared.fingerprints.of_batch(&pending.batch);
            let is_new = {
                let index = self.shared.index();
                let mut is_new = false;
                for fingerprint in &fingerprints {
                    is_new |= !index.knows(*fingerprint) && seen.insert(*fingerprint);
                }
                is_new
            };
            encodings.extend(is_new.then_some(encoded));
            prepared.push(Prepared { pending, fingerprints, is_written: is_new });
        }
        (prepared, encodings)
    }

    /// After this the group is durable, or this process is no more.
    fn write(&mut self, encoded: &[Vec<u8>]) {
        let sequence = self.sequence + 1;
        let written = self.shared.clock.now().0;
        let bytes = group::encode(sequence, self.sequence, written, encoded);
        for page in page::cut(sequence, &bytes) {
            if let Err(error) = self.active.db.put(self.pages, &page) {
                abort("put a page", &error);
            }
            self.pages += 1;
        }
        if let Err(error) = self.active.db.flush() {
            abort("flush", &error);
        }
        self.sequence = sequence;
    }

    /// Makes the group visible, and tells what became of each batch.
    fn apply(&mut self, prepared: Vec<Prepared>, page_first: u64) -> Vec<(Pending, Committed)> {
        let written_last = self.shared.clock.now();
        let mut index = self.shared.index_mut();
        let mut place =
            BatchPlace { sequence: self.sequence, partition: self.active.partition.name.number, page_first, index: 0 };
        let mut committed = Vec::with_capacity(prepared.len());
        for Prepared { pending, fingerprints, is_written } in prepared {
            let mut applied = Applied { spans: 0, deduplicated: fingerprints.len() as u64 };
            if is_written {
                let number;
                (number, applied) = index.apply(place, &pending.batch, &fingerprints);
                place.index += 1;
                self.shared.cache.put(number, Arc::clone(&pending.batch));
            }
            let range = pending.batch.range();
            let Applied { spans, deduplicated } = applied;
            committed.push((pending, Committed { sequence: self.sequence, spans, deduplicated, range }));
        }
        if let Some(counts) = index.partitions.get_mut(&place.partition) {
            counts.written_last = written_last;
            counts.disk_bytes = self.pages * PAGE_BYTES as u64;
        }
        committed
    }

    /// Goes over to a successor that is ready; asks for one in time. Never waits for it.
    fn roll_when_due(&mut self) {
        let today = Day::of(self.shared.clock.now());
        let bytes = self.pages * PAGE_BYTES as u64;
        let bytes_max = self.shared.settings.partition_bytes_max;
        let is_new_day = self.pages > 0 && self.active.day != today;
        if let Ok(answer) = self.successors.try_recv() {
            self.is_successor_asked = false;
            match answer {
                Ok(successor) => self.successor = Some(successor),
                Err(reason) => {
                    tracing::error!("no new partition could be made, the old one grows: {reason}");
                    self.pages_before_asking = self.pages + PAGES_BETWEEN_TRIES;
                }
            }
        }
        let is_wanted = is_new_day || bytes >= bytes_max / 2;
        let may_ask = self.successor.is_none() && !self.is_successor_asked && self.pages >= self.pages_before_asking;
        if is_wanted && may_ask {
            self.is_successor_asked = self.errands.try_send(Errand::MakeSuccessor).is_ok();
        }
        if (is_new_day || bytes >= bytes_max)
            && let Some(successor) = self.successor.take()
        {
            // Made yesterday, perhaps: it counts from now.
            self.roll(Successor { day: today, ..successor });
        }
    }

    fn roll(&mut self, successor: Successor) {
        let number = successor.partition.name.number;
        if let Err(error) = successor.partition.mark_used(self.sequence + 1) {
            tracing::error!("partition {} cannot be used, the old one goes on: {error}", successor.partition.label());
            return;
        }
        tracing::info!(partition = successor.partition.label(), "rolled to a new partition");
        self.shared.index_mut().add_partition(successor.partition.clone());
        let readers = self.shared.handles.set_active(Some((number, successor.db.clone())));
        let old = std::mem::replace(&mut self.active, successor);
        self.pages = 0;
        self.pages_before_asking = 0;
        // What was written stays in memory until the last handle goes, which takes a while: not on this thread.
        let retired = Retired { writer: old.db, readers, partition: old.partition };
        if self.errands.try_send(Errand::LetGo(Box::new(retired))).is_err() {
            tracing::warn!("the caretaker is busy, the old partition is closed here");
        }
    }
}

/// A failed flush leaves sled waiting for ever: the process must go and come back, the groups on disk are replayed.
fn abort(action: &str, error: &std::io::Error) -> ! {
    tracing::error!("cannot {action}, this process ends so that nothing unwritten is acknowledged: {error}");
    process::abort()
}
