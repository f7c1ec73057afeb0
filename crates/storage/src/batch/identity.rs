//! Trace ids and parents of a batch, both ways: an id that stands in the batch already is not repeated.

use model::{SpanId, TraceId};

use super::BatchError;
use super::reader::Reader;
use super::writer::varint;

/// An id follows.
const NEW: u64 = 0;

/// There is no parent.
const NO_PARENT: u64 = 0;
/// The parent is not in the batch, its id follows.
const ELSEWHERE: u64 = 1;
/// The parent is the span in this row, plus this.
const ROW: u64 = 2;

/// Appends the trace id of each row.
pub(super) fn put_traces(out: &mut Vec<u8>, ids: &[TraceId]) {
    // Where an id was met last. Two that fall into one place push each other out: that costs bytes, never truth.
    let mut places = vec![None; places_for(ids.len())];
    let mut written = 0u64;
    for id in ids {
        let place = place_of(id.bytes(), places.len());
        match places[place].filter(|(known, _)| known == id) {
            Some((_, number)) => varint(out, written - number),
            None => {
                varint(out, NEW);
                out.extend_from_slice(id.bytes());
                places[place] = Some((*id, written));
                written += 1;
            }
        }
    }
}

pub(super) fn take_traces(reader: &mut Reader<'_>, rows: usize) -> Result<Vec<TraceId>, BatchError> {
    reader.enter("trace_id");
    let mut ids = Vec::with_capacity(rows);
    let mut written: Vec<TraceId> = Vec::new();
    for _ in 0..rows {
        ids.push(match reader.varint()? {
            NEW => {
                let id = TraceId::new(reader.array()?).ok_or(reader.invalid())?;
                written.push(id);
                id
            }
            back => {
                let number = usize::try_from(back).ok().and_then(|back| written.len().checked_sub(back));
                *number.and_then(|number| written.get(number)).ok_or(reader.invalid())?
            }
        });
    }
    Ok(ids)
}

/// Appends the parent of each row; `ids` are those of the spans themselves, which the reader has.
pub(super) fn put_parents(out: &mut Vec<u8>, parents: &[Option<SpanId>], ids: &[SpanId]) {
    let mut places = vec![u32::MAX; places_for(ids.len())];
    for (row, id) in (0u32..).zip(ids) {
        let place = place_of(id.bytes(), places.len());
        places[place] = row;
    }
    for parent in parents {
        let Some(parent) = parent else {
            varint(out, NO_PARENT);
            continue;
        };
        let row = places[place_of(parent.bytes(), places.len())];
        if ids.get(row as usize) == Some(parent) {
            varint(out, u64::from(row) + ROW);
        } else {
            varint(out, ELSEWHERE);
            out.extend_from_slice(parent.bytes());
        }
    }
}

pub(super) fn take_parents(reader: &mut Reader<'_>, ids: &[SpanId]) -> Result<Vec<Option<SpanId>>, BatchError> {
    reader.enter("parent_span_id");
    let mut parents = Vec::with_capacity(ids.len());
    for _ in ids {
        parents.push(match reader.varint()? {
            NO_PARENT => None,
            ELSEWHERE => Some(SpanId::new(reader.array()?).ok_or(reader.invalid())?),
            row => {
                let row = usize::try_from(row - ROW).ok().and_then(|row| ids.get(row));
                Some(*row.ok_or(reader.invalid())?)
            }
        });
    }
    Ok(parents)
}

/// Twice as many as ids, a power of two.
fn places_for(ids: usize) -> usize {
    (2 * ids).next_power_of_two()
}

/// Ids are mostly random, and the end of one more so than its begin.
fn place_of<const N: usize>(id: &[u8; N], places: usize) -> usize {
    let last = id.last_chunk::<4>().map_or(0, |end| u32::from_be_bytes(*end));
    last.wrapping_mul(0x9e37_79b1) as usize >> 7 & (places - 1)
}
