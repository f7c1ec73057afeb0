//! Partitions on open: every record read, every block opened. A block that does not open is set aside, the others serve.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Found, guarded};
use crate::block::annex::AnnexReader;
use crate::blocks::StoredBlock;
use crate::builder::Active;
use crate::catalog::Record;
use crate::durable;
use crate::failpoint::failpoint;
use crate::index::Counts;
use crate::partition::{Day, Partition};
use crate::quarantine::Damaged;
use crate::shared::Shared;
use crate::sled_db::PageDb;

/// What a partition says of itself.
struct Catalog {
    db: PageDb,
    /// Records by block; `None` where one does not read back.
    records: Vec<(u32, Option<Record>)>,
    /// No block had this number yet, committed or not.
    block_next: u32,
}

/// Returns the generations that are in blocks.
pub(super) fn read(shared: &Arc<Shared>, partitions: Vec<Partition>, found: &mut Found) -> BTreeSet<u32> {
    let mut in_blocks = BTreeSet::new();
    for partition in partitions {
        failpoint!("recover.partition");
        // A run goes on with the newest partition when it is whole.
        found.active = None;
        let (home, opener) = (partition.home.clone(), shared.opener.clone());
        let catalog = guarded(move || {
            home.check_manifest()?;
            Catalog::read(home.open(&opener)?)
        });
        failpoint!("recover.catalog");
        match catalog {
            Ok(catalog) => found.active = add(shared, partition, catalog, &mut in_blocks),
            Err(reason) => shared.add_damage(shared.quarantine.take(&partition.home, &reason)),
        }
    }
    in_blocks
}

impl Catalog {
    fn read(db: PageDb) -> Result<Catalog, String> {
        let failed = |error: std::io::Error| format!("its catalog cannot be read: {error}");
        let last = db.record_last().map_err(failed)?.unwrap_or(0);
        let last_begun = db.page_last().map_err(failed)?.map_or(0, |page| page >> 32);
        let mut records = Vec::new();
        for block in 1..=u32::try_from(last).map_err(|error| error.to_string())? {
            // A number without a record is a block that was never finished.
            if let Some(bytes) = db.record(block).map_err(failed)? {
                records.push((block, Record::decode(&bytes)));
            }
        }
        let block_next = u32::try_from(last.max(last_begun) + 1).map_err(|error| error.to_string())?;
        Ok(Catalog { db, records, block_next })
    }
}

/// Opens the blocks. Returns the partition when it may get more of them.
fn add(shared: &Arc<Shared>, partition: Partition, catalog: Catalog, in_blocks: &mut BTreeSet<u32>) -> Option<Active> {
    let Catalog { db, records, block_next } = catalog;
    drop(shared.pages.handles.set_active(Some((partition.number, db.clone()))));
    {
        let mut index = shared.index_mut();
        index.add_partition(partition.clone());
        let entry = index.partitions.get_mut(&partition.number).expect("added above");
        entry.disk_bytes = durable::disk_bytes_below(&partition.home.path);
    }
    let mut is_whole = true;
    let mut bytes = 0;
    for (number, record) in records {
        failpoint!("recover.block");
        let added = match record {
            Some(record) => {
                in_blocks.insert(record.generation);
                bytes += record.block_bytes + record.annex_bytes;
                add_block(shared, &partition, number, record)
            }
            None => Err("its record is damaged".to_owned()),
        };
        if let Err(reason) = added {
            is_whole = false;
            let damaged = Damaged { name: format!("block {number}"), bytes: Vec::new(), reason };
            shared.add_damage(shared.quarantine.copy(&partition.home, &damaged));
        }
    }
    failpoint!("recover.opened");
    let day = Day::of(shared.clock.now());
    let is_of_today = partition.home.label().starts_with(&day.to_string());
    if !is_whole || !is_of_today {
        drop(shared.pages.handles.set_active(None));
        return None;
    }
    Some(Active { partition, db, day, block_next, bytes, bytes_since_open: 0 })
}

fn add_block(shared: &Arc<Shared>, partition: &Partition, number: u32, record: Record) -> Result<(), String> {
    let block = StoredBlock::open(partition.clone(), number, record, &shared.pages, &shared.readers_of_blocks);
    let block = block.map_err(|error| error.to_string())?;
    let annex = AnnexReader::open(block.annex_bytes()).map_err(|error| error.to_string())?;
    let (counted, split) = (annex.counts(), annex.split());
    let (counted, split) = (counted.map_err(|error| error.to_string())?, split.map_err(|error| error.to_string())?);
    let mut index = shared.index_mut();
    // The counts of a generation are with its first block.
    let counts = match counted.is_empty() {
        true => Counts::default(),
        false => Counts::decode(&counted, &mut index.names).map_err(|error| error.to_string())?,
    };
    index.split.extend(split);
    index.add_block(Arc::new(block), &counts);
    Ok(())
}
