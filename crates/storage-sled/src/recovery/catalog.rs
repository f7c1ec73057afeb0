//! Partitions on open: every record is read, every block opened. Nothing is decided here, and nothing served.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::commits::{Candidate, Place};
use super::guarded;
use super::manifests::Admitted;
use crate::block::BlockError;
use crate::block::annex::{AnnexReader, Part};
use crate::blocks::StoredBlock;
use crate::catalog::Record;
use crate::failpoint::failpoint;
use crate::keys::record_copy;
use crate::partition::Partition;
use crate::rollup::{Names, Runs};
use crate::shared::Shared;
use crate::sled_db::PageDb;

/// A partition as it was found.
pub(super) struct Catalog {
    pub(super) partition: Partition,
    pub(super) entries: Vec<Entry>,
    pub(super) runs: Runs,
    /// No block had this number yet, committed or not.
    pub(super) block_next: u32,
    /// Whether all of it could be read: only then it may get more blocks.
    pub(super) is_sound: bool,
}

/// A block that was committed.
pub(super) struct Entry {
    pub(super) number: u32,
    /// `None` when neither the record nor its copy reads back.
    pub(super) record: Option<Record>,
    /// What was wrong with the record.
    pub(super) record_fault: Option<String>,
    /// The block, or why it does not open.
    pub(super) opened: Result<Opened, String>,
}

/// A block, and what the index wants to know of its annex.
pub(super) struct Opened {
    pub(super) block: StoredBlock,
    pub(super) names: Names,
    pub(super) split: Vec<u64>,
}

/// Reads all partitions; one that cannot be read at all is set aside. Blocks of the generations in `journals` are read whole:
/// while there is a journal to build them from, no damage in them may go unnoticed.
pub(super) fn read(shared: &Arc<Shared>, partitions: Vec<Partition>, journals: &Arc<BTreeSet<u32>>) -> Vec<Catalog> {
    let mut catalogs = Vec::with_capacity(partitions.len());
    for partition in partitions {
        failpoint!("recover.partition");
        let (reading, owned, journals) = (Arc::clone(shared), partition.clone(), Arc::clone(journals));
        let catalog = guarded(move || {
            let admitted = Admitted::of(&owned.home)?;
            let catalog = Catalog::read(&reading, owned, &journals)?;
            admitted.settle(&reading, catalog.entries.iter().any(|entry| entry.record.is_some()))?;
            Ok(catalog)
        });
        failpoint!("recover.catalog");
        match catalog {
            Ok(catalog) => catalogs.push(catalog),
            Err(reason) => {
                shared.pages.forget(partition.number);
                shared.add_damage(shared.quarantine.take(&partition.home, &reason));
            }
        }
    }
    catalogs
}

impl Catalog {
    fn read(shared: &Arc<Shared>, partition: Partition, journals: &BTreeSet<u32>) -> Result<Catalog, String> {
        let handles = &shared.pages.handles;
        let last = handles.with(&partition, PageDb::record_last);
        let last_begun = handles.with(&partition, PageDb::page_last);
        let mut is_sound = last.is_ok() && last_begun.is_ok();
        // One of them is enough to know how far to look: what is not there has no record.
        let (last, last_begun) = match (last, last_begun) {
            (Err(reason), Err(_)) => return Err(format!("its catalog cannot be read: {reason}")),
            (last, last_begun) => (last.ok().flatten(), last_begun.ok().flatten().map(|page| page >> 32)),
        };
        let last = u32::try_from(last.max(last_begun).unwrap_or(0)).map_err(|error| error.to_string())?;
        let mut entries = Vec::new();
        for number in 1..=last {
            failpoint!("recover.block");
            let (record, record_fault) = match read_record(shared, &partition, number) {
                // A number without a record is a block that was never finished.
                (None, None) => continue,
                found => found,
            };
            let opened = match &record {
                Some(record) => open(shared, &partition, number, *record, journals).map_err(|error| error.to_string()),
                None => Err("its record and the copy of it are damaged".to_owned()),
            };
            is_sound &= record_fault.is_none() && opened.is_ok();
            entries.push(Entry { number, record, record_fault, opened });
        }
        let block_next = last.checked_add(1).ok_or("it has no number left for a block")?;
        let run_last = handles.with(&partition, PageDb::page_of_run_last);
        is_sound &= run_last.is_ok();
        let run_last = run_last.ok().flatten().and_then(|page| u32::try_from(page >> 32).ok());
        let runs = Runs::read(&partition, run_last, &shared.pages);
        Ok(Catalog { partition, entries, runs, block_next, is_sound })
    }

    pub(super) fn candidates(&self) -> impl Iterator<Item = Candidate> {
        self.entries.iter().filter_map(|entry| {
            let record = entry.record?;
            Some(Candidate {
                place: self.place(entry),
                generation: record.generation,
                part: record.part,
                parts: record.parts,
                spans: record.spans,
                opens: entry.opened.is_ok(),
            })
        })
    }

    pub(super) fn place(&self, entry: &Entry) -> Place {
        (self.partition.number, entry.number)
    }
}

/// The record of a block, or the copy behind its pages, and what was wrong. A block without either was never finished.
fn read_record(shared: &Shared, partition: &Partition, number: u32) -> (Option<Record>, Option<String>) {
    let handles = &shared.pages.handles;
    let fault = match handles.with(partition, |db| db.record(number)) {
        Ok(None) => return (None, None),
        Ok(Some(bytes)) => match Record::decode(&bytes) {
            Some(record) => return (Some(record), None),
            None => "its record has a wrong checksum".to_owned(),
        },
        Err(reason) => format!("its record cannot be read: {reason}"),
    };
    match handles.with(partition, |db| db.get(record_copy(number))) {
        // Where records cannot be read, the copy alone tells whether there was a block: it is put with its last pages.
        Ok(None) => (None, None),
        Ok(Some(bytes)) => (Record::decode(&bytes), Some(fault)),
        Err(_) => (None, Some(fault)),
    }
}

fn open(
    shared: &Arc<Shared>,
    partition: &Partition,
    number: u32,
    record: Record,
    journals: &BTreeSet<u32>,
) -> Result<Opened, BlockError> {
    let block = StoredBlock::open(partition.clone(), number, record, &shared.pages, &shared.readers_of_blocks)?;
    let annex = AnnexReader::open(block.annex_bytes())?;
    let (names, split) = (Names::decode(&annex.part(Part::Names)?)?, annex.split()?);
    if journals.contains(&record.generation) {
        block.verify()?;
    }
    Ok(Opened { block, names, split })
}
