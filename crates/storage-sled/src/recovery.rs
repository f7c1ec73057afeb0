//! A directory becomes a store again: every partition opened, every group replayed, damage set aside. Not here: threads.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use model::UnixNanos;

use crate::assemble::{self, Group};
use crate::durable;
use crate::error::OpenError;
use crate::format;
use crate::index::BatchPlace;
use crate::opening;
use crate::page;
use crate::partition::Partition;
use crate::quarantine::Damaged;
use crate::shared::Shared;
use crate::sled_db::PageDb;

/// A damaged page closes its handle; after so many in one partition the whole partition is set aside.
const REOPENINGS_MAX: usize = 16;

/// How long replaying one partition may take before it is set aside.
const REPLAY_WAIT_MAX: Duration = Duration::from_secs(600);

/// Where the new run goes on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Found {
    /// The latest group that was found, or could have been written.
    pub(crate) sequence: u64,
    /// The number of the next partition.
    pub(crate) partition_next: u32,
}

/// Makes the directories, forgets what never acknowledged anything, syncs what an unclean stop left in caches.
pub(crate) fn prepare(directory: &Path) -> Result<(), OpenError> {
    for name in ["part", "trash", "quarantine"] {
        let path = directory.join(name);
        fs::create_dir_all(&path).map_err(OpenError::io("cannot make a directory", &path))?;
    }
    let file = fs::File::open(directory).map_err(OpenError::io("cannot read its directory", directory))?;
    rustix::fs::syncfs(&file).map_err(io::Error::from).map_err(OpenError::io("cannot sync its disk", directory))?;
    empty(&directory.join("trash"))?;
    let parts = directory.join("part");
    let (_, unused) = Partition::find(&parts).map_err(OpenError::io("cannot list its partitions", &parts))?;
    for path in unused {
        tracing::info!(path = %path.display(), "removed a partition that was never used");
        fs::remove_dir_all(&path).map_err(OpenError::io("cannot remove an unused partition", &path))?;
    }
    durable::sync_directory(&parts).map_err(OpenError::io("cannot sync its partitions", &parts))
}

fn empty(trash: &Path) -> Result<(), OpenError> {
    let failed = "cannot empty its trash";
    for entry in fs::read_dir(trash).map_err(OpenError::io(failed, trash))? {
        let path = entry.map_err(OpenError::io(failed, trash))?.path();
        fs::remove_dir_all(&path).map_err(OpenError::io(failed, &path))?;
    }
    Ok(())
}

/// Replays every partition into the index.
pub(crate) fn replay(shared: &Arc<Shared>) -> Result<Found, OpenError> {
    let quarantine = shared.quarantine.directory();
    for report in shared.quarantine.reports().map_err(OpenError::io("cannot read its quarantine", quarantine))? {
        shared.add_damage(report);
    }
    let parts = shared.directory.join("part");
    let (partitions, _) = Partition::find(&parts).map_err(OpenError::io("cannot list its partitions", &parts))?;
    let mut found = Found::default();
    let last = partitions.last().map(|partition| partition.name.number).max(shared.quarantine.partition_last());
    found.partition_next = last.map_or(1, |last| last + 1);
    // Damage leaves a hole in the numbers; it is reported once, where it happened.
    let mut expected: Option<u64> = None;
    for partition in partitions {
        let reached = match replay_partition(shared, &partition, expected) {
            Ok(reached) => reached,
            Err(reason) => {
                shared.index_mut().drop_partition(partition.name.number);
                let first = partition.first_group();
                shared.add_damage(shared.quarantine.take_partition(&partition, &reason));
                // Its groups are unknown: no number that it may have used is used again.
                const GROUPS_SKIPPED: u64 = 1 << 32;
                Reached { sequence: first.map_or(0, |first| first + GROUPS_SKIPPED), is_whole: false }
            }
        };
        found.sequence = found.sequence.max(reached.sequence);
        expected = reached.is_whole.then_some(found.sequence);
    }
    let mut index = shared.index_mut();
    index.watermark = found.sequence;
    tracing::info!(spans = index.spans, groups = found.sequence, "store replayed");
    Ok(found)
}

/// How far a partition goes.
struct Reached {
    sequence: u64,
    /// Whether the next group should follow on this number.
    is_whole: bool,
}

/// One partition on a thread of its own: sled may panic, and may even spin for ever on pages that contradict each other.
fn replay_partition(shared: &Arc<Shared>, partition: &Partition, expected: Option<u64>) -> Result<Reached, String> {
    format::check_manifest(&partition.manifest()?)?;
    let (sender, receiver) = sync_channel(1);
    let (replaying, owned) = (Arc::clone(shared), partition.clone());
    let work = move || drop(sender.send(Replay::new(&replaying, owned).and_then(|replay| replay.run(expected))));
    thread::Builder::new().name("store-replay".to_owned()).spawn(work).map_err(|error| error.to_string())?;
    match receiver.recv_timeout(REPLAY_WAIT_MAX) {
        Ok(reached) => reached,
        Err(RecvTimeoutError::Timeout) => Err(format!("it did not replay within {REPLAY_WAIT_MAX:?}")),
        Err(RecvTimeoutError::Disconnected) => Err("replaying it panicked".to_owned()),
    }
}

