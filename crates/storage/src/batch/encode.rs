//! A batch becomes bytes. Not here: reading them back.

use model::batch::{Columns, EventCell, LinkCell, ResourceCell, ScopeCell, Slice};
use model::{SpanBatch, Value, Warnings};

use super::writer::{bytes, varint, zigzag};
use super::{BatchError, MAGIC, NESTING_MAX, STATUS_SHIFT, VERSION, identity, pairs, tag};

/// Of a usual span, its share of the texts included; room for as many is taken at the start.
const BYTES_PER_SPAN: usize = 128;

/// The bytes of `batch`. Fails only on a value nested deeper than [`NESTING_MAX`], which no decoder would accept.
pub fn encode(batch: &SpanBatch) -> Result<Vec<u8>, BatchError> {
    let columns = batch.columns();
    let mut out = Vec::with_capacity(BYTES_PER_SPAN * batch.len());
    out.extend_from_slice(&MAGIC);
    out.push(VERSION);
    encode_dictionary(&mut out, columns)?;
    encode_shared(&mut out, columns);
    encode_rows(&mut out, columns);
    Ok(out)
}

/// Appends one value, as it stands in the part `others`. Equal values give equal bytes.
pub fn encode_value(out: &mut Vec<u8>, value: &Value) -> Result<(), BatchError> {
    nested_value(out, value, NESTING_MAX)
}

fn encode_dictionary(out: &mut Vec<u8>, columns: &Columns) -> Result<(), BatchError> {
    varint(out, columns.strings.len() as u64);
    columns.strings.iter().for_each(|text| varint(out, text.len() as u64));
    out.extend_from_slice(columns.strings.joined().as_bytes());
    varint(out, columns.others.len() as u64);
    columns.others.iter().try_for_each(|value| encode_value(out, value))
}

/// The depth of recursion is bounded by `depth_left`.
fn nested_value(out: &mut Vec<u8>, value: &Value, depth_left: usize) -> Result<(), BatchError> {
    match value {
        Value::Empty => out.push(tag::EMPTY),
        Value::String(text) => {
            out.push(tag::STRING);
            bytes(out, text.as_bytes());
        }
        Value::Bool(value) => out.push(if *value { tag::TRUE } else { tag::FALSE }),
        Value::Int(value) => {
            out.push(tag::INT);
            zigzag(out, *value);
        }
        Value::Double(value) => {
            out.push(tag::DOUBLE);
            out.extend_from_slice(&value.to_bits().to_le_bytes());
        }
        Value::Bytes(raw) => {
            out.push(tag::BYTES);
            bytes(out, raw);
        }
        Value::Array(values) => {
            let depth_left = depth_left.checked_sub(1).ok_or(BatchError::Nesting)?;
            out.push(tag::ARRAY);
            varint(out, values.len() as u64);
            for value in values {
                nested_value(out, value, depth_left)?;
            }
        }
        Value::Map(pairs) => {
            let depth_left = depth_left.checked_sub(1).ok_or(BatchError::Nesting)?;
            out.push(tag::MAP);
            varint(out, pairs.len() as u64);
            for pair in pairs {
                bytes(out, pair.key.as_bytes());
                nested_value(out, &pair.value, depth_left)?;
            }
        }
    }
    Ok(())
}

fn encode_shared(out: &mut Vec<u8>, columns: &Columns) {
    pairs::put(out, &columns.attributes, columns.strings.len());
    list(
        out,
        &columns.resources,
        |out, place, ResourceCell { service, attributes, attributes_dropped, schema_url }| {
            varint(out, (*service).into());
            slice(out, place, *attributes);
            varint(out, (*attributes_dropped).into());
            varint(out, (*schema_url).into());
        },
    );
    list(
        out,
        &columns.scopes,
        |out, place, ScopeCell { name, version, attributes, attributes_dropped, schema_url }| {
            varint(out, (*name).into());
            varint(out, (*version).into());
            slice(out, place, *attributes);
            varint(out, (*attributes_dropped).into());
            varint(out, (*schema_url).into());
        },
    );
    list(out, &columns.events, |out, place, EventCell { time, name, attributes, attributes_dropped }| {
        out.extend_from_slice(&time.0.to_le_bytes());
        varint(out, (*name).into());
        slice(out, place, *attributes);
        varint(out, (*attributes_dropped).into());
    });
    list(out, &columns.links, link);
}

