//! Everything of a row group that scans do not read: span ids, attribute columns, events, links.

use std::ops::Range;

use model::batch::Slice;

use super::super::BuildError;
use super::super::directory::ChunkName;
use super::super::layout::{Section, cold};
use super::super::schema::Class;
use super::super::{planes, texts};
use super::chunks::{Bundle, Chunks};
use super::shapes::{Cells, Shapes};
use super::write::Encoding;

/// Columns of at most so many cells are tried in the bundle.
const BUNDLED_CELLS_MAX: usize = 512;

/// The cells of one row group by column, in memory that is used again for the next one.
pub(super) struct Cold {
    pub(super) cells: Vec<Vec<u64>>,
}

impl Cold {
    pub(super) fn new(columns: usize) -> Cold {
        Cold { cells: vec![Vec::new(); columns] }
    }

    /// Writes the cold columns of rows `places`, which are row group `group`.
    pub(super) fn put(
        &mut self,
        encoding: &Encoding<'_>,
        chunks: &mut Chunks,
        group: usize,
        places: Range<usize>,
    ) -> Result<(), BuildError> {
        self.cells.iter_mut().for_each(Vec::clear);
        let mut bundle = Bundle::default();
        let mut span_ids = Vec::with_capacity(places.len() * 8);
        let (mut events, mut links) = (Vec::new(), Vec::new());
        for place in places {
            let row = encoding.row(place);
            span_ids.extend_from_slice(&row.span_id.to_le_bytes());
            self.add(encoding, &encoding.intake.span_shapes, &encoding.span_columns, row.cells);
            events.push((row.events, row.start.0));
            links.push(row.links);
        }
        chunks.add(name(cold::SPAN_ID, group), span_ids, None);
        self.put_events(encoding, chunks, &mut bundle, group, &events)?;
        self.put_links(encoding, chunks, &mut bundle, group, &links)?;
        for column in 0..self.cells.len() {
            self.put_column(encoding, chunks, &mut bundle, group, column)?;
        }
        chunks.add_bundle(name(cold::BUNDLE, group), bundle)
    }

    fn add(&mut self, encoding: &Encoding<'_>, shapes: &Shapes, columns: &[Vec<(usize, u32)>], row: Cells) {
        for (place, column) in &columns[row.shape as usize] {
            self.cells[*column as usize].push(shapes.cell(&encoding.intake.cells, row, *place));
        }
    }

    fn put_events(
        &mut self,
        encoding: &Encoding<'_>,
        chunks: &mut Chunks,
        bundle: &mut Bundle,
        group: usize,
        rows: &[(Slice, u64)],
    ) -> Result<(), BuildError> {
        let (mut shapes, mut times) = (Vec::new(), Vec::new());
        for (slice, start) in rows {
            for event in &encoding.intake.events[slice.range()] {
                self.add(encoding, &encoding.intake.event_shapes, &encoding.event_columns, event.cells);
                shapes.push(encoding.event_ranks[event.cells.shape as usize].into());
                times.push(event.time.0.wrapping_sub(*start));
            }
        }
        put_numbers(chunks, bundle, name(cold::EVENT_SHAPE, group), &shapes)?;
        put_numbers(chunks, bundle, name(cold::EVENT_TIME, group), &times)
    }

    fn put_links(
        &mut self,
        encoding: &Encoding<'_>,
        chunks: &mut Chunks,
        bundle: &mut Bundle,
        group: usize,
        rows: &[Slice],
    ) -> Result<(), BuildError> {
        let (mut shapes, mut trace_ids, mut span_ids) = (Vec::new(), Vec::new(), Vec::new());
        for slice in rows {
            for link in &encoding.intake.links[slice.range()] {
                self.add(encoding, &encoding.intake.link_shapes, &encoding.link_columns, link.cells);
                shapes.push(encoding.link_ranks[link.cells.shape as usize].into());
                trace_ids.extend_from_slice(link.trace_id.bytes());
                span_ids.extend_from_slice(link.span_id.bytes());
            }
        }
        put_numbers(chunks, bundle, name(cold::LINK_SHAPE, group), &shapes)?;
        if !shapes.is_empty() {
            chunks.add_packed(name(cold::LINK_TRACE_ID, group), trace_ids)?;
            chunks.add_packed(name(cold::LINK_SPAN_ID, group), span_ids)?;
        }
        Ok(())
    }

    fn put_column(
        &self,
        encoding: &Encoding<'_>,
        chunks: &mut Chunks,
        bundle: &mut Bundle,
        group: usize,
        column: usize,
    ) -> Result<(), BuildError> {
        let cells = &self.cells[column];
        let class = encoding.tables.columns[column].class;
        if cells.is_empty() || class == Class::None {
            return Ok(());
        }
        let name = name(cold::ATTRIBUTE + column as u32, group);
        let looks_small = cells.len() <= BUNDLED_CELLS_MAX;
        chunks.add_or_bundle(bundle, name, looks_small, |packer, out| match class {
            Class::Plain => {
                let known = &encoding.intake.columns.list[column].texts;
                let list: Vec<&[u8]> = cells.iter().map(|cell| &*known[*cell as usize]).collect();
                texts::put(packer, out, &list)
            }
            Class::Dictionary => planes::put(packer, out, cells),
            Class::None | Class::Number => planes::put_either(packer, out, cells),
        })
    }
}

fn name(column: u32, group: usize) -> ChunkName {
    ChunkName::new(Section::Cold, column, group)
}

fn put_numbers(chunks: &mut Chunks, bundle: &mut Bundle, name: ChunkName, numbers: &[u64]) -> Result<(), BuildError> {
    if numbers.is_empty() {
        return Ok(());
    }
    let looks_small = numbers.len() <= BUNDLED_CELLS_MAX;
    chunks.add_or_bundle(bundle, name, looks_small, |packer, out| planes::put(packer, out, numbers))
}