/// The replay of one partition.
struct Replay<'a> {
    shared: &'a Shared,
    partition: Partition,
    /// `None` after a read failed, until it is opened again.
    db: Option<PageDb>,
    reopenings: usize,
}

impl<'a> Replay<'a> {
    fn new(shared: &'a Shared, partition: Partition) -> Result<Replay<'a>, String> {
        let db = Some(opening::open(&partition.db_path(), shared.settings.open_wait_max)?);
        shared.index_mut().add_partition(partition.clone());
        Ok(Replay { shared, partition, db, reopenings: 0 })
    }

    fn run(mut self, mut expected: Option<u64>) -> Result<Reached, String> {
        let count = self.db()?.page_count().map_err(|error| format!("its last page cannot be read: {error}"))?;
        let mut sequence = 0;
        let mut next = 0;
        while next < count {
            match assemble::group_at(next, |number| self.page(number)) {
                Ok(group) => {
                    self.check_chain(&group, expected);
                    sequence = group.header.sequence;
                    expected = Some(sequence);
                    self.apply(&group, next);
                    next += group.pages;
                }
                Err(reason) => {
                    next = self.set_aside(next, count, reason)?;
                    expected = None;
                }
            }
        }
        let bytes = durable::disk_bytes_below(&self.partition.path);
        if let Some(counts) = self.shared.index_mut().partitions.get_mut(&self.partition.name.number) {
            counts.disk_bytes = bytes;
        }
        // An empty partition was marked as used and its process died before the first group: nothing is missing.
        let sequence = sequence.max(self.partition.first_group().map_or(0, |first| first.saturating_sub(1)));
        let is_whole = count == 0 || expected.is_some();
        Ok(Reached { sequence, is_whole })
    }

    /// Each group names the one before it, so that a lost tail is noticed by what came later.
    fn check_chain(&self, group: &Group, expected: Option<u64>) {
        if let Some(expected) = expected
            && group.header.previous > expected
        {
            let (first, last) = (expected + 1, group.header.previous);
            let report = format!("groups {first} to {last} are missing before partition {}", self.partition.label());
            tracing::error!("{report}");
            self.shared.add_damage(report);
        }
    }

    fn apply(&self, group: &Group, page_first: u64) {
        let mut index = self.shared.index_mut();
        let partition = self.partition.name.number;
        for (batch, number) in group.batches.iter().zip(0..) {
            let place = BatchPlace { sequence: group.header.sequence, partition, page_first, index: number };
            index.apply(place, batch, &self.shared.fingerprints.of_batch(batch));
        }
        if let Some(counts) = index.partitions.get_mut(&partition) {
            counts.written_last = UnixNanos(group.header.written_unix_nanos);
        }
    }

    /// Copies and reports what begins at page `first` and is no group. Returns where the next group begins.
    fn set_aside(&mut self, first: u64, count: u64, reason: String) -> Result<u64, String> {
        let mut bytes = self.page(first).ok().flatten().unwrap_or_default();
        let mut next = first + 1;
        while next < count {
            match self.page(next) {
                Ok(Some(page)) if page::parse(&page).is_some_and(|page| page.index == 0) => break,
                Ok(Some(page)) => bytes.extend(page),
                Ok(None) => {}
                Err(_) if self.reopenings > REOPENINGS_MAX => {
                    return Err(format!("more than {REOPENINGS_MAX} of its pages cannot be read"));
                }
                Err(error) => tracing::error!("{error}"),
            }
            next += 1;
        }
        let damaged = Damaged { first, bytes, reason };
        self.shared.add_damage(self.shared.quarantine.copy_group(&self.partition, &damaged));
        Ok(next)
    }

    fn page(&mut self, number: u64) -> Result<Option<Vec<u8>>, String> {
        let read = self.db()?.get(number);
        read.map_err(|error| {
            self.db = None;
            format!("page {number} cannot be read: {error}")
        })
    }

    /// The handle, opened again when a damaged page closed it.
    fn db(&mut self) -> Result<&PageDb, String> {
        if self.db.is_none() {
            self.reopenings += 1;
            if self.reopenings > REOPENINGS_MAX {
                return Err("it was reopened too often".to_owned());
            }
            self.db = Some(opening::open(&self.partition.db_path(), self.shared.settings.open_wait_max)?);
        }
        Ok(self.db.as_ref().expect("opened above"))
    }
}
