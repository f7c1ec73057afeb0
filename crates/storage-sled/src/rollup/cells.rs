//! Cells of blocks and runs, decoded: those that were asked for last stay in memory. Not here: which blocks matter.

use std::sync::Arc;

use model::rollup::{EdgeCells, RedCells, RollupError, decode_edges, decode_red};

use crate::block::BlockError;
use crate::block::annex::{AnnexReader, Part};
use crate::cache::Cache;
use crate::pages::PageBytes;
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

/// By partition, block or run, and part.
pub(crate) type CellCache = Cache<(u32, u32, Part), Cells>;

/// Cells of spans, by service or by operation.
pub(crate) fn red_cells(shared: &Shared, source: &PageBytes, part: Part) -> Result<Arc<RedCells>, BlockError> {
    let key = (source.partition.number, source.block, part);
    if let Some(Cells::Red(cells)) = shared.cells.get(key) {
        return Ok(cells);
    }
    let cells = fetch(source, part, decode_red)?;
    let buckets: usize = cells.iter().map(|(.., cell)| cell.cell.durations.buckets().len()).sum();
    let memory = cells.len() * CELL_BYTES + buckets * BUCKET_BYTES;
    let cells = Arc::new(cells);
    shared.cells.put(key, Cells::Red(Arc::clone(&cells)), memory);
    Ok(cells)
}

/// Cells of edges.
pub(crate) fn edge_cells(shared: &Shared, source: &PageBytes) -> Result<Arc<EdgeCells>, BlockError> {
    let key = (source.partition.number, source.block, Part::Edges);
    if let Some(Cells::Edges(cells)) = shared.cells.get(key) {
        return Ok(cells);
    }
    let cells = fetch(source, Part::Edges, decode_edges)?;
    let buckets = |(.., cell): (_, _, &model::EdgeCell)| cell.client.buckets().len() + cell.server.buckets().len();
    let memory = cells.len() * CELL_BYTES + cells.iter().map(buckets).sum::<usize>() * BUCKET_BYTES;
    let cells = Arc::new(cells);
    shared.cells.put(key, Cells::Edges(Arc::clone(&cells)), memory);
    Ok(cells)
}

/// Cells that do not come from the cache, and do not go there.
pub(super) fn fetch<C>(
    source: &PageBytes,
    part: Part,
    decode: fn(&[u8]) -> Result<C, RollupError>,
) -> Result<C, BlockError> {
    let bytes = AnnexReader::open(source.clone())?.part(part)?;
    decode(&bytes).map_err(|error| {
        tracing::error!("rollups of block {} of partition {}: {error}", source.block, source.partition.home.label());
        BlockError::Invalid("rollups")
    })
}
