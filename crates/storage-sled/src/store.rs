//! The store as others hold it: threads are started here, joined here, and asked from here.

use std::fs;
use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use model::{SpanBatch, TimeRange, TraceId, TraceSkeleton};
use storage::{
    Answer, BoxFuture, Clock, Committed, Condition, EdgeSeries, EdgesQuery, Lifecycle, Names, NamesQuery, RedQuery,
    RedSeries, SearchCapabilities, SpanWriter, StorageError, StoredTrace, Subscription, TraceList, TraceQuery,
    TraceReader,
};

use crate::builder::{Builder, FROZEN_MAX};
use crate::caretaker::{self, Caretaker, Errand};
use crate::committer::Committer;
use crate::disk;
use crate::error::OpenError;
use crate::failpoint::failpoint;
use crate::format;
use crate::guard;
use crate::guard::watch::Watchdog;
use crate::lock::StoreLock;
use crate::patience::Patience;
use crate::quarantine::Quarantine;
use crate::queue::{Pending, closed};
use crate::read;
use crate::readers::Readers;
use crate::recovery;
use crate::reply;
use crate::retention;
use crate::rollup::{self, Gatherer};
use crate::settings::Settings;
use crate::shared::Shared;

/// Errands that may wait: a successor and the end, with room to spare.
const ERRANDS_MAX: usize = 8;

/// Spans in a directory of this machine.
pub struct SledStore {
    shared: Arc<Shared>,
    readers: Readers,
    errands: SyncSender<Errand>,
    /// Taken by whoever closes first.
    threads: Mutex<Threads>,
}

/// What runs while a store is open.
#[derive(Default)]
struct Threads {
    workers: Vec<JoinHandle<()>>,
    /// The watchdog ends when this goes: it watches the others to their last call.
    watchdog: Option<SyncSender<()>>,
}

impl SledStore {
    /// Opens the store in `directory`, or makes one there. Blocks while groups are replayed.
    pub fn open(directory: &Path, settings: Settings, clock: Arc<dyn Clock>) -> Result<SledStore, OpenError> {
        // Before anything is written: a newer store must not change by a byte.
        format::check_store(directory)?;
        fs::create_dir_all(directory).map_err(OpenError::io("cannot make its directory", directory))?;
        let lock = StoreLock::take(directory)?;
        failpoint!("start.locked");
        format::check_store(directory)?;
        format::write_store(directory)?;
        failpoint!("start.format");
        recovery::prepare(directory)?;
        let quarantine = Quarantine::new(directory.join("quarantine"));
        let shared = Arc::new(Shared::new(directory.to_owned(), settings, clock, lock, quarantine));
        // Opening writes, also on a disk that was full already.
        shared.opener.ballast.make_when_room();
        if shared.opener.ballast.is_used_up() {
            return Err(OpenError::Full(directory.to_owned()));
        }
        let found = recovery::read(&shared)?;
        SledStore::start(shared, found)
    }

    /// Drops what retention says now. It runs by itself too; this is for the impatient, and blocks.
    pub fn retain(&self) {
        retention::retain(&self.shared);
    }

    /// How many blocks there are, and how many spans wait to become one. For tests and for people.
    pub fn progress(&self) -> (usize, u64) {
        let index = self.shared.index();
        (index.blocks.len(), index.generations.values().map(|generation| generation.spans).sum())
    }

    /// What numbering services and names of spans in memory takes, in bytes. For tests and for people.
    pub fn names_bytes(&self) -> usize {
        self.shared.index().names_bytes()
    }

    /// How many hours lie together in a run of their own. For tests and for people.
    pub fn hours(&self) -> usize {
        self.shared.index().partitions.values().map(|partition| partition.runs.len()).sum()
    }

