//! Columns that readers keep, decoded. Not here: their form (`block::Packed`), and how they lie in a block.

use std::sync::Arc;

use crate::block::{BlockError, KeptCells, Packed};
use crate::blocks::{OpenBlock, StoredBlock};
use crate::cache::Cache;
use crate::shared::Shared;

/// Columns that were used last, by partition, block, and column and row group: see [`key_of`].
pub(crate) type HotColumns = Cache<(u32, u32, u32), Arc<Packed>>;

/// Columns that scans look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hot {
    Shape = 0,
    Start = 1,
    Duration = 2,
}

/// What an entry of the cache costs beside its numbers.
const ENTRY_BYTES: usize = 160;

/// Columns of cells come after the hot ones; those with greater numbers are not kept.
const CELLS: u32 = 3;
const COLUMNS_MAX: u32 = 1 << 16;

/// Where columns of cells of one row group are kept.
pub(crate) struct Cells<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) block: &'a StoredBlock,
    pub(crate) group: usize,
}

impl KeptCells for Cells<'_> {
    fn cells(
        &self,
        column: u32,
        read: &mut dyn FnMut() -> Result<Vec<u64>, BlockError>,
    ) -> Result<Arc<Packed>, BlockError> {
        if column >= COLUMNS_MAX {
            return Ok(Arc::new(Packed::new(&read()?)));
        }
        kept(self.shared, key_of(self.block, CELLS + column, self.group), || Ok(Packed::new(&read()?)))
    }
}

/// A row group has a number below 64.
fn key_of(block: &StoredBlock, column: u32, group: usize) -> (u32, u32, u32) {
    (block.partition.number, block.number, column << 8 | group as u32)
}

fn kept(
    shared: &Shared,
    key: (u32, u32, u32),
    read: impl FnOnce() -> Result<Packed, BlockError>,
) -> Result<Arc<Packed>, BlockError> {
    if let Some(known) = shared.hot_columns.get(key) {
        return Ok(known);
    }
    let packed = Arc::new(read()?);
    shared.hot_columns.put(key, Arc::clone(&packed), packed.bytes() + ENTRY_BYTES);
    Ok(packed)
}

/// A column of a row group, from the cache or from the block.
pub(crate) fn column(
    shared: &Shared,
    block: &StoredBlock,
    open: &OpenBlock,
    column: Hot,
    group: usize,
) -> Result<Arc<Packed>, BlockError> {
    let key = key_of(block, column as u32, group);
    kept(shared, key, || {
        let spans = &open.spans;
        let numbers: Vec<u64> = match column {
            Hot::Shape => spans.shapes(group)?.into_iter().map(u64::from).collect(),
            Hot::Start => spans.starts(group)?.into_iter().map(|start| start.0).collect(),
            Hot::Duration => spans.durations(group)?,
        };
        Ok(Packed::new(&numbers))
    })
}
