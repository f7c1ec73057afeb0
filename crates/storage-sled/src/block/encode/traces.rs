//! The trace directory and the trace filter.

use model::UnixNanos;

use super::super::BuildError;
use super::super::directory::ChunkName;
use super::super::fuse::Fuse;
use super::super::layout::{Section, trace};
use super::super::planes;
use super::super::traces::{TRACE_SERVICES_MAX, hash_of_trace};
use super::chunks::Chunks;
use super::order::TraceRows;
use super::write::Encoding;

/// Writes both.
pub(super) fn put(encoding: &Encoding<'_>, chunks: &mut Chunks) -> Result<(), BuildError> {
    let mut columns: [Vec<u64>; 6] = Default::default();
    let mut service_counts = Vec::new();
    let mut services = Vec::new();
    let mut before = UnixNanos(0);
    for rows in &encoding.order.traces {
        let line = line(encoding, rows, &mut services);
        service_counts.push(line.services);
        let values = [rows.rows as u64, rows.start.0.wrapping_sub(before.0)];
        let values = [values.as_slice(), &[line.duration, line.root, line.errors, line.warnings]].concat();
        columns.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        before = rows.start;
    }
    let numbers = [trace::ROWS, trace::START, trace::DURATION, trace::ROOT, trace::ERRORS, trace::WARNINGS];
    for (column, values) in numbers.into_iter().zip(&columns) {
        let mut bytes = Vec::new();
        planes::put(Some(&mut chunks.packer), &mut bytes, values)?;
        chunks.add(name(column), bytes, None);
    }
    let mut bytes = Vec::new();
    planes::put(Some(&mut chunks.packer), &mut bytes, &service_counts)?;
    planes::put(Some(&mut chunks.packer), &mut bytes, &services)?;
    chunks.add(name(trace::SERVICES), bytes, None);
    put_ids(encoding, chunks)
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

struct Line {
    duration: u64,
    root: u64,
    errors: u64,
    warnings: u64,
    services: u64,
}

/// Appends the services of one trace to `services`.
fn line(encoding: &Encoding<'_>, rows: &TraceRows, services: &mut Vec<u64>) -> Line {
    let mut line = Line { duration: 0, root: 0, errors: 0, warnings: 0, services: 0 };
    let services_before = services.len();
    let mut root = None;
    for offset in 0..rows.rows {
        let row = encoding.row(rows.first + offset);
        let facts = &encoding.facts[row.shape as usize];
        line.duration = line.duration.max(row.end.max(row.start).since(rows.start).0);
        line.errors += u64::from(facts.is_error);
        if let Some(place) = facts.warnings {
            line.warnings |= encoding.intake.cells[row.cells + place];
        }
        let rank = (row.parent_span_id != 0, row.start, row.span_id.swap_bytes());
        if root.is_none_or(|known| rank < known) {
            root = Some(rank);
            line.root = offset as u64;
        }
        let service = u64::from(facts.service);
        if line.services <= TRACE_SERVICES_MAX && !services[services_before..].contains(&service) {
            line.services += 1;
            if line.services <= TRACE_SERVICES_MAX {
                services.push(service);
            }
        }
    }
    line
}