/// Appends the number of cells and each of them; `place` is the end of the slice written last, where the next one mostly begins.
fn list<T>(out: &mut Vec<u8>, cells: &[T], mut write: impl FnMut(&mut Vec<u8>, &mut u32, &T)) {
    varint(out, cells.len() as u64);
    let mut place = 0;
    cells.iter().for_each(|cell| write(out, &mut place, cell));
}

fn link(out: &mut Vec<u8>, place: &mut u32, cell: &LinkCell) {
    out.extend_from_slice(cell.trace_id.bytes());
    out.extend_from_slice(cell.span_id.bytes());
    varint(out, cell.trace_state.into());
    varint(out, cell.flags.into());
    slice(out, place, cell.attributes);
    varint(out, cell.attributes_dropped.into());
}

/// The length and whether it begins elsewhere than where the last slice ended; if so, the distance from there.
fn slice(out: &mut Vec<u8>, place: &mut u32, slice: Slice) {
    let moves = slice.start != *place;
    varint(out, u64::from(slice.end - slice.start) << 1 | u64::from(moves));
    if moves {
        zigzag(out, i64::from(slice.start) - i64::from(*place));
    }
    *place = slice.end;
}

fn encode_rows(out: &mut Vec<u8>, columns: &Columns) {
    varint(out, columns.trace_id.len() as u64);
    columns.span_id.iter().for_each(|id| out.extend_from_slice(id.bytes()));
    identity::put_traces(out, &columns.trace_id);
    identity::put_parents(out, &columns.parent_span_id, &columns.span_id);
    let mut previous = 0;
    for start in &columns.start {
        zigzag(out, start.0.wrapping_sub(previous) as i64);
        previous = start.0;
    }
    for (end, start) in columns.end.iter().zip(&columns.start) {
        zigzag(out, end.0.wrapping_sub(start.0) as i64);
    }
    columns.name.iter().for_each(|name| varint(out, (*name).into()));
    for (kind, status) in columns.kind.iter().zip(&columns.status_code) {
        out.push(*kind as u8 | (*status as u8) << STATUS_SHIFT);
    }
    rare(out, columns.status_message.iter().copied());
    rare(out, columns.trace_state.iter().copied());
    rare(out, columns.flags.iter().copied());
    rare(out, columns.warnings.iter().map(Warnings::bits));
    runs(out, &columns.resource);
    runs(out, &columns.scope);
    slices(out, &columns.span_attributes);
    rare(out, columns.attributes_dropped.iter().copied());
    slices(out, &columns.span_events);
    rare(out, columns.events_dropped.iter().copied());
    slices(out, &columns.span_links);
    rare(out, columns.links_dropped.iter().copied());
}

/// A column that mostly is zero everywhere: then it is one byte.
fn rare(out: &mut Vec<u8>, values: impl Iterator<Item = u32> + Clone) {
    let is_used = values.clone().any(|value| value != 0);
    out.push(is_used.into());
    if is_used {
        values.for_each(|value| varint(out, value.into()));
    }
}

/// A column that goes on for a while: each value, and in how many rows it stands.
fn runs(out: &mut Vec<u8>, values: &[u32]) {
    for run in values.chunk_by(|left, right| left == right) {
        varint(out, run[0].into());
        varint(out, run.len() as u64);
    }
}

/// One byte when all are empty and each begins where the last one ended.
fn slices(out: &mut Vec<u8>, values: &[Slice]) {
    let is_used = values.iter().any(|slice| *slice != Slice::default());
    out.push(is_used.into());
    if is_used {
        let mut place = 0;
        values.iter().for_each(|value| slice(out, &mut place, *value));
    }
}
