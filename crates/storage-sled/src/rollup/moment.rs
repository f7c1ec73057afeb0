//! What was in blocks at the moment at which memtables were counted, and its cells: each once, from a run or from a block.

use std::collections::BTreeMap;
use std::sync::Arc;

use storage::RedSteps;

use super::runs::{MINUTES, Run, Runs};
use crate::block::BlockError;
use crate::blocks::StoredBlock;
use crate::index::Index;
use crate::pages::PageBytes;
use crate::partition::Partition;
use crate::shared::Shared;

/// See above.
pub(crate) struct Moment {
    blocks: Arc<Vec<Arc<StoredBlock>>>,
    runs: Vec<(Partition, Arc<Runs>)>,
    pub(crate) spans: u64,
    pub(crate) watermark: u64,
}

impl Moment {
    pub(crate) fn of(index: &Index) -> Moment {
        let runs = index.partitions.values().map(|entry| (entry.partition.clone(), Arc::clone(&entry.runs)));
        let (blocks, runs) = (Arc::clone(&index.blocks), runs.collect());
        Moment { blocks, runs, spans: index.spans, watermark: index.watermark }
    }

    /// Calls `add` with cells and with whether those of a minute count.
    pub(crate) fn for_each<T>(
        &self,
        shared: &Shared,
        steps: &RedSteps,
        fetch: impl Fn(&PageBytes) -> Result<T, BlockError>,
        mut add: impl FnMut(&T, &dyn Fn(u32) -> bool),
    ) {
        let mut covering: BTreeMap<u32, Vec<&Run>> = BTreeMap::new();
        for (partition, runs) in &self.runs {
            for run in runs.iter().filter(|run| steps.meet(first_minute(run.hour), first_minute(run.hour + 1) - 1)) {
                match fetch(&Run::bytes(run.number, partition, &shared.pages)) {
                    Ok(cells) => {
                        add(&cells, &|_minute| true);
                        covering.entry(partition.number).or_default().push(run);
                    }
                    // Its blocks say the same.
                    Err(error) => tracing::warn!("a run of partition {} is left out: {error}", partition.home.label()),
                }
            }
        }
        for block in self.blocks.iter().filter(|block| block.minutes.meet(steps)) {
            let runs = covering.get(&block.partition.number).map_or(&[][..], Vec::as_slice);
            let hours: Vec<u32> = runs.iter().filter(|run| run.covers(block.number)).map(|run| run.hour).collect();
            if block.minutes.are_within(&hours, steps) {
                continue;
            }
            match fetch(&block.annex_bytes()) {
                Ok(cells) => add(&cells, &|minute| !hours.contains(&(minute / MINUTES))),
                Err(error) => shared.note_damage(block, &error),
            }
        }
    }
}

fn first_minute(hour: u32) -> u64 {
    u64::from(hour) * u64::from(MINUTES)
}
