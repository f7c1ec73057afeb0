//! What was found is judged, told and served: the blocks that count go into the index, damage goes into reports.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::catalog::{Catalog, Entry, Opened};
use super::commits::{self, Candidate, Choice};
use crate::durable;
use crate::partition::Partition;
use crate::quarantine::Damaged;
use crate::rollup::Runs;
use crate::shared::Shared;

/// What became of the generations that have records.
#[derive(Default)]
pub(super) struct Settled {
    /// Those in blocks for good, with their last groups.
    pub(super) committed: BTreeMap<u32, u64>,
    /// Those whose blocks are damaged while there is a journal: it is tried first.
    pub(super) broken: BTreeMap<u32, Broken>,
}

/// A commit that is not whole.
#[derive(Default)]
pub(super) struct Broken {
    entries: Vec<(Partition, Entry)>,
    parts_missing: u32,
    /// The last group of the generation.
    pub(super) group_last: u64,
}

/// Serves the blocks that count, and tells of those that are damaged.
pub(super) fn settle(shared: &Shared, catalogs: Vec<Catalog>, journals: &BTreeSet<u32>) -> Settled {
    for catalog in &catalogs {
        let mut index = shared.index_mut();
        index.add_partition(catalog.partition.clone());
        let entry = index.partitions.get_mut(&catalog.partition.number).expect("added above");
        entry.disk_bytes = durable::disk_bytes_below(&catalog.partition.home.path);
    }
    let mut runs: Vec<(u32, Runs)> = Vec::new();
    let candidates: Vec<Candidate> = catalogs.iter().flat_map(Catalog::candidates).collect();
    let choices = commits::choose(&candidates);
    let mut settled = Settled::default();
    let mut alone: BTreeMap<u32, Broken> = BTreeMap::new();
    for catalog in catalogs {
        let partition = catalog.partition.number;
        runs.push((partition, catalog.runs));
        for entry in catalog.entries {
            tell_record(shared, &catalog.partition, &entry);
            let Some(record) = entry.record else {
                serve(shared, &catalog.partition, entry);
                continue;
            };
            let choice = &choices[&record.generation];
            if choice.is_whole {
                settled.committed.insert(record.generation, record.group_last);
            }
            match (choice.places.contains(&(partition, entry.number)), choice.is_whole) {
                (true, true) => serve(shared, &catalog.partition, entry),
                (false, _) => tell_superseded(shared, &catalog.partition, &entry, choice),
                (true, false) => {
                    let has_journal = journals.contains(&record.generation);
                    let broken = if has_journal { &mut settled.broken } else { &mut alone };
                    let broken = broken.entry(record.generation).or_default();
                    broken.parts_missing = choice.parts_missing;
                    broken.group_last = record.group_last;
                    broken.entries.push((catalog.partition.clone(), entry));
                }
            }
        }
    }
    for (generation, broken) in alone {
        settled.committed.insert(generation, broken.group_last);
        broken.serve(shared);
    }
    serve_runs(shared, runs);
    settled
}

fn serve_runs(shared: &Shared, runs: Vec<(u32, Runs)>) {
    let mut index = shared.index_mut();
    let served: BTreeSet<(u32, u32)> =
        index.blocks.iter().map(|block| (block.partition.number, block.number)).collect();
    for (partition, mut runs) in runs {
        runs.retain(|block| served.contains(&(partition, block)));
        if let Some(entry) = index.partitions.get_mut(&partition) {
            entry.runs = Arc::new(runs);
        }
    }
}

impl Broken {
    /// There is no journal: what opens is served, the rest is missing.
    pub(super) fn serve(self, shared: &Shared) {
        if let Some((partition, entry)) = self.entries.first().filter(|_| self.parts_missing > 0) {
            let what = format!("beside block {}", entry.number);
            let count = self.parts_missing;
            let report =
                format!("partition {}, {what}: {count} blocks committed with it are missing", partition.home.label());
            shared.add_damage(shared.quarantine.miss(&partition.home, &what, report));
        }
        for (partition, entry) in self.entries {
            serve(shared, &partition, entry);
        }
    }

    /// The journal was replayed: nothing is missing of what its blocks held.
    pub(super) fn tell_replayed(&self, shared: &Shared) {
        for (partition, entry) in &self.entries {
            if let Err(reason) = &entry.opened {
                let reason = format!("{reason}; nothing is missing, its journal was still there");
                heal(shared, partition, &format!("block {}", entry.number), &reason);
            }
        }
    }
}

fn serve(shared: &Shared, partition: &Partition, entry: Entry) {
    match entry.opened {
        Ok(opened) => add(shared, opened),
        Err(reason) => lose(shared, partition, entry.number, reason),
    }
}

fn add(shared: &Shared, Opened { block, names, split }: Opened) {
    let mut index = shared.index_mut();
    index.split.extend(split);
    index.add_block(Arc::new(block), &names);
}

/// The record was damaged and its copy was not.
fn tell_record(shared: &Shared, partition: &Partition, entry: &Entry) {
    if let (Some(_), Some(fault)) = (&entry.record, &entry.record_fault) {
        let reason = format!("{fault}; nothing is missing, the copy of it is whole");
        heal(shared, partition, &format!("record of block {}", entry.number), &reason);
    }
}

fn tell_superseded(shared: &Shared, partition: &Partition, entry: &Entry, choice: &Choice) {
    let Err(reason) = &entry.opened else { return };
    match choice.places.first() {
        Some((other, block)) if choice.is_whole => {
            let reason = format!("{reason}; nothing is missing, block {block} of partition {other} was built after it");
            heal(shared, partition, &format!("block {}", entry.number), &reason);
        }
        _ => lose(shared, partition, entry.number, reason.clone()),
    }
}

fn heal(shared: &Shared, partition: &Partition, name: &str, reason: &str) {
    let report = shared.quarantine.heal(&partition.home, name, reason);
    shared.damage().heal(report);
}

fn lose(shared: &Shared, partition: &Partition, block: u32, reason: String) {
    let damaged = Damaged { name: format!("block {block}"), bytes: Vec::new(), reason };
    shared.add_damage(shared.quarantine.copy(&partition.home, &damaged));
}
