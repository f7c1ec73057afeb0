//! Bytes become a batch, or an error that names the part. No bytes panic, and none make it allocate more than they justify.

use model::batch::{AttributeCell, Columns, EventCell, LinkCell, ResourceCell, ScopeCell, Slice, ValueCell};
use model::{Attribute, Attributes, SpanBatch, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value, Warnings};

use super::reader::Reader;
use super::{BatchError, MAGIC, NESTING_MAX, VERSION, tag};

/// Fewest bytes of a row: two flags, a span id, two times, nine columns of a byte, three slices of two, three counts.
const ROW_BYTES_MIN: usize = 1 + 8 + 1 + 2 + 9 + 3 * 2 + 3;

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
    for _ in 0..reader.count(1)? {
        if !columns.strings.try_push(reader.text()?) {
            return Err(reader.invalid());
        }
    }
    reader.enter("others");
    columns.others = list(reader, 1, |reader, _| value(reader, NESTING_MAX))?;
    Ok(())
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
    reader.enter("attributes");
    columns.attributes = list(reader, 2, |reader, _| attribute(reader))?;
    reader.enter("resources");
    columns.resources = list(reader, 5, |reader, place| {
        Ok(ResourceCell {
            service: reader.varint32()?,
            attributes: slice(reader, place)?,
            attributes_dropped: reader.varint32()?,
            schema_url: reader.varint32()?,
        })
    })?;
    reader.enter("scopes");
    columns.scopes = list(reader, 6, |reader, place| {
        Ok(ScopeCell {
            name: reader.varint32()?,
            version: reader.varint32()?,
            attributes: slice(reader, place)?,
            attributes_dropped: reader.varint32()?,
            schema_url: reader.varint32()?,
        })
    })?;
    reader.enter("events");
    columns.events = list(reader, 12, |reader, place| {
        Ok(EventCell {
            time: UnixNanos(u64::from_le_bytes(reader.array()?)),
            name: reader.varint32()?,
            attributes: slice(reader, place)?,
            attributes_dropped: reader.varint32()?,
        })
    })?;
    reader.enter("links");
    columns.links = list(reader, 29, link)?;
    Ok(())
}

fn attribute(reader: &mut Reader<'_>) -> Result<AttributeCell, BatchError> {
    let key = reader.varint32()?;
    if key > AttributeCell::KEY_MAX {
        return Err(reader.invalid());
    }
    let value = match reader.byte()? {
        tag::EMPTY => ValueCell::Empty,
        tag::STRING => ValueCell::String(reader.varint32()?),
        tag::FALSE => ValueCell::Bool(false),
        tag::TRUE => ValueCell::Bool(true),
        tag::INT => ValueCell::Int(reader.zigzag()?),
        tag::DOUBLE => ValueCell::Double(f64::from_bits(u64::from_le_bytes(reader.array()?))),
        tag::OTHER => ValueCell::Other(reader.varint32()?),
        _ => return Err(reader.invalid()),
    };
    Ok(AttributeCell::new(key, value))
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
    decode_identity(reader, columns, rows)?;
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
    columns.name = indexes(reader, "name", rows)?;
    reader.enter("kind");
    columns.kind = column(reader, rows, |reader| {
        let number = reader.byte()?;
        let kind = SpanKind::from_number(number.into());
        if kind as u8 == number { Ok(kind) } else { Err(reader.invalid()) }
    })?;
    reader.enter("status_code");
    columns.status_code = column(reader, rows, |reader| {
        let number = reader.byte()?;
        let code = StatusCode::from_number(number.into());
        if code as u8 == number { Ok(code) } else { Err(reader.invalid()) }
    })?;
    columns.status_message = indexes(reader, "status_message", rows)?;
    columns.trace_state = indexes(reader, "trace_state", rows)?;
    columns.flags = indexes(reader, "flags", rows)?;
    reader.enter("warnings");
    columns.warnings = column(reader, rows, |reader| Ok(Warnings::from_bits(reader.varint32()?)))?;
    columns.resource = indexes(reader, "resource", rows)?;
    columns.scope = indexes(reader, "scope", rows)?;
    columns.span_attributes = slices(reader, "span_attributes", rows)?;
    columns.attributes_dropped = indexes(reader, "attributes_dropped", rows)?;
    columns.span_events = slices(reader, "span_events", rows)?;
    columns.events_dropped = indexes(reader, "events_dropped", rows)?;
    columns.span_links = slices(reader, "span_links", rows)?;
    columns.links_dropped = indexes(reader, "links_dropped", rows)?;
    Ok(())
}

fn decode_identity(reader: &mut Reader<'_>, columns: &mut Columns, rows: usize) -> Result<(), BatchError> {
    reader.enter("trace_id");
    let mut previous = None;
    columns.trace_id = column(reader, rows, |reader| {
        let id = match reader.byte()? {
            0 => previous.ok_or(reader.invalid())?,
            1 => trace_id(reader)?,
            _ => return Err(reader.invalid()),
        };
        previous = Some(id);
        Ok(id)
    })?;
    reader.enter("span_id");
    columns.span_id = column(reader, rows, span_id)?;
    reader.enter("parent_span_id");
    columns.parent_span_id = column(reader, rows, |reader| match reader.byte()? {
        0 => Ok(None),
        1 => Ok(Some(span_id(reader)?)),
        _ => Err(reader.invalid()),
    })?;
    Ok(())
}

fn trace_id(reader: &mut Reader<'_>) -> Result<TraceId, BatchError> {
    TraceId::new(reader.array()?).ok_or(reader.invalid())
}

fn span_id(reader: &mut Reader<'_>) -> Result<SpanId, BatchError> {
    SpanId::new(reader.array()?).ok_or(reader.invalid())
}

fn slice(reader: &mut Reader<'_>, place: &mut u32) -> Result<Slice, BatchError> {
    let distance = reader.zigzag()?;
    let start = i64::from(*place).checked_add(distance).and_then(|start| u32::try_from(start).ok());
    let start = start.ok_or(reader.invalid())?;
    let end = start.checked_add(reader.varint32()?).ok_or(reader.invalid())?;
    *place = end;
    Ok(Slice { start, end })
}

fn indexes(reader: &mut Reader<'_>, part: &'static str, rows: usize) -> Result<Vec<u32>, BatchError> {
    reader.enter(part);
    column(reader, rows, Reader::varint32)
}

fn slices(reader: &mut Reader<'_>, part: &'static str, rows: usize) -> Result<Vec<Slice>, BatchError> {
    reader.enter(part);
    let mut place = 0;
    column(reader, rows, |reader| slice(reader, &mut place))
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
