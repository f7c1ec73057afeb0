//! One thread that turns frozen memtables into blocks, and lets go of their journals. The only place that writes partitions.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use model::{SpanDuration, UnixNanos};

use crate::blocks::StoredBlock;
use crate::build::{Build, Built, Failure};
use crate::catalog::Record;
use crate::disk;
use crate::durable;
use crate::failpoint::failpoint;
use crate::keys::{page_of_block, record_copy};
use crate::known;
use crate::pages;
use crate::partition::{Day, Partition};
use crate::rollup::{Gatherer, Names, gather_all};
use crate::segment::Segment;
use crate::shared::Shared;
use crate::sled_db::{PageDb, end_process};

/// Frozen memtables that may wait. With the one being built and the one being filled, so many times its bound is in memory.
pub(crate) const FROZEN_MAX: usize = 1;

/// What is put between two flushes: a mebibyte.
const PAGES_PER_FLUSH: usize = 16;

/// How long the builder waits before it tries again what the disk refused.
const RETRY_WAIT: Duration = Duration::from_secs(1);

/// How long a journal is kept after its spans went into a block. A client that heard no answer asks again well within it.
const JOURNAL_KEPT: SpanDuration = SpanDuration(60_000_000_000);

/// A memtable that takes no more spans.
pub(crate) struct Frozen {
    pub(crate) generation: u32,
    /// The handle of its journal, when this run wrote it.
    pub(crate) journal: Option<PageDb>,
}

/// The partition that gets the next block.
pub(crate) struct Active {
    pub(crate) partition: Partition,
    pub(crate) db: PageDb,
    pub(crate) day: Day,
    pub(crate) block_next: u32,
    /// Bytes of all its pages.
    pub(crate) bytes: u64,
    /// Bytes put since it was opened: they stay in memory until it is opened anew.
    pub(crate) bytes_since_open: u64,
}

/// Why a memtable is no block yet.
enum Trouble {
    /// The disk may do later what it does not do now.
    Passing(String),
    /// The spans themselves cannot be built.
    Lasting(Failure),
}

/// The thread.
pub(crate) struct Builder {
    pub(crate) shared: Arc<Shared>,
    pub(crate) frozen: Receiver<Frozen>,
    /// What the run before left behind.
    pub(crate) backlog: Vec<Frozen>,
    pub(crate) active: Option<Active>,
    pub(crate) partition_next: u32,
    pub(crate) gatherer: Gatherer,
    /// Journals whose spans are in blocks, and since when. Kept a little: after a crash they tell what clients may send again.
    pub(crate) retired: VecDeque<(Segment, UnixNanos)>,
}

