//! One thread takes what queued, puts its pages, flushes, and only then says `Committed`. The only place that writes spans.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender};
use std::time::{Duration, Instant};

use model::batch::SharedParts;
use model::{BatchBuilder, SpanBatch};
use storage::{Committed, StorageError};

use crate::block;
use crate::builder::Frozen;
use crate::caretaker::Errand;
use crate::company::Company;
use crate::content::{Fingerprint, FingerprintSet};
use crate::disk;
use crate::failpoint::failpoint;
use crate::group;
use crate::guard::mark::Mark;
use crate::index::BatchPlace;
use crate::known::Arriving;
use crate::page::{self, PAGE_BYTES};
use crate::queue::Pending;
use crate::segment::Segment;
use crate::shared::{MEMTABLES_FULL, Shared};
use crate::sled_db::{PageDb, end_process};

/// About a mebibyte of pages.
const PAGES_BETWEEN_TRIES: u64 = 64;

/// How long a group waits for room in memory before it is refused. Blocks are built in about as long; who is refused comes back
/// after seconds, in which the builder has nothing to do.
const MEMTABLES_WAIT: Duration = Duration::from_millis(500);

/// While the process has too much in memory, a memtable is full at a quarter of its bounds.
const FULL_EARLY: f64 = 4.0;

/// How often, while nobody sends, an idle committer looks how old its memtable is: so many times in its life …
const IDLE_LOOKS: u32 = 8;
/// … and between these.
const IDLE_MIN: Duration = Duration::from_millis(1);
const IDLE_MAX: Duration = Duration::from_secs(30);

/// A segment made ahead, empty and durable.
pub(crate) struct Successor {
    pub(crate) segment: Segment,
    pub(crate) db: PageDb,
    pub(crate) mark: Mark,
}

/// The writing thread.
pub(crate) struct Committer {
    shared: Arc<Shared>,
    active: Successor,
    /// Pages put into the active segment.
    pages: u64,
    /// When the first of them was; `None` while the memtable is empty.
    filling_since: Option<Instant>,
    /// The group before the next one.
    sequence: u64,
    errands: SyncSender<Errand>,
    frozen: SyncSender<Frozen>,
    /// A reason instead of a successor says that none could be made.
    successors: Receiver<Result<Successor, String>>,
    /// Whether a successor was asked for and no answer came yet.
    is_successor_asked: bool,
    /// Below this many pages no successor is asked for: after a failure it is not asked for at every group.
    pages_before_asking: u64,
    successor: Option<Successor>,
    encoder: group::Encoder,
}

/// A batch on its way through one group.
struct Prepared {
    pending: Pending,
    /// What is not stored and does not wait in this group already.
    new: Option<Arc<SpanBatch>>,
    /// Of the spans in it.
    fingerprints: Vec<Fingerprint>,
}

impl Committer {
    /// Goes on after group `sequence` with an empty memtable, whose journal is `active`.
    pub(crate) fn new(
        shared: Arc<Shared>,
        active: Successor,
        sequence: u64,
        errands: SyncSender<Errand>,
        frozen: SyncSender<Frozen>,
        successors: Receiver<Result<Successor, String>>,
    ) -> Committer {
        Committer {
            shared,
            active,
            pages: 0,
            filling_since: None,
            sequence,
            errands,
            frozen,
            successors,
            is_successor_asked: false,
            pages_before_asking: 0,
            successor: None,
            encoder: group::Encoder::new(),
        }
    }

