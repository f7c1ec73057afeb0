//! Bytes become the tables, or an error. Every index is checked here, so that nobody need do it again.

use super::super::bytes::Cursor;
use super::super::error::BlockError;
use super::super::layout::Owner;
use super::super::schema::{
    Class, ColumnInfo, Field, Head, Kind, ResourceInfo, ScopeInfo, Shape, SharedAttributes, SharedValue, Slot,
};
use super::{Tables, tag};

/// Room taken before the first item is read: the claim of a list is not believed at once.
const CAPACITY_FIRST: usize = 1_024;

/// Columns of all shapes together, each of which may stand for many bytes of memory.
const SLOTS_MAX: usize = 16 << 20;

impl Tables {
    /// The tables in `bytes`, of a block with so many strings.
    pub(in crate::block) fn take(bytes: &[u8], strings: usize) -> Result<Tables, BlockError> {
        let cursor = &mut Cursor::new(bytes, "tables");
        let columns = list(cursor, 4, |cursor| column(cursor, strings))?;
        let services = list(cursor, 1, |cursor| cursor.index(strings))?;
        let resources = list(cursor, 4, |cursor| {
            Ok(ResourceInfo {
                service: cursor.index(services.len())?,
                attributes: attributes(cursor, strings)?,
                dropped: cursor.varint32()?,
                schema_url: cursor.index(strings)?,
            })
        })?;
        let scopes = list(cursor, 5, |cursor| {
            Ok(ScopeInfo {
                name: cursor.index(strings)?,
                version: cursor.index(strings)?,
                attributes: attributes(cursor, strings)?,
                dropped: cursor.varint32()?,
                schema_url: cursor.index(strings)?,
            })
        })?;
        let mut tables = Tables { columns, services, resources, scopes, ..Tables::default() };
        tables.span_shapes = tables.shapes(cursor, strings, Owner::Span)?;
        tables.event_shapes = tables.shapes(cursor, strings, Owner::Event)?;
        tables.link_shapes = tables.shapes(cursor, strings, Owner::Link)?;
        if cursor.remaining() == 0 { Ok(tables) } else { Err(cursor.invalid()) }
    }

    fn shapes(&self, cursor: &mut Cursor<'_>, strings: usize, owner: Owner) -> Result<Vec<Shape>, BlockError> {
        let lists = list(cursor, 1, |cursor| {
            list(cursor, 1, |cursor| {
                let column = cursor.index(self.columns.len())?;
                if self.columns[column as usize].owner == owner { Ok(column) } else { Err(cursor.invalid()) }
            })
        })?;
        let mut slots_left = SLOTS_MAX;
        list(cursor, 6, |cursor| {
            let columns = &lists[cursor.index(lists.len())? as usize];
            slots_left = slots_left.checked_sub(columns.len()).ok_or(cursor.invalid())?;
            let head = head(cursor, self, strings, owner)?;
            let bits = cursor.take(columns.len().div_ceil(8))?;
            let mut slots = Vec::with_capacity(columns.len());
            for (place, column) in columns.iter().enumerate() {
                let is_constant = bits[place / 8] >> (place % 8) & 1 == 1;
                let constant = if is_constant { Some(cursor.varint()?) } else { None };
                slots.push(Slot { column: *column, constant });
            }
            Ok(Shape { head, slots })
        })
    }
}

fn list<T>(
    cursor: &mut Cursor<'_>,
    bytes_min: usize,
    mut item: impl FnMut(&mut Cursor<'_>) -> Result<T, BlockError>,
) -> Result<Vec<T>, BlockError> {
    let count = cursor.count(bytes_min)?;
    let mut items = Vec::with_capacity(count.min(CAPACITY_FIRST));
    for _ in 0..count {
        items.push(item(cursor)?);
    }
    Ok(items)
}

fn column(cursor: &mut Cursor<'_>, strings: usize) -> Result<ColumnInfo, BlockError> {
    let [owner, field, kind, class] = cursor.array()?;
    let invalid = || cursor.invalid();
    let owner = Owner::from_number(owner).ok_or_else(invalid)?;
    let kind = Kind::from_number(kind).ok_or_else(invalid)?;
    let class = Class::from_number(class).filter(|class| class.fits(kind)).ok_or_else(invalid)?;
    let field = match field {
        0 => Field::Attribute(cursor.index(strings)?),
        number => Field::fixed(number).filter(|field| field.kind() == Some(kind)).ok_or_else(invalid)?,
    };
    Ok(ColumnInfo { owner, field, kind, class })
}

fn head(cursor: &mut Cursor<'_>, tables: &Tables, strings: usize, owner: Owner) -> Result<Head, BlockError> {
    let (resource, scope) = match owner {
        Owner::Span => (cursor.index(tables.resources.len())?, cursor.index(tables.scopes.len())?),
        Owner::Event | Owner::Link => (cursor.index(1)?, cursor.index(1)?),
    };
    let name = cursor.index(strings)?;
    let [kind, status] = cursor.array()?;
    let kinds = if owner == Owner::Span { 1..=5 } else { 0..=0 };
    if !kinds.contains(&kind) || status > 2 {
        return Err(cursor.invalid());
    }
    Ok(Head { resource, scope, name, kind, status })
}

fn attributes(cursor: &mut Cursor<'_>, strings: usize) -> Result<SharedAttributes, BlockError> {
    list(cursor, 2, |cursor| {
        let key = cursor.index(strings)?;
        let value = match cursor.byte()? {
            tag::EMPTY => SharedValue::Empty,
            tag::TEXT => SharedValue::Text(cursor.index(strings)?),
            tag::FALSE => SharedValue::Bool(false),
            tag::TRUE => SharedValue::Bool(true),
            tag::INT => SharedValue::Int(cursor.zigzag()?),
            tag::DOUBLE => SharedValue::Double(f64::from_bits(cursor.u64()?)),
            tag::OTHER => SharedValue::Other(cursor.bytes()?.to_vec()),
            _ => return Err(cursor.invalid()),
        };
        Ok((key, value))
    })
}
