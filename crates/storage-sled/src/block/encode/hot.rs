//! The columns that scans read, of one row group.

use std::ops::Range;

use super::super::BuildError;
use super::super::bytes::put_varint;
use super::super::directory::ChunkName;
use super::super::layout::{Section, hot, parent};
use super::super::planes;
use super::chunks::Chunks;
use super::order::NO_PARENT;
use super::write::Encoding;

/// Writes the hot columns of rows `places`, which are row group `group`.
pub(super) fn put(
    encoding: &Encoding<'_>,
    chunks: &mut Chunks,
    group: usize,
    places: Range<usize>,
) -> Result<(), BuildError> {
    let mut columns = Columns::default();
    let mut trace = encoding.order.traces.partition_point(|trace| trace.first + trace.rows <= places.start);
    for place in places.clone() {
        let traces = &encoding.order.traces;
        if place >= traces[trace].first + traces[trace].rows {
            trace += 1;
        }
        let row = encoding.row(place);
        let (above, base) = match encoding.order.parents[place] {
            NO_PARENT => (None, traces[trace].start),
            above if (above as usize) < places.start => (None, traces[trace].start),
            above => (Some(above), encoding.row(above as usize).start),
        };
        match above {
            Some(above) => columns.steps(steps_up(&encoding.order.parents, place, above)),
            None if row.parent_span_id == 0 => columns.parents.push(parent::NONE),
            None => {
                columns.parents.push(parent::ELSEWHERE);
                columns.parent_ids.extend_from_slice(&row.parent_span_id.to_le_bytes());
            }
        }
        columns.shapes.push(encoding.facts(row).rank.into());
        columns.starts.push(row.start.0.wrapping_sub(base.0));
        columns.durations.push(row.end.since(row.start).0);
        if row.end < row.start {
            put_varint(&mut columns.reversed, (place - places.start) as u64);
            put_varint(&mut columns.reversed, row.start.since(row.end).0);
        }
    }
    columns.put(chunks, group)
}

/// How often to go up from the row before to reach `above`, which depth first is above it or it itself.
fn steps_up(parents: &[u32], place: usize, above: u32) -> u64 {
    let mut steps = 0;
    let mut at = place as u32 - 1;
    while at != above {
        at = parents[at as usize];
        steps += 1;
    }
    steps
}

#[derive(Default)]
struct Columns {
    shapes: Vec<u64>,
    starts: Vec<u64>,
    durations: Vec<u64>,
    reversed: Vec<u8>,
    parents: Vec<u8>,
    far_steps: Vec<u8>,
    parent_ids: Vec<u8>,
}

impl Columns {
    fn steps(&mut self, steps: u64) {
        match u8::try_from(steps) {
            Ok(steps) if steps <= parent::STEPS_MAX => self.parents.push(steps),
            _ => {
                self.parents.push(parent::STEPS_FAR);
                put_varint(&mut self.far_steps, steps);
            }
        }
    }

    fn put(self, chunks: &mut Chunks, group: usize) -> Result<(), BuildError> {
        let name = |column: u32| ChunkName::new(Section::Hot, column, group);
        for (column, values) in
            [(hot::SHAPE, &self.shapes), (hot::START, &self.starts), (hot::DURATION, &self.durations)]
        {
            let mut bytes = Vec::new();
            planes::put(Some(&mut chunks.packer), &mut bytes, values)?;
            chunks.add(name(column), bytes, None);
        }
        for (column, bytes) in [
            (hot::REVERSED, self.reversed),
            (hot::PARENT, self.parents),
            (hot::PARENT_STEPS, self.far_steps),
            (hot::PARENT_ID, self.parent_ids),
        ] {
            if !bytes.is_empty() {
                chunks.add_packed(name(column), bytes)?;
            }
        }
        Ok(())
    }
}
