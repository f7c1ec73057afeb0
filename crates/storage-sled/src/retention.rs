//! Whole partitions go when they are too old or too much. Nothing smaller is ever deleted.

use std::io::ErrorKind;
use std::sync::{Arc, PoisonError};

use model::UnixNanos;

use crate::failpoint::failpoint;
use crate::partition::Partition;
use crate::segment::Segment;
use crate::shared::Shared;

/// Drops what the settings say. By age at most one partition at a time: a clock that jumped must not cost more before it is noticed.
pub(crate) fn retain(shared: &Shared) {
    let _retaining = shared.retaining.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(partition) = too_old(shared) {
        drop_partition(shared, &partition, "age");
    }
    while let Some(partition) = too_much(shared) {
        if !drop_partition(shared, &partition, "bytes") {
            return;
        }
    }
}

/// The oldest partition, when its last group is older than wanted. The newest is never dropped: it gets blocks.
/// One that was written while the clock was ahead is as old as the next one whose time has come.
fn too_old(shared: &Shared) -> Option<Partition> {
    let age_max = shared.settings.retention_age?;
    let now = shared.clock.now();
    let index = shared.index();
    // One that has no block yet tells nothing.
    let is_time = |written: &UnixNanos| UnixNanos(0) < *written && *written <= now;
    let written = index.partitions.values().map(|entry| entry.written_last).find(is_time)?;
    let mut partitions = index.partitions.values().rev();
    partitions.next()?;
    partitions.next_back().filter(|_| now.since(written) > age_max).map(|oldest| oldest.partition.clone())
}

fn too_much(shared: &Shared) -> Option<Partition> {
    let bytes_max = shared.settings.retention_bytes?;
    let index = shared.index();
    let bytes: u64 = index.partitions.values().map(|partition| partition.disk_bytes).sum();
    let mut partitions = index.partitions.values().rev();
    partitions.next()?;
    partitions.next_back().filter(|_| bytes > bytes_max).map(|oldest| oldest.partition.clone())
}

/// Journals of what is in a partition are kept a little; they go before it, or the next open would replay what was dropped.
fn discard_journals(shared: &Shared, partition: &Partition) {
    let (journal, trash) = (shared.directory.join("journal"), shared.directory.join("trash"));
    let blocks = Arc::clone(&shared.index().blocks);
    let of_partition = blocks.iter().filter(|block| block.partition.number == partition.number);
    for generation in of_partition.map(|block| block.record.generation) {
        let segment = Segment::at(&journal, generation);
        if let Err(error) = segment.home.discard(&trash)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!("the journal {} stays: {error}", segment.home.label());
        }
    }
}

/// Whether it is gone.
fn drop_partition(shared: &Shared, partition: &Partition, why: &str) -> bool {
    failpoint!("retain.due");
    discard_journals(shared, partition);
    // Before it goes: after a crash in between it is too much on the disk, and nothing is missed.
    shared.witness.partition_dropped(partition.number);
    if let Err(error) = partition.home.discard(&shared.directory.join("trash")) {
        tracing::error!("partition {} cannot be dropped: {error}", partition.home.label());
        return false;
    }
    failpoint!("retain.moved");
    shared.index_mut().drop_partition(partition.number);
    shared.pages.forget(partition.number);
    shared.readers_of_blocks.retain(|(known, _)| *known != partition.number);
    shared.cells.retain(|(known, ..)| *known != partition.number);
    shared.hot_columns.retain(|(known, _, _)| *known != partition.number);
    failpoint!("retain.forgotten");
    tracing::info!(partition = partition.home.label(), "dropped by {why}");
    true
}