impl Builder {
    /// Works until the store closes. What is not built then is replayed on the next open.
    pub(crate) fn run(mut self) {
        let _watched = self.shared.watch.enrol();
        let found = std::mem::take(&mut self.backlog);
        found.iter().for_each(|_| self.shared.backlog.add());
        for frozen in found {
            failpoint!("recover.backlog");
            self.take(frozen);
        }
        known::learn(&self.shared);
        loop {
            match self.frozen.recv_timeout(RETRY_WAIT) {
                Ok(frozen) => self.take(frozen),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.leave_damaged();
            if let Some(active) = &mut self.active {
                self.gatherer.gather_when_due(&self.shared, active);
            }
            self.discard_when_due();
            self.shared.opener.ballast.make_when_room();
        }
        self.shared.pages.handles.set_active(None);
        failpoint!("close.built");
    }

    fn discard_when_due(&mut self) {
        let now = self.shared.clock.now();
        while let Some((segment, since)) = self.retired.front_mut() {
            // A clock that was set back must not keep journals until it has caught up.
            *since = now.min(*since);
            if now.since(*since) < JOURNAL_KEPT {
                return;
            }
            failpoint!("journal.due");
            // Retention may have been faster.
            if let Err(error) = segment.home.discard(&self.shared.directory.join("trash"))
                && error.kind() != ErrorKind::NotFound
            {
                // The next open finds it, and tries again.
                tracing::warn!("the journal {} stays: {error}", segment.home.label());
            }
            failpoint!("journal.discarded");
            self.retired.pop_front();
        }
    }

    fn take(&mut self, frozen: Frozen) {
        self.replace(frozen);
        self.shared.memtables_full.store(false, Ordering::Relaxed);
        self.shared.backlog.done();
    }

    fn replace(&mut self, frozen: Frozen) {
        drop(frozen.journal);
        let number = frozen.generation;
        let mut refused = None;
        while self.shared.settings.builds_blocks && !self.shared.queue.is_closed() {
            if let Some(refusal) = disk::refusal_of_builder(&self.shared.settings, &self.shared.directory) {
                // Said once, not every second: the numbers in it change all the time.
                refused.get_or_insert_with(|| tracing::warn!("no block is built for now: {refusal}"));
            } else {
                match self.build(number) {
                    Ok(()) => return,
                    Err(Trouble::Lasting(error)) => {
                        // It stays in memory and in its journal, and is read from there; the next run tries again.
                        tracing::error!("generation {number} becomes no block: {error}");
                        return;
                    }
                    Err(Trouble::Passing(reason)) => {
                        tracing::error!("generation {number} waits to become a block: {reason}");
                    }
                }
            }
            // Closing ends the wait at once.
            self.shared.queue.wait_until_closed(RETRY_WAIT);
        }
    }

    /// From here to the last line a crash at any point leaves either the journal or the records to go by.
    fn build(&mut self, number: u32) -> Result<(), Trouble> {
        let Some(build) = Build::of(&self.shared, number) else { return Ok(()) };
        failpoint!("build.begin");
        // Before anybody can see the block: whoever waits for it may then wait for the end of its journal.
        let since = self.shared.clock.now();
        if !build.is_empty() {
            // Spans that the encoder cannot stand must not end the thread that all others need.
            let built = catch_unwind(AssertUnwindSafe(|| build.blocks(&self.shared)));
            let built = built.unwrap_or(Err(Failure::Panicked)).map_err(Trouble::Lasting)?;
            let (built, names) = built;
            failpoint!("build.encoded");
            let blocks = self.write(&built).map_err(Trouble::Passing)?;
            failpoint!("build.opened");
            let split: Vec<u64> = built.iter().flat_map(|built| built.split.iter().copied()).collect();
            self.shared.index_mut().replace_generation(number, blocks, &names, &split);
            known::learn(&self.shared);
        } else {
            self.shared.index_mut().replace_generation(number, Vec::new(), &Names::default(), &[]);
        }
        failpoint!("build.replaced");
        self.retired.push_back((build.segment, since));
        failpoint!("build.retired");
        self.recycle_when_due();
        Ok(())
    }

    /// Pages, flush, records, flush: the last one commits all blocks of the generation together.
    fn write(&mut self, built: &[Built]) -> Result<Vec<Arc<StoredBlock>>, String> {
        self.roll_when_due()?;
        let shared = Arc::clone(&self.shared);
        let active = self.active.as_mut().expect("made when there was none");
        let mut records: Vec<(u32, Record)> = Vec::with_capacity(built.len());
        for built in built {
            let block = active.block_next;
            active.block_next += 1;
            active.put(block, built);
            records.push((block, built.record));
        }
        for (block, record) in &records {
            failpoint!("build.record");
            let put = active.db.put_record(*block, &record.encode());
            put.unwrap_or_else(|error| end_process("put the record of a block", &error));
        }
        failpoint!("build.records");
        active.flush();
        failpoint!("build.committed");
        // From here on it is missed when it is not there; the journal stays at least as long.
        let witnessed = records.iter().map(|(block, record)| (*block, record));
        shared.witness.blocks_made(active.partition.number, witnessed);
        let bytes = active.bytes;
        if let Some(entry) = shared.index_mut().partitions.get_mut(&active.partition.number) {
            entry.disk_bytes = bytes;
        }
        let open = |(block, record): &(u32, Record)| {
            StoredBlock::open(active.partition.clone(), *block, *record, &shared.pages, &shared.readers_of_blocks)
                .map(Arc::new)
        };
        // It is durable and committed. If it does not read back now, the memory cannot be trusted with it.
        let opened: Result<Vec<_>, _> = records.iter().map(open).collect();
        opened.map_err(|error| {
            end_process("read a block that was just written", &std::io::Error::other(error.to_string()))
        })
    }

    /// After a page could not be read nothing can be written through that handle, and readers wait for it to be closed.
    /// Nothing waits in it: this thread writes, and it is not writing now.
    fn leave_damaged(&mut self) {
        let handles = &self.shared.pages.handles;
        if let Some(left) = self.active.take_if(|active| !handles.is_active(active.partition.number)) {
            tracing::warn!(partition = left.partition.home.label(), "gets no more blocks: one of its pages is damaged");
        }
    }

    fn roll_when_due(&mut self) -> Result<(), String> {
        self.leave_damaged();
        let today = Day::of(self.shared.clock.now());
        let bytes_max = self.shared.settings.partition_bytes_max;
        if self.active.as_ref().is_some_and(|active| active.day == today && active.bytes < bytes_max) {
            return Ok(());
        }
        failpoint!("partition.due");
        if let Some(active) = &mut self.active {
            gather_all(&self.shared, active);
        }
        let parts = self.shared.directory.join("part");
        let number = self.partition_next;
        // A number is not tried twice: a half-made directory may be in the way.
        self.partition_next += 1;
        let (partition, db) = Partition::create(&parts, number, self.shared.clock.now(), &self.shared.opener)?;
        failpoint!("partition.created");
        self.shared.witness.partition_made(number);
        tracing::info!(partition = partition.home.label(), "began a partition");
        self.shared.index_mut().add_partition(partition.clone());
        let before = self.shared.pages.handles.set_active(Some((number, db.clone())));
        failpoint!("partition.added");
        let active = Active { partition, db, day: today, block_next: 1, bytes: 0, bytes_since_open: 0 };
        if let Some(old) = self.active.replace(active) {
            drop(before);
            drop(old.db);
            failpoint!("partition.closed");
            let bytes = durable::disk_bytes_below(&old.partition.home.path);
            if let Some(entry) = self.shared.index_mut().partitions.get_mut(&old.partition.number) {
                entry.disk_bytes = bytes;
            }
        }
        Ok(())
    }

    /// Everything written stays in memory until the last handle goes.
    fn recycle_when_due(&mut self) {
        let due = self.active.take_if(|active| active.bytes_since_open >= self.shared.settings.recycle_bytes);
        let Some(Active { partition, db, day, block_next, bytes, .. }) = due else { return };
        failpoint!("recycle.due");
        match self.shared.pages.handles.reopen_active(&partition, db) {
            Ok(db) => {
                failpoint!("recycle.opened");
                self.active = Some(Active { partition, db, day, block_next, bytes, bytes_since_open: 0 });
            }
            // Readers open it by themselves, or report why not; the next block begins a new partition.
            Err(reason) => tracing::error!("partition {} does not open again: {reason}", partition.home.label()),
        }
    }
}

// === impl Active ===

impl Active {
    fn put(&mut self, block: u32, Built { bytes, record, .. }: &Built) {
        let mut since_flush = 0;
        for (number, page) in (0u32..).zip(pages::cut(bytes)) {
            failpoint!("build.page");
            if let Err(error) = self.db.put(page_of_block(block, number), page) {
                end_process("put a page of a block", &error);
            }
            since_flush += 1;
            if since_flush == PAGES_PER_FLUSH {
                failpoint!("build.batch");
                self.flush();
                failpoint!("build.batch_flushed");
                since_flush = 0;
            }
        }
        if let Err(error) = self.db.put(record_copy(block), &record.encode()) {
            end_process("put the copy of a record", &error);
        }
        failpoint!("build.pages");
        self.flush();
        failpoint!("build.pages_flushed");
        self.bytes += bytes.len() as u64;
        self.bytes_since_open += bytes.len() as u64;
    }

    fn flush(&self) {
        if let Err(error) = self.db.flush() {
            end_process("flush a partition", &error);
        }
    }
}