    fn start(shared: Arc<Shared>, found: recovery::Found) -> Result<SledStore, OpenError> {
        // A restart never appends to an old segment.
        let active = caretaker::make(&shared, found.generation_next).map_err(OpenError::Segment)?;
        failpoint!("start.made");
        let path = &active.segment.home.path;
        active.segment.mark_used(found.sequence + 1).map_err(OpenError::io("cannot mark a journal segment", path))?;
        failpoint!("start.used");
        shared.index_mut().add_generation(active.segment.clone());
        let (errands, errands_taken) = sync_channel(ERRANDS_MAX);
        let (successors_given, successors) = sync_channel(1);
        let (frozen_given, frozen) = sync_channel(FROZEN_MAX);
        let (committing_lives, counting) = rollup::start(&shared).map_err(OpenError::Thread)?;
        let caretaker = Caretaker {
            shared: Arc::clone(&shared),
            errands: errands_taken,
            successors: successors_given,
            generation_next: found.generation_next + 1,
        };
        let builder = Builder {
            shared: Arc::clone(&shared),
            frozen,
            backlog: found.backlog,
            active: found.active,
            partition_next: found.partition_next,
            gatherer: Gatherer::default(),
            retired: found.retired,
        };
        let committer =
            Committer::new(Arc::clone(&shared), active, found.sequence, errands.clone(), frozen_given, successors);
        let spawn =
            |name: &str, work: Box<dyn FnOnce() + Send>| thread::Builder::new().name(name.to_owned()).spawn(work);
        let committing = move || {
            let _lives = committing_lives;
            committer.run();
        };
        let committing = spawn("store-commit", Box::new(committing)).map_err(OpenError::Thread)?;
        let building = spawn("store-build", Box::new(move || builder.run())).map_err(OpenError::Thread)?;
        let caring = spawn("store-care", Box::new(move || caretaker.run())).map_err(OpenError::Thread)?;
        let (readers, mut workers) = Readers::start(&shared).map_err(OpenError::Thread)?;
        workers.extend([committing, building, caring, counting]);
        let (watchdog, stop) = sync_channel(1);
        let watching = Watchdog::new(Arc::clone(&shared.watch), Box::new(guard::watch::end_process));
        spawn("store-watch", Box::new(move || watching.run(&stop))).map_err(OpenError::Thread)?;
        let threads = Mutex::new(Threads { workers, watchdog: Some(watchdog) });
        failpoint!("start.running");
        Ok(SledStore { shared, readers, errands, threads })
    }

    /// Lets every thread finish what it has. Gives the threads to join to the first caller only.
    fn stop(&self) -> Threads {
        failpoint!("close.begin");
        self.shared.queue.close();
        self.readers.close();
        std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Shared, &Patience) -> T + Send + 'static,
    ) -> BoxFuture<'_, Result<T, StorageError>> {
        self.readers.ask(question)
    }
}

/// Waits for the threads, lets go of the disk, and gives the lock back. May block.
fn finish(shared: &Shared, errands: &SyncSender<Errand>, threads: Threads) -> Result<(), StorageError> {
    // When the caretaker is gone it needs no telling.
    drop(errands.send(Errand::Stop));
    let mut panicked = false;
    for thread in threads.workers {
        panicked |= thread.join().is_err();
    }
    failpoint!("close.joined");
    drop(threads.watchdog);
    shared.witness.close();
    shared.pages.handles.clear();
    failpoint!("close.handles");
    drop(shared.lock.lock().unwrap_or_else(PoisonError::into_inner).take());
    failpoint!("close.unlocked");
    match panicked {
        false => Ok(()),
        true => Err(StorageError::Io("a thread of the store had panicked, see the log".to_owned())),
    }
}