    /// Works until the queue is closed and empty. A panic ends the process: what is durable may not be visible yet.
    pub(crate) fn run(self) {
        let _watched = self.shared.watch.enrol();
        if catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            end_process("go on committing", &std::io::Error::other("the committer panicked"));
        }
    }

    fn work(mut self) {
        let shared = Arc::clone(&self.shared);
        let bytes_max = shared.settings.group_bytes_max;
        let mut company = Company::new(shared.settings.group_wait);
        while let Some(group) = shared.queue.take(bytes_max, (company.wait(), company.expected()), self.idle_max()) {
            company.note(group.len());
            match group.is_empty() {
                // Nobody sends, and still the memtable gets older.
                true => self.roll_when_due(),
                false => {
                    failpoint!("commit.taken");
                    self.commit(group);
                }
            }
        }
        shared.feed.close();
        failpoint!("close.committed");
        if self.pages == 0 {
            self.remove_unused();
        }
    }

    /// Only the run that began a segment knows for certain that nothing was put: runs without a span leave nothing behind.
    fn remove_unused(self) {
        let Successor { segment, db, .. } = self.active;
        drop(db);
        if let Err(error) = segment.remove() {
            tracing::warn!("the empty segment {} stays: {error}", segment.home.label());
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
        if self.is_full() && self.shared.backlog.wait(MEMTABLES_WAIT) {
            self.roll_when_due();
        }
        let is_full = self.is_full();
        self.shared.memtables_full.store(is_full, Ordering::Relaxed);
        if is_full {
            for pending in group {
                pending.sender.send(Err(StorageError::Overloaded(MEMTABLES_FULL.to_owned())));
            }
            return;
        }
        let (prepared, encoded) = self.prepare(group);
        failpoint!("commit.encoded");
        if !encoded.is_empty() {
            self.write(&encoded);
        }
        let answers = self.apply(prepared);
        failpoint!("commit.visible");
        for (pending, committed) in answers {
            failpoint!("commit.ack");
            self.shared.pressure.note_commit(Instant::now(), pending.since.elapsed());
            pending.sender.send(Ok(committed));
        }
        failpoint!("commit.acked");
    }

    /// Encodes what is new, and answers at once what cannot be stored. What is known is not written again, so no replay brings
    /// it back as new.
    fn prepare(&self, group: Vec<Pending>) -> (Vec<Prepared>, Vec<Vec<u8>>) {
        let (mut prepared, mut encodings) = (Vec::with_capacity(group.len()), Vec::new());
        let mut seen = FingerprintSet::default();
        for pending in group {
            if !block::fits(&pending.batch) {
                let reason =
                    "a span has millions of attributes, events and links, and no block could hold it: send fewer";
                pending.sender.send(Err(StorageError::Unsupported(reason.to_owned())));
                continue;
            }
            let mut fingerprints = self.shared.fingerprints.of_batch(&pending.batch);
            let mut known = self.shared.index().in_memory(&fingerprints);
            known.iter_mut().zip(&fingerprints).for_each(|(known, of_row)| *known = *known || !seen.insert(*of_row));
            Arriving { batch: &pending.batch, fingerprints: &fingerprints, known: &mut known }.mark(&self.shared);
            let batch = match known.iter().filter(|known| **known).count() {
                0 => Some(Arc::clone(&pending.batch)),
                all if all == known.len() => None,
                _some => Some(Arc::new(without(&pending.batch, &known))),
            };
            match batch.as_deref().map(storage::batch::encode).transpose() {
                Ok(encoded) => encodings.extend(encoded),
                Err(error) => {
                    // What is not stored is not known: an equal span may wait behind it.
                    for (fingerprint, _new) in fingerprints.iter().zip(&known).filter(|(_, known)| !**known) {
                        seen.remove(fingerprint);
                    }
                    pending.sender.send(Err(StorageError::Unsupported(error.to_string())));
                    continue;
                }
            }
            let mut known = known.into_iter();
            fingerprints.retain(|_| !known.next().unwrap_or(false));
            prepared.push(Prepared { pending, new: batch, fingerprints });
        }
        (prepared, encodings)
    }

    /// After this the group is durable, or this process is no more.
    fn write(&mut self, encoded: &[Vec<u8>]) {
        let sequence = self.sequence + 1;
        let written = self.shared.clock.now().0;
        let bytes = self.encoder.encode(sequence, self.sequence, written, encoded);
        for page in page::cut(sequence, bytes) {
            failpoint!("commit.put");
            if let Err(error) = self.active.db.put(self.pages, &page) {
                end_process("put a page", &error);
            }
            self.pages += 1;
        }
        failpoint!("commit.flush");
        self.filling_since.get_or_insert_with(Instant::now);
        if let Err(error) = self.active.db.flush() {
            end_process("flush", &error);
        }
        failpoint!("commit.durable");
        self.active.mark.set(sequence);
        self.sequence = sequence;
    }

    /// Makes the group visible, and tells what became of each batch.
    fn apply(&mut self, prepared: Vec<Prepared>) -> Vec<(Pending, Committed)> {
        let generation = self.active.segment.generation;
        let place = BatchPlace { generation, sequence: self.sequence, written: self.shared.clock.now() };
        let mut index = self.shared.index_mut();
        let mut answers = Vec::with_capacity(prepared.len());
        let (mut news, mut bytes) = (Vec::with_capacity(prepared.len()), 0);
        for Prepared { pending, new, fingerprints } in prepared {
            failpoint!("commit.apply");
            let spans = new.clone().map_or(0, |batch| index.apply_new(place, batch, &fingerprints).spans);
            let deduplicated = pending.batch.len() as u64 - spans;
            let range = pending.batch.range();
            let committed = Committed { sequence: self.sequence, spans, deduplicated, range };
            if let Some(new) = new {
                bytes += pending.bytes;
                news.push((committed, new));
            }
            answers.push((pending, committed));
        }
        if let Some(generation) = index.generations.get_mut(&generation) {
            generation.disk_bytes = self.pages * PAGE_BYTES as u64;
        }
        drop(index);
        self.shared.feed.publish(self.sequence, news, bytes);
        answers
    }

    /// How long to wait for the next group. Not for ever when the memtable must become a block also when no more come.
    fn idle_max(&self) -> Option<Duration> {
        let age_max = self.shared.settings.generation_age_max.min(self.shared.settings.generation_age_few_max);
        self.filling_since.map(|_| (age_max / IDLE_LOOKS).clamp(IDLE_MIN, IDLE_MAX))
    }

    /// Whether all memtables together have no room.
    fn is_full(&self) -> bool {
        self.shared.index().memory_bytes() > self.shared.settings.memtables_bytes_max
    }

    /// How full the memtable is, by the bound that is nearest; 1 is full.
    fn fullness(&self) -> f64 {
        let settings = &self.shared.settings;
        let index = self.shared.index();
        let Some(generation) = index.generations.get(&self.active.segment.generation) else { return 0.0 };
        let age = self.filling_since.map_or(Duration::ZERO, |since| since.elapsed());
        let age_max = match generation.spans >= settings.generation_age_spans_min {
            true => settings.generation_age_max,
            false => settings.generation_age_few_max,
        };
        let shares = [
            age.as_secs_f64() / age_max.as_secs_f64().max(f64::MIN_POSITIVE),
            self.shared.tally.fullness(self.shared.settings.counted_cells_max),
            generation.spans as f64 / settings.generation_spans_max.max(1) as f64,
            generation.memory_bytes as f64 / settings.generation_bytes_max.max(1) as f64,
            (self.pages * PAGE_BYTES as u64) as f64 / settings.journal_bytes_max.max(1) as f64,
        ];
        let fullness = shares.into_iter().fold(0.0, f64::max);
        // Memory comes back when a memtable becomes a block; a smaller block costs some bytes on the disk.
        match self.shared.pressure.is_full(Instant::now()) {
            Some(_) => fullness * FULL_EARLY,
            None => fullness,
        }
    }

    /// Goes over to a successor that is ready; asks for one in time. Never waits for it.
    fn roll_when_due(&mut self) {
        if let Ok(answer) = self.successors.try_recv() {
            self.is_successor_asked = false;
            match answer {
                Ok(successor) => self.successor = Some(successor),
                Err(reason) => {
                    tracing::error!("no new segment could be made, the old one grows: {reason}");
                    self.pages_before_asking = self.pages + PAGES_BETWEEN_TRIES;
                }
            }
        }
        let fullness = self.fullness();
        let may_ask = self.successor.is_none() && !self.is_successor_asked && self.pages >= self.pages_before_asking;
        if fullness >= 0.5 && may_ask {
            self.is_successor_asked = self.errands.try_send(Errand::MakeSuccessor).is_ok();
        }
        if fullness >= 1.0
            && let Some(successor) = self.successor.take()
        {
            self.successor = self.roll(successor);
        }
    }

    /// Freezes the memtable and begins the next one. Gives the successor back when that is not possible now.
    fn roll(&mut self, successor: Successor) -> Option<Successor> {
        failpoint!("freeze.begin");
        if let Err(error) = successor.segment.mark_used(self.sequence + 1) {
            tracing::error!("segment {} cannot be used, the old one goes on: {error}", successor.segment.home.label());
            return Some(successor);
        }
        failpoint!("freeze.used");
        let frozen = Frozen { generation: self.active.segment.generation, journal: Some(self.active.db.clone()) };
        self.shared.backlog.add();
        if self.frozen.try_send(frozen).is_err() {
            // The builder is behind: the memtable grows on.
            self.shared.backlog.take_back();
            return Some(successor);
        }
        failpoint!("freeze.handed");
        self.shared.index_mut().add_generation(successor.segment.clone());
        failpoint!("freeze.switched");
        // The builder closes the old one: what was written stays in memory until the last handle goes, which takes a while.
        self.active = successor;
        self.pages = 0;
        self.filling_since = None;
        self.pages_before_asking = 0;
        None
    }
}

/// The spans of `batch` that are not known. At least one is not.
fn without(batch: &SpanBatch, known: &[bool]) -> SpanBatch {
    let mut parts = SharedParts::default();
    let mut builder = BatchBuilder::new();
    for (row, _known) in batch.rows().zip(known).filter(|(_, known)| !**known) {
        builder.push(&row.to_span(&mut parts));
    }
    builder.finish().expect("one span is not known")
}
