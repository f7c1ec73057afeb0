//! A directory becomes a store again: blocks by their records, then what only journals hold. Not here: threads.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use model::UnixNanos;

use crate::builder::{Active, Frozen};
use crate::error::OpenError;
use crate::failpoint::failpoint;
use crate::meta::Meta;
use crate::partition::{Day, Partition};
use crate::segment::Segment;
use crate::shared::Shared;

mod catalog;
mod claims;
mod commits;
mod holes;
mod journal;
mod manifests;
mod marks;
mod serving;
#[cfg(test)]
mod tests;

/// How long reading one Db may take before it is set aside.
const READ_WAIT_MAX: Duration = Duration::from_secs(600);

/// Where the new run goes on.
#[derive(Default)]
pub(crate) struct Found {
    /// The latest group that was found, or could have been written.
    pub(crate) sequence: u64,
    pub(crate) generation_next: u32,
    pub(crate) partition_next: u32,
    /// Generations that are in no block yet.
    pub(crate) backlog: Vec<Frozen>,
    /// Journals whose spans are in blocks.
    pub(crate) retired: VecDeque<(Segment, UnixNanos)>,
    /// The partition that may get more blocks.
    pub(crate) active: Option<Active>,
}

/// Makes the directories, empties the trash, syncs what an unclean stop left in caches.
pub(crate) fn prepare(directory: &Path) -> Result<(), OpenError> {
    for name in ["journal", "part", "trash", "quarantine"] {
        let path = directory.join(name);
        fs::create_dir_all(&path).map_err(OpenError::io("cannot make a directory", &path))?;
    }
    failpoint!("prepare.directories");
    let file = fs::File::open(directory).map_err(OpenError::io("cannot read its directory", directory))?;
    rustix::fs::syncfs(&file).map_err(io::Error::from).map_err(OpenError::io("cannot sync its disk", directory))?;
    failpoint!("prepare.synced");
    empty(&directory.join("trash"))?;
    let meta = Meta::home(directory);
    if meta.path.exists() && !meta.is_ready() {
        fs::remove_dir_all(&meta.path).map_err(OpenError::io("cannot remove an unused directory", &meta.path))?;
    }
    failpoint!("prepare.done");
    Ok(())
}

fn empty(trash: &Path) -> Result<(), OpenError> {
    let failed = "cannot empty its trash";
    for entry in fs::read_dir(trash).map_err(OpenError::io(failed, trash))? {
        let path = entry.map_err(OpenError::io(failed, trash))?.path();
        fs::remove_dir_all(&path).map_err(OpenError::io(failed, &path))?;
        failpoint!("prepare.trash");
    }
    Ok(())
}

/// Looks at everything first; then decides, generation by generation, what counts; then serves it.
pub(crate) fn read(shared: &Arc<Shared>) -> Result<Found, OpenError> {
    let quarantine = shared.quarantine.directory();
    let reports = shared.quarantine.reports().map_err(OpenError::io("cannot read its quarantine", quarantine))?;
    reports.lost.into_iter().for_each(|report| shared.add_damage(report));
    reports.healed.into_iter().for_each(|report| shared.damage().heal(report));
    marks::settle(shared)?;
    let (generation_aside, partition_aside) = shared.quarantine.numbers_last();
    let mut found = Found::default();
    let (parts, journal) = (shared.directory.join("part"), shared.directory.join("journal"));
    let (partitions, _) = Partition::find(&parts).map_err(OpenError::io("cannot list its partitions", &parts))?;
    let (segments, _) = Segment::find(&journal).map_err(OpenError::io("cannot list its journal", &journal))?;
    let account = claims::open(shared, !partitions.is_empty() || !segments.is_empty());
    failpoint!("recover.account");
    let (partition_claimed, generation_claimed, group_claimed) = account.numbers_last();
    let last = partitions.last().map(|partition| partition.number).max(partition_aside).max(partition_claimed);
    found.partition_next = last.map_or(1, |last| last + 1);
    found.sequence = group_claimed;
    let dropped = account.dropped;

    let journals: Arc<BTreeSet<u32>> = Arc::new(segments.iter().map(|segment| segment.generation).collect());
    let catalogs = catalog::read(shared, partitions, &journals);
    let newest = catalogs.last().map(|catalog| Newest::of(catalog, found.partition_next));
    let seen = claims::seen(&catalogs);
    let settled = serving::settle(shared, catalogs, &journals);
    let short = account.settle(shared, &seen, &|generation| {
        settled.committed.contains_key(&generation) || journals.contains(&generation)
    });
    failpoint!("recover.opened");
    let newest = newest.filter(|newest| !short.contains(&newest.partition.number));
    found.active = newest.and_then(|newest| newest.go_on(shared));

    let last = segments.last().map(|segment| segment.generation).max(generation_aside).max(generation_claimed);
    let last = last.max(settled.committed.keys().chain(settled.broken.keys()).max().copied());
    found.generation_next = last.map_or(1, |last| last + 1);
    journal::replay(shared, segments, settled, dropped, &mut found);

    if shared.damage().reason().is_none() {
        holes::tell(shared, dropped);
    }
    failpoint!("recover.done");
    let mut index = shared.index_mut();
    found.sequence = found.sequence.max(index.watermark);
    index.watermark = found.sequence;
    tracing::info!(spans = index.spans, blocks = index.blocks.len(), groups = found.sequence, "store opened");
    drop(index);
    Ok(found)
}

/// The newest partition, which gets the next block when it is of today and can be trusted.
struct Newest {
    partition: Partition,
    block_next: u32,
    bytes: u64,
    is_sound: bool,
}

impl Newest {
    fn of(catalog: &catalog::Catalog, partition_next: u32) -> Newest {
        let records = catalog.entries.iter().filter_map(|entry| entry.record);
        Newest {
            partition: catalog.partition.clone(),
            block_next: catalog.block_next,
            bytes: records.map(|record| record.block_bytes + record.annex_bytes).sum(),
            // One that is newer was set aside.
            is_sound: catalog.is_sound && catalog.partition.number + 1 == partition_next,
        }
    }

    fn go_on(self, shared: &Shared) -> Option<Active> {
        let Newest { partition, block_next, bytes, is_sound } = self;
        let day = Day::of(shared.clock.now());
        let is_of_today = partition.home.label().starts_with(&day.to_string());
        if !is_sound || !is_of_today || shared.quarantine.has_lost(&partition.home) {
            return None;
        }
        match shared.pages.handles.promote(&partition) {
            Ok(db) => Some(Active { partition, db, day, block_next, bytes, bytes_since_open: 0 }),
            Err(reason) => {
                tracing::error!("partition {} gets no more blocks: {reason}", partition.home.label());
                None
            }
        }
    }
}

/// Work with one Db on a thread of its own: sled may panic, and may even spin for ever on pages that contradict each other.
fn guarded<T: Send + 'static>(work: impl FnOnce() -> Result<T, String> + Send + 'static) -> Result<T, String> {
    let (sender, receiver) = sync_channel(1);
    let work = move || drop(sender.send(work()));
    thread::Builder::new().name("store-open".to_owned()).spawn(work).map_err(|error| error.to_string())?;
    match receiver.recv_timeout(READ_WAIT_MAX) {
        Ok(done) => done,
        Err(RecvTimeoutError::Timeout) => Err(format!("it was not read within {READ_WAIT_MAX:?}")),
        Err(RecvTimeoutError::Disconnected) => Err("reading it panicked".to_owned()),
    }
}
