//! A batch becomes bytes. Not here: reading them back.

use model::batch::{AttributeCell, Columns, EventCell, LinkCell, ResourceCell, ScopeCell, Slice, ValueCell};
use model::{SpanBatch, Value};

use super::writer::{bytes, varint, zigzag};
use super::{BatchError, MAGIC, NESTING_MAX, VERSION, tag};

/// The bytes of `batch`. Fails only on a value nested deeper than [`NESTING_MAX`], which no decoder would accept.
pub fn encode(batch: &SpanBatch) -> Result<Vec<u8>, BatchError> {
    let columns = batch.columns();
    let mut out = Vec::with_capacity(64 * batch.len());
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
    columns.strings.iter().for_each(|text| bytes(out, text.as_bytes()));
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
    list(out, &columns.attributes, |out, _, cell| attribute(out, cell));
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

fn attribute(out: &mut Vec<u8>, cell: &AttributeCell) {
    varint(out, cell.key().into());
    match cell.value() {
        ValueCell::Empty => out.push(tag::EMPTY),
        ValueCell::String(id) => {
            out.push(tag::STRING);
            varint(out, id.into());
        }
        ValueCell::Bool(value) => out.push(if value { tag::TRUE } else { tag::FALSE }),
        ValueCell::Int(value) => {
            out.push(tag::INT);
            zigzag(out, value);
        }
        ValueCell::Double(value) => {
            out.push(tag::DOUBLE);
            out.extend_from_slice(&value.to_bits().to_le_bytes());
        }
        ValueCell::Other(index) => {
            out.push(tag::OTHER);
            varint(out, index.into());
        }
    }
}

fn link(out: &mut Vec<u8>, place: &mut u32, cell: &LinkCell) {
    out.extend_from_slice(cell.trace_id.bytes());
    out.extend_from_slice(cell.span_id.bytes());
    varint(out, cell.trace_state.into());
    varint(out, cell.flags.into());
    slice(out, place, cell.attributes);
    varint(out, cell.attributes_dropped.into());
}

/// Start as the distance from where the last slice ended, then the length.
fn slice(out: &mut Vec<u8>, place: &mut u32, slice: Slice) {
    zigzag(out, i64::from(slice.start) - i64::from(*place));
    varint(out, u64::from(slice.end - slice.start));
    *place = slice.end;
}

fn encode_rows(out: &mut Vec<u8>, columns: &Columns) {
    varint(out, columns.trace_id.len() as u64);
    let mut previous = None;
    for id in &columns.trace_id {
        let repeats = previous == Some(id);
        out.push(u8::from(!repeats));
        if !repeats {
            out.extend_from_slice(id.bytes());
        }
        previous = Some(id);
    }
    columns.span_id.iter().for_each(|id| out.extend_from_slice(id.bytes()));
    for parent in &columns.parent_span_id {
        out.push(u8::from(parent.is_some()));
        parent.iter().for_each(|id| out.extend_from_slice(id.bytes()));
    }
    let mut previous = 0;
    for start in &columns.start {
        zigzag(out, start.0.wrapping_sub(previous) as i64);
        previous = start.0;
    }
    for (end, start) in columns.end.iter().zip(&columns.start) {
        zigzag(out, end.0.wrapping_sub(start.0) as i64);
    }
    indexes(out, &columns.name);
    columns.kind.iter().for_each(|kind| out.push(*kind as u8));
    columns.status_code.iter().for_each(|code| out.push(*code as u8));
    indexes(out, &columns.status_message);
    indexes(out, &columns.trace_state);
    indexes(out, &columns.flags);
    columns.warnings.iter().for_each(|warnings| varint(out, warnings.bits().into()));
    indexes(out, &columns.resource);
    indexes(out, &columns.scope);
    slices(out, &columns.span_attributes);
    indexes(out, &columns.attributes_dropped);
    slices(out, &columns.span_events);
    indexes(out, &columns.events_dropped);
    slices(out, &columns.span_links);
    indexes(out, &columns.links_dropped);
}

fn indexes(out: &mut Vec<u8>, values: &[u32]) {
    values.iter().for_each(|value| varint(out, (*value).into()));
}

fn slices(out: &mut Vec<u8>, values: &[Slice]) {
    let mut place = 0;
    values.iter().for_each(|value| slice(out, &mut place, *value));
}