impl SpanWriter for SledStore {
    fn write(&self, batch: Arc<SpanBatch>) -> BoxFuture<'_, Result<Committed, StorageError>> {
        Box::pin(async move {
            if let Some(refusal) = self.shared.overload() {
                return Err(refusal);
            }
            let (sender, committed) = reply::channel();
            let bytes = batch.memory_bytes();
            self.shared.queue.push(Pending { batch, bytes, since: Instant::now(), sender })?;
            committed.await.unwrap_or_else(|| Err(closed()))
        })
    }

    fn refusal(&self) -> Option<StorageError> {
        self.shared.overload().or_else(|| self.shared.queue.refusal())
    }

    fn subscribe(&self) -> Subscription {
        self.shared.feed.subscribe()
    }
}

impl TraceReader for SledStore {
    fn capabilities(&self) -> SearchCapabilities {
        SearchCapabilities {
            exact_counts: true,
            order_by_duration: true,
            attributes: true,
            read_your_writes: true,
            deduplication: true,
        }
    }

    fn trace(
        &self,
        id: TraceId,
        hint: Option<TimeRange>,
    ) -> BoxFuture<'_, Result<Answer<Option<StoredTrace>>, StorageError>> {
        self.ask(move |shared, patience| read::trace::trace(shared, id, hint, patience))
    }

    fn skeleton(&self, id: TraceId) -> BoxFuture<'_, Result<Answer<Option<TraceSkeleton>>, StorageError>> {
        self.ask(move |shared, _| read::skeleton::skeleton(shared, id))
    }

    fn search(&self, query: TraceQuery) -> BoxFuture<'_, Result<Answer<TraceList>, StorageError>> {
        self.ask(move |shared, patience| read::search::search(shared, &query, patience))
    }

    fn red(&self, query: RedQuery) -> BoxFuture<'_, Result<Answer<Vec<RedSeries>>, StorageError>> {
        self.ask(move |shared, _| read::red::red(shared, &query))
    }

    fn edges(&self, query: EdgesQuery) -> BoxFuture<'_, Result<Answer<Vec<EdgeSeries>>, StorageError>> {
        self.ask(move |shared, _| read::edges::edges(shared, &query))
    }

    fn names(&self, query: NamesQuery) -> BoxFuture<'_, Result<Answer<Names>, StorageError>> {
        self.ask(move |shared, patience| read::attribute_names::names(shared, &query, patience))
    }
}

impl Lifecycle for SledStore {
    fn condition(&self) -> Condition {
        let refuses_writes = match self.shared.queue.is_closed() {
            true => Some("store is closed".to_owned()),
            false => disk::refusal(&self.shared.settings, &self.shared.directory),
        };
        let mut quarantined = self.shared.damage().sentences();
        quarantined.extend(self.shared.pages.handles.unopened.reasons(Instant::now()));
        let stalled = self.shared.watch.stalled();
        let index = self.shared.index();
        let of_blocks: u64 = index.partitions.values().map(|partition| partition.disk_bytes).sum();
        let of_journal: u64 = index.generations.values().map(|generation| generation.disk_bytes).sum();
        let disk_bytes = of_blocks + of_journal;
        Condition { refuses_writes, quarantined, stalled, spans: index.spans, disk_bytes, watermark: index.watermark }
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async move {
            let threads = self.stop();
            let (sender, finished) = reply::channel();
            if threads.workers.is_empty() {
                return Ok(());
            }
            let (shared, errands) = (Arc::clone(&self.shared), self.errands.clone());
            // Joining waits, so it gets a thread of its own.
            let closing = thread::Builder::new().name("store-close".to_owned());
            let started = closing.spawn(move || sender.send(finish(&shared, &errands, threads)));
            drop(started.map_err(|error| StorageError::Io(format!("no thread to close the store: {error}")))?);
            finished.await.unwrap_or_else(|| Err(StorageError::Io("closing the store panicked".to_owned())))
        })
    }
}

impl Drop for SledStore {
    fn drop(&mut self) {
        let threads = self.stop();
        if !threads.workers.is_empty()
            && let Err(error) = finish(&self.shared, &self.errands, threads)
        {
            tracing::error!("{error}");
        }
    }
}
