//! Makes runs: when an hour is over by the clock, its cells are gathered from the blocks of the partition being written.
//! Done by the builder between two memtables, one at a time. Not here: reading them.

use std::sync::Arc;

use model::rollup::{Cell, EdgeCells, RedCells, Rollup, decode_edges, decode_red, encode_edges, encode_red, minute_of};

use super::Minutes;
use super::cells::fetch;
use super::runs::{MINUTES, Run};
use crate::block::BlockError;
use crate::block::annex::{Annex, Counted, Part};
use crate::builder::Active;
use crate::index::Index;
use crate::keys::page_of_block;
use crate::pages::{self, PageBytes};
use crate::shared::Shared;
use crate::sled_db::end_process;

/// An hour is over when it ended so many minutes ago: most of what comes late has come.
const DUE_MINUTES: u32 = 10;

/// Hours further back get no run: they have few cells, of spans with odd times.
const HOURS_BACK: u32 = 25;

/// Blocks that make a run worth its pages; and those that came after it that make another one worth them.
const BLOCKS_MIN: usize = 2;
const BLOCKS_LATE_MIN: usize = 16;

/// An hour that is over.
struct Hour {
    run: Run,
    sources: Vec<PageBytes>,
}

/// Looks once a minute.
#[derive(Debug, Default)]
pub(crate) struct Gatherer {
    /// The minute in which there was no more to do.
    done: u32,
}

impl Gatherer {
    /// Makes at most one run, so that memtables do not wait long.
    pub(crate) fn gather_when_due(&mut self, shared: &Shared, active: &mut Active) {
        let minute = minute_of(shared.clock.now());
        if self.done != minute && !gather(shared, active, false) {
            self.done = minute;
        }
    }
}

/// Makes the runs of a partition that gets no more blocks: all its hours are over.
pub(crate) fn gather_all(shared: &Shared, active: &mut Active) {
    for _hour in 0..=HOURS_BACK {
        if !gather(shared, active, true) {
            return;
        }
    }
}

/// Whether a run was made.
fn gather(shared: &Shared, active: &mut Active, is_last: bool) -> bool {
    let minute = minute_of(shared.clock.now());
    let end = if is_last { minute / MINUTES + 1 } else { minute.saturating_sub(DUE_MINUTES) / MINUTES };
    let due = {
        let index = shared.index();
        (end.saturating_sub(HOURS_BACK)..end).find_map(|hour| Hour::due(shared, &index, active, hour))
    };
    let Some(hour) = due else { return false };
    match hour.encode() {
        Ok(bytes) => {
            put(active, hour.run.number, &bytes);
            if let Some(entry) = shared.index_mut().partitions.get_mut(&active.partition.number) {
                entry.disk_bytes = active.bytes;
                Arc::make_mut(&mut entry.runs).insert(hour.run);
            }
            true
        }
        Err(error) => {
            // The blocks go on being read themselves.
            tracing::warn!(
                "hour {} of partition {} gets no run: {error}",
                hour.run.hour,
                active.partition.home.label()
            );
            false
        }
    }
}

impl Hour {
    fn due(shared: &Shared, index: &Index, active: &Active, hour: u32) -> Option<Hour> {
        let entry = index.partitions.get(&active.partition.number)?;
        let known = entry.runs.of_hour(hour);
        let is_new = |number: u32| known.is_none_or(|run| !run.covers(number));
        let blocks = index.blocks.iter().filter(|block| {
            let is_here = block.partition.number == active.partition.number && block.damage.get().is_none();
            is_here && block.minutes.has_hour(hour) && is_new(block.number)
        });
        let blocks: Vec<_> = blocks.collect();
        if blocks.len() < if known.is_some() { BLOCKS_LATE_MIN } else { BLOCKS_MIN } {
            return None;
        }
        let mut covers: Vec<u32> = known.iter().flat_map(|run| &run.covers).copied().collect();
        covers.extend(blocks.iter().map(|block| block.number));
        covers.sort_unstable();
        let mut sources: Vec<PageBytes> = blocks.iter().map(|block| block.annex_bytes()).collect();
        sources.extend(known.map(|run| Run::bytes(run.number, &active.partition, &shared.pages)));
        Some(Hour { run: Run { number: entry.runs.next, hour, covers }, sources })
    }

    fn encode(&self) -> Result<Vec<u8>, BlockError> {
        let (mut services, mut operations) = (RedCells::default(), RedCells::default());
        let mut edges = EdgeCells::default();
        for source in &self.sources {
            self.add(&mut services, &fetch(source, Part::Services, decode_red)?);
            self.add(&mut operations, &fetch(source, Part::Operations, decode_red)?);
            self.add(&mut edges, &fetch(source, Part::Edges, decode_edges)?);
        }
        let first = self.run.hour * MINUTES;
        let minutes = Minutes::of([first, first + MINUTES - 1].into_iter()).encode();
        let mut counted = Counted { minutes, ..Counted::default() };
        encode_red(&services, &mut counted.services);
        encode_red(&operations, &mut counted.operations);
        encode_edges(&edges, &mut counted.edges);
        Ok(Annex { counted: &counted, split: &self.run.head(), groups: &[] }.encode()?)
    }

    fn add<K: Ord + Clone, C: Cell + Clone>(&self, sum: &mut Rollup<K, C>, cells: &Rollup<K, C>) {
        for (key, minute, cell) in cells.iter().filter(|(_, minute, _)| minute / MINUTES == self.run.hour) {
            sum.add(key.clone(), minute, cell.clone());
        }
    }
}

/// All pages and one flush: a run is there whole or not at all.
fn put(active: &mut Active, number: u32, bytes: &[u8]) {
    for (page, piece) in (0u32..).zip(pages::cut(bytes)) {
        let put = active.db.put_of_run(page_of_block(number, page), piece);
        put.unwrap_or_else(|error| end_process("put a page of a run", &error));
    }
    active.db.flush().unwrap_or_else(|error| end_process("flush a run", &error));
    active.bytes += bytes.len() as u64;
    active.bytes_since_open += bytes.len() as u64;
}
