//! Bytes become a batch, or an error that names the part. No bytes panic, and none make it allocate more than they justify.

use model::batch::{Columns, EventCell, LinkCell, ResourceCell, ScopeCell, Slice, Texts};
use model::{Attribute, Attributes, SpanBatch, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value, Warnings};

use super::reader::Reader;
use super::{BatchError, MAGIC, NESTING_MAX, STATUS_SHIFT, VERSION, identity, pairs, tag};

/// Fewest bytes of a row: its id, its trace, its parent, two times, a name, kind with status.
const ROW_BYTES_MIN: usize = 8 + 1 + 1 + 2 + 1 + 1;

/// Room taken before the first item is read. Lists nest, so the claim of each must not be believed at once.
const CAPACITY_FIRST: usize = 1_024;

/// The batch whose bytes these are, all of them.
pub fn decode(bytes: &[u8]) -> Result<SpanBatch, BatchError> {
    let reader = &mut Reader::new(bytes);
    if reader.array()? != MAGIC {
        return Err(BatchError::Magic);
    }
    let version = reader.byte()?;
    if version != VERSION {
        return Err(BatchError::Version(version));
    }
    let mut columns = Columns::default();
    decode_dictionary(reader, &mut columns)?;
    decode_shared(reader, &mut columns)?;
    decode_rows(reader, &mut columns)?;
    match reader.remaining() {
        0 => Ok(SpanBatch::from_columns(columns)?),
        trailing => Err(BatchError::Trailing(trailing)),
    }
}

/// The value whose bytes these are, all of them, as [`super::encode_value`] writes it.
pub fn decode_value(bytes: &[u8]) -> Result<Value, BatchError> {
    let reader = &mut Reader::new(bytes);
    reader.enter("value");
    let value = value(reader, NESTING_MAX)?;
    match reader.remaining() {
        0 => Ok(value),
        trailing => Err(BatchError::Trailing(trailing)),
    }
}

fn decode_dictionary(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), BatchError> {
    reader.enter("strings");
    columns.strings = strings(reader)?;
    reader.enter("others");
    columns.others = list(reader, 1, |reader, _| value(reader, NESTING_MAX))?;
    Ok(())
}

/// All lengths, then all texts: they are checked in one piece.
fn strings(reader: &mut Reader<'_>) -> Result<Texts, BatchError> {
    let count = reader.count(1)?;
    let lengths = column(reader, count, Reader::varint32)?;
    let bytes = lengths.iter().map(|length| u64::from(*length)).sum::<u64>();
    let bytes = usize::try_from(bytes).ok().ok_or(reader.invalid())?;
    let joined = std::str::from_utf8(reader.take(bytes)?).ok().ok_or(reader.invalid())?;
    Texts::from_joined(joined, lengths).ok_or(reader.invalid())
}

/// The depth of recursion is bounded by `depth_left`.
fn value(reader: &mut Reader<'_>, depth_left: usize) -> Result<Value, BatchError> {
    Ok(match reader.byte()? {
        tag::EMPTY => Value::Empty,
        tag::STRING => Value::String(reader.text()?.to_owned()),
        tag::FALSE => Value::Bool(false),
        tag::TRUE => Value::Bool(true),
        tag::INT => Value::Int(reader.zigzag()?),
        tag::DOUBLE => Value::Double(f64::from_bits(u64::from_le_bytes(reader.array()?))),
        tag::BYTES => Value::Bytes(reader.bytes()?.to_vec()),
        tag::ARRAY => {
            let depth_left = depth_left.checked_sub(1).ok_or(BatchError::Nesting)?;
            Value::Array(list(reader, 1, |reader, _| value(reader, depth_left))?)
        }
        tag::MAP => {
            let depth_left = depth_left.checked_sub(1).ok_or(BatchError::Nesting)?;
            let pair = |reader: &mut Reader<'_>, _: &mut u32| {
                Ok(Attribute { key: reader.text()?.to_owned(), value: value(reader, depth_left)? })
            };
            Value::Map(Attributes::from_pairs(list(reader, 2, pair)?))
        }
        _ => return Err(reader.invalid()),
    })
}

fn decode_shared(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), BatchError> {
    columns.attributes = pairs::take(reader, columns.strings.len())?;
    reader.enter("resources");
    columns.resources = list(reader, 4, |reader, place| {
        Ok(ResourceCell {
            service: reader.varint32()?,
            attributes: slice(reader, place)?,
            attributes_dropped: reader.varint32()?,
            schema_url: reader.varint32()?,
        })
    })?;
    reader.enter("scopes");
    columns.scopes = list(reader, 5, |reader, place| {
        Ok(ScopeCell {
            name: reader.varint32()?,
            version: reader.varint32()?,
            attributes: slice(reader, place)?,
            attributes_dropped: reader.varint32()?,
            schema_url: reader.varint32()?,
        })
    })?;
    reader.enter("events");
    columns.events = list(reader, 11, |reader, place| {
        Ok(EventCell {
            time: UnixNanos(u64::from_le_bytes(reader.array()?)),
            name: reader.varint32()?,
            attributes: slice(reader, place)?,
            attributes_dropped: reader.varint32()?,
        })
    })?;
    reader.enter("links");
    columns.links = list(reader, 28, link)?;
    Ok(())
}

fn link(reader: &mut Reader<'_>, place: &mut u32) -> Result<LinkCell, BatchError> {
    Ok(LinkCell {
        trace_id: trace_id(reader)?,
        span_id: span_id(reader)?,
        trace_state: reader.varint32()?,
        flags: reader.varint32()?,
        attributes: slice(reader, place)?,
        attributes_dropped: reader.varint32()?,
    })
}

