//! Cells of blocks, decoded: those that were asked for last stay in memory. Not here: which blocks matter.

use std::sync::Arc;

use model::rollup::{EdgeCells, RedCells, decode_edges, decode_red};

use crate::block::BlockError;
use crate::block::annex::{AnnexReader, Part};
use crate::blocks::StoredBlock;
use crate::cache::Cache;
use crate::shared::Shared;

/// About what a cell takes beside its buckets, and what a bucket takes.
const CELL_BYTES: usize = 200;
const BUCKET_BYTES: usize = 16;

/// One part of an annex.
#[derive(Clone)]
pub(crate) enum Cells {
    Red(Arc<RedCells>),
    Edges(Arc<EdgeCells>),
}

/// By partition, block and part.
pub(crate) type CellCache = Cache<(u32, u32, Part), Cells>;

/// Cells of spans, by service or by operation.
pub(crate) fn red_cells(shared: &Shared, block: &StoredBlock, part: Part) -> Result<Arc<RedCells>, BlockError> {
    let key = (block.partition.number, block.number, part);
    if let Some(Cells::Red(cells)) = shared.cells.get(key) {
        return Ok(cells);
    }
    let bytes = AnnexReader::open(block.annex_bytes())?.part(part)?;
    let cells = decode_red(&bytes).map_err(|error| invalid(block, &error))?;
    let buckets: usize = cells.iter().map(|(.., cell)| cell.cell.durations.buckets().len()).sum();
    let memory = cells.len() * CELL_BYTES + buckets * BUCKET_BYTES;
    let cells = Arc::new(cells);
    shared.cells.put(key, Cells::Red(Arc::clone(&cells)), memory);
    Ok(cells)
}

/// Cells of edges.
pub(crate) fn edge_cells(shared: &Shared, block: &StoredBlock) -> Result<Arc<EdgeCells>, BlockError> {
    let key = (block.partition.number, block.number, Part::Edges);
    if let Some(Cells::Edges(cells)) = shared.cells.get(key) {
        return Ok(cells);
    }
    let bytes = AnnexReader::open(block.annex_bytes())?.part(Part::Edges)?;
    let cells = decode_edges(&bytes).map_err(|error| invalid(block, &error))?;
    let buckets = |(.., cell): (_, _, &model::EdgeCell)| cell.client.buckets().len() + cell.server.buckets().len();
    let memory = cells.len() * CELL_BYTES + cells.iter().map(buckets).sum::<usize>() * BUCKET_BYTES;
    let cells = Arc::new(cells);
    shared.cells.put(key, Cells::Edges(Arc::clone(&cells)), memory);
    Ok(cells)
}

fn invalid(block: &StoredBlock, error: &model::rollup::RollupError) -> BlockError {
    tracing::error!("rollups of block {} of partition {}: {error}", block.number, block.partition.home.label());
    BlockError::Invalid("rollups")
}
