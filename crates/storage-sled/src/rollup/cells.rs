//! Cells of blocks and runs, decoded: those that were asked for last stay in memory. Not here: which blocks matter.

use std::sync::Arc;

use model::rollup::{FlatEdges, FlatRed, RollupError, flat_edges, flat_red};

use crate::block::BlockError;
use crate::block::annex::{AnnexReader, Part};
use crate::cache::Cache;
use crate::pages::PageBytes;
use crate::shared::Shared;

/// One part of an annex.
#[derive(Clone)]
pub(crate) enum Cells {
    Red(Arc<FlatRed>),
    Edges(Arc<FlatEdges>),
}

/// By partition, block or run, and part.
pub(crate) type CellCache = Cache<(u32, u32, Part), Cells>;

/// Cells of spans, by service or by operation.
pub(crate) fn red_cells(shared: &Shared, source: &PageBytes, part: Part) -> Result<Arc<FlatRed>, BlockError> {
    let key = (source.partition.number, source.block, part);
    if let Some(Cells::Red(cells)) = shared.cells.get(key) {
        return Ok(cells);
    }
    let cells = Arc::new(fetch(source, part, flat_red)?);
    shared.cells.put(key, Cells::Red(Arc::clone(&cells)), cells.bytes());
    Ok(cells)
}

/// Cells of edges.
pub(crate) fn edge_cells(shared: &Shared, source: &PageBytes) -> Result<Arc<FlatEdges>, BlockError> {
    let key = (source.partition.number, source.block, Part::Edges);
    if let Some(Cells::Edges(cells)) = shared.cells.get(key) {
        return Ok(cells);
    }
    let cells = Arc::new(fetch(source, Part::Edges, flat_edges)?);
    shared.cells.put(key, Cells::Edges(Arc::clone(&cells)), cells.bytes());
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
