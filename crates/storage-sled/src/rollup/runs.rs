//! Runs: the cells of one hour out of all blocks of a partition, in one place, so that a day of many small blocks is read as 24
//! of them. Not here: when runs are made (`hours`), and their pages.
//!
//! A run adds nothing to the blocks that it covers. One that does not read back, or covers a block that is not served, is
//! left out, and the blocks are asked instead.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::block::BlockError;
use crate::block::annex::AnnexReader;
use crate::keys::OF_RUN;
use crate::pages::{PageBytes, Pages};
use crate::partition::Partition;

pub(super) const MINUTES: u32 = 60;

/// What runs cover.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its number in the partition.
    pub(super) number: u32,
    /// Since 1970.
    pub(super) hour: u32,
    /// Numbers of blocks, ascending.
    pub(super) covers: Vec<u32>,
}

/// The runs of a partition: of each hour the last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runs {
    by_hour: BTreeMap<u32, Run>,
    /// No run had this number yet, finished or not.
    pub(super) next: u32,
}

// === impl Run ===

impl Run {
    /// Where its annex lies, and nothing else does.
    pub(super) fn bytes(number: u32, partition: &Partition, pages: &Arc<Pages>) -> PageBytes {
        let (pages, partition) = (Arc::clone(pages), partition.clone());
        PageBytes { pages, partition, block: OF_RUN | number, start: 0, length: u64::from(u32::MAX) }
    }

    /// What stands in the place of the split traces of a block.
    pub(super) fn head(&self) -> Vec<u64> {
        std::iter::once(self.hour).chain(self.covers.iter().copied()).map(u64::from).collect()
    }

    pub(super) fn covers(&self, block: u32) -> bool {
        self.covers.binary_search(&block).is_ok()
    }

    fn read(number: u32, bytes: PageBytes) -> Result<Run, BlockError> {
        let head = AnnexReader::open(bytes)?.split()?;
        let head: Result<Vec<u32>, _> = head.into_iter().map(u32::try_from).collect();
        match head.as_deref() {
            Ok([hour, covers @ ..]) if covers.is_sorted() => Ok(Run { number, hour: *hour, covers: covers.to_vec() }),
            _ => Err(BlockError::Invalid("run")),
        }
    }
}

// === impl Runs ===

impl Runs {
    /// The runs with numbers up to `last` of a partition, when it opens.
    pub(crate) fn read(partition: &Partition, last: Option<u32>, pages: &Arc<Pages>) -> Runs {
        let mut runs = Runs::default();
        for number in 0..last.map_or(0, |last| last + 1) {
            match Run::read(number, Run::bytes(number, partition, pages)) {
                Ok(run) => runs.insert(run),
                Err(error) => {
                    tracing::warn!("run {number} of partition {} is left out: {error}", partition.home.label())
                }
            }
            runs.next = number + 1;
        }
        runs
    }

    /// Leaves out those that cover a block which is not served.
    pub(crate) fn retain(&mut self, is_served: impl Fn(u32) -> bool) {
        self.by_hour.retain(|_, run| run.covers.iter().all(|block| is_served(*block)));
    }

    /// How many hours have one.
    pub(crate) fn len(&self) -> usize {
        self.by_hour.len()
    }

    pub(super) fn insert(&mut self, run: Run) {
        self.next = self.next.max(run.number + 1);
        self.by_hour.insert(run.hour, run);
    }

    pub(super) fn of_hour(&self, hour: u32) -> Option<&Run> {
        self.by_hour.get(&hour)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Run> {
        self.by_hour.values()
    }
}