fn decode_rows(reader: &mut Reader<'_>, columns: &mut Columns) -> Result<(), BatchError> {
    reader.enter("rows");
    let rows = reader.count(ROW_BYTES_MIN)?;
    reader.enter("span_id");
    columns.span_id = column(reader, rows, span_id)?;
    columns.trace_id = identity::take_traces(reader, rows)?;
    columns.parent_span_id = identity::take_parents(reader, &columns.span_id)?;
    let mut previous = 0;
    reader.enter("start");
    columns.start = column(reader, rows, |reader| {
        previous = u64::wrapping_add(previous, reader.zigzag()? as u64);
        Ok(UnixNanos(previous))
    })?;
    reader.enter("end");
    let mut starts = columns.start.iter();
    columns.end = column(reader, rows, |reader| {
        let start = starts.next().map_or(0, |start| start.0);
        Ok(UnixNanos(start.wrapping_add(reader.zigzag()? as u64)))
    })?;
    reader.enter("name");
    columns.name = column(reader, rows, Reader::varint32)?;
    decode_kinds(reader, columns, rows)?;
    columns.status_message = rare(reader, "status_message", rows)?;
    columns.trace_state = rare(reader, "trace_state", rows)?;
    columns.flags = rare(reader, "flags", rows)?;
    columns.warnings = rare(reader, "warnings", rows)?.into_iter().map(Warnings::from_bits).collect();
    columns.resource = runs(reader, "resource", rows)?;
    columns.scope = runs(reader, "scope", rows)?;
    columns.span_attributes = slices(reader, "span_attributes", rows)?;
    columns.attributes_dropped = rare(reader, "attributes_dropped", rows)?;
    columns.span_events = slices(reader, "span_events", rows)?;
    columns.events_dropped = rare(reader, "events_dropped", rows)?;
    columns.span_links = slices(reader, "span_links", rows)?;
    columns.links_dropped = rare(reader, "links_dropped", rows)?;
    Ok(())
}

fn decode_kinds(reader: &mut Reader<'_>, columns: &mut Columns, rows: usize) -> Result<(), BatchError> {
    reader.enter("kind");
    (columns.kind, columns.status_code) = (Vec::with_capacity(rows), Vec::with_capacity(rows));
    for _ in 0..rows {
        let byte = reader.byte()?;
        let (kind, status) = (byte & ((1 << STATUS_SHIFT) - 1), byte >> STATUS_SHIFT);
        let (kind, status) = (SpanKind::from_number(kind.into()), StatusCode::from_number(status.into()));
        if kind as u8 | (status as u8) << STATUS_SHIFT != byte {
            return Err(reader.invalid());
        }
        columns.kind.push(kind);
        columns.status_code.push(status);
    }
    Ok(())
}

fn trace_id(reader: &mut Reader<'_>) -> Result<TraceId, BatchError> {
    TraceId::new(reader.array()?).ok_or(reader.invalid())
}

fn span_id(reader: &mut Reader<'_>) -> Result<SpanId, BatchError> {
    SpanId::new(reader.array()?).ok_or(reader.invalid())
}

fn slice(reader: &mut Reader<'_>, place: &mut u32) -> Result<Slice, BatchError> {
    let head = reader.varint()?;
    let distance = if head & 1 == 0 { 0 } else { reader.zigzag()? };
    let start = i64::from(*place).checked_add(distance).and_then(|start| u32::try_from(start).ok());
    let start = start.ok_or(reader.invalid())?;
    let length = u32::try_from(head >> 1).ok();
    let end = length.and_then(|length| start.checked_add(length)).ok_or(reader.invalid())?;
    *place = end;
    Ok(Slice { start, end })
}

/// Whether a column follows or all of it is the default.
fn is_used(reader: &mut Reader<'_>, part: &'static str) -> Result<bool, BatchError> {
    reader.enter(part);
    match reader.byte()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(reader.invalid()),
    }
}

fn rare(reader: &mut Reader<'_>, part: &'static str, rows: usize) -> Result<Vec<u32>, BatchError> {
    if is_used(reader, part)? { column(reader, rows, Reader::varint32) } else { Ok(vec![0; rows]) }
}

fn runs(reader: &mut Reader<'_>, part: &'static str, rows: usize) -> Result<Vec<u32>, BatchError> {
    reader.enter(part);
    let mut values = Vec::with_capacity(rows);
    while values.len() < rows {
        let (value, length) = (reader.varint32()?, reader.varint()?);
        if length == 0 || length > (rows - values.len()) as u64 {
            return Err(reader.invalid());
        }
        values.resize(values.len() + length as usize, value);
    }
    Ok(values)
}

fn slices(reader: &mut Reader<'_>, part: &'static str, rows: usize) -> Result<Vec<Slice>, BatchError> {
    let mut place = 0;
    match is_used(reader, part)? {
        true => column(reader, rows, |reader| slice(reader, &mut place)),
        false => Ok(vec![Slice::default(); rows]),
    }
}

/// A count, then as many items of at least `bytes_min` bytes. `place` runs along the slices of the items.
fn list<'a, T>(
    reader: &mut Reader<'a>,
    bytes_min: usize,
    mut item: impl FnMut(&mut Reader<'a>, &mut u32) -> Result<T, BatchError>,
) -> Result<Vec<T>, BatchError> {
    let count = reader.count(bytes_min)?;
    let mut place = 0;
    column(reader, count, |reader| item(reader, &mut place))
}

fn column<'a, T>(
    reader: &mut Reader<'a>,
    rows: usize,
    mut item: impl FnMut(&mut Reader<'a>) -> Result<T, BatchError>,
) -> Result<Vec<T>, BatchError> {
    let mut items = Vec::with_capacity(rows.min(CAPACITY_FIRST));
    for _ in 0..rows {
        items.push(item(reader)?);
    }
    Ok(items)
}
