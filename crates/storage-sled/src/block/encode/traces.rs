//! The trace directory and the trace filter.

use model::UnixNanos;

use super::super::BuildError;
use super::super::directory::ChunkName;
use super::super::fuse::Fuse;
use super::super::layout::{Section, trace};
use super::super::planes;
use super::super::traces::{TRACE_SERVICES_MAX, hash_of_trace};
use super::chunks::Chunks;
use super::intake::Row;
use super::order::TraceRows;
use super::write::Encoding;

/// What the directory says of each trace, gathered group by group while its rows are at hand.
#[derive(Default)]
pub(super) struct Lines {
    /// Without the last one.
    lines: Vec<Line>,
    last: Line,
    /// Rows of the last one that were added, and which of them is its root so far.
    rows: usize,
    root: Option<(bool, UnixNanos, u64)>,
    /// Of all lines, the last one included.
    services: Vec<u64>,
}

#[derive(Default)]
struct Line {
    duration: u64,
    root: u64,
    errors: u64,
    warnings: u64,
    services: u64,
}

impl Lines {
    /// Adds the rows of the next row group.
    pub(super) fn add(&mut self, encoding: &Encoding<'_>, places: std::ops::Range<usize>) {
        for place in places {
            let trace = &encoding.order.traces[self.lines.len()];
            self.add_row(encoding, encoding.row(place), trace.start);
            if self.rows == trace.rows {
                self.lines.push(std::mem::take(&mut self.last));
                (self.rows, self.root) = (0, None);
            }
        }
    }

    fn add_row(&mut self, encoding: &Encoding<'_>, row: &Row, start: UnixNanos) {
        let line = &mut self.last;
        let facts = encoding.facts(row);
        line.duration = line.duration.max(row.end.max(row.start).since(start).0);
        line.errors += u64::from(facts.is_error);
        if let Some(place) = facts.warnings {
            line.warnings |= encoding.intake.span_shapes.cell(&encoding.intake.cells, row.cells, place);
        }
        // Ids are kept as little-endian numbers, and compared as bytes.
        let rank = (row.parent_span_id != 0, row.start, row.span_id.swap_bytes());
        if self.root.is_none_or(|known| rank < known) {
            self.root = Some(rank);
            line.root = self.rows as u64;
        }
        let service = u64::from(facts.service);
        let named = self.services.len() - line.services.min(TRACE_SERVICES_MAX) as usize;
        if line.services <= TRACE_SERVICES_MAX && !self.services[named..].contains(&service) {
            line.services += 1;
            if line.services <= TRACE_SERVICES_MAX {
                self.services.push(service);
            }
        }
        self.rows += 1;
    }

    /// Writes the directory and the filter, when all groups were added.
    pub(super) fn put(self, encoding: &Encoding<'_>, chunks: &mut Chunks) -> Result<(), BuildError> {
        let traces = &encoding.order.traces;
        let before = std::iter::once(0).chain(traces.iter().map(|trace| trace.start.0));
        let starts = traces.iter().zip(before).map(|(trace, before)| trace.start.0.wrapping_sub(before));
        let of_lines = |field: fn(&Line) -> u64| self.lines.iter().map(field).collect::<Vec<u64>>();
        for (column, values) in [
            (trace::ROWS, traces.iter().map(|trace| trace.rows as u64).collect()),
            (trace::START, starts.collect()),
            (trace::DURATION, of_lines(|line| line.duration)),
            (trace::ROOT, of_lines(|line| line.root)),
            (trace::ERRORS, of_lines(|line| line.errors)),
            (trace::WARNINGS, of_lines(|line| line.warnings)),
        ] {
            let mut bytes = Vec::new();
            planes::put(Some(&mut chunks.packer), &mut bytes, &values)?;
            chunks.add(name(column), bytes, None);
        }
        let mut bytes = Vec::new();
        planes::put(Some(&mut chunks.packer), &mut bytes, &of_lines(|line| line.services))?;
        planes::put(Some(&mut chunks.packer), &mut bytes, &self.services)?;
        chunks.add(name(trace::SERVICES), bytes, None);
        put_ids(encoding, chunks)
    }
}

fn put_ids(encoding: &Encoding<'_>, chunks: &mut Chunks) -> Result<(), BuildError> {
    let id = |rows: &TraceRows| encoding.intake.trace_ids[rows.trace as usize];
    for (number, some) in (0..).zip(encoding.order.traces.chunks(trace::IDS)) {
        let ids: Vec<u8> = some.iter().flat_map(|rows| *id(rows).bytes()).collect();
        let first_and_last = some.first().zip(some.last()).map(|(first, last)| (first.start.0, last.start.0));
        chunks.add(name(trace::ID + number), ids, first_and_last);
    }
    let mut hashes: Vec<u64> = encoding.order.traces.iter().map(|rows| hash_of_trace(&id(rows))).collect();
    hashes.sort_unstable();
    hashes.dedup();
    // Without a filter a reader looks at the ids themselves.
    if let Some(fuse) = Fuse::of(&hashes) {
        let mut bytes = Vec::new();
        fuse.put(&mut bytes);
        chunks.add(ChunkName::new(Section::Filter, 0, 0), bytes, None);
    }
    Ok(())
}

fn name(column: u32) -> ChunkName {
    ChunkName::new(Section::Trace, column, 0)
}
