//! Everything of a row group that scans do not read: span ids, attribute columns, events, links.

use std::ops::Range;

use model::batch::Slice;

use super::super::BuildError;
use super::super::directory::ChunkName;
use super::super::layout::{Section, cold};
use super::super::schema::{Class, Shape};
use super::super::{planes, texts};
use super::chunks::{Bundle, Chunks};
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
            self.add(encoding, encoding.span_shape(row.shape), row.cells);
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

    fn add(&mut self, encoding: &Encoding<'_>, shape: &Shape, cells: usize) {
        let cells = &encoding.intake.cells[cells..];
        for (slot, cell) in shape.slots.iter().zip(cells) {
            if slot.constant.is_none() {
                self.cells[slot.column as usize].push(*cell);
            }
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
                let rank = encoding.event_ranks[event.shape as usize];
                self.add(encoding, &encoding.tables.event_shapes[rank as usize], event.cells);
                shapes.push(rank.into());
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
                let rank = encoding.link_ranks[link.shape as usize];
                self.add(encoding, &encoding.tables.link_shapes[rank as usize], link.cells);
                shapes.push(rank.into());
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
