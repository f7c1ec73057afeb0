//! The tables become bytes.

use hashbrown::HashMap;

use super::super::bytes::{put_bytes, put_varint, put_zigzag};
use super::super::schema::{ColumnInfo, Field, ResourceInfo, ScopeInfo, Shape, SharedAttributes, SharedValue};
use super::{Tables, tag};

/// Appends `tables`.
pub(in crate::block) fn put(out: &mut Vec<u8>, tables: &Tables) {
    list(out, &tables.columns, column);
    list(out, &tables.services, |out, service| put_varint(out, (*service).into()));
    list(out, &tables.resources, resource);
    list(out, &tables.scopes, scope);
    for shapes in [&tables.span_shapes, &tables.event_shapes, &tables.link_shapes] {
        put_shapes(out, shapes);
    }
}

fn list<T>(out: &mut Vec<u8>, items: &[T], mut item: impl FnMut(&mut Vec<u8>, &T)) {
    put_varint(out, items.len() as u64);
    items.iter().for_each(|each| item(out, each));
}

fn column(out: &mut Vec<u8>, column: &ColumnInfo) {
    out.extend([column.owner as u8, column.field.number(), column.kind as u8, column.class as u8]);
    if let Field::Attribute(key) = column.field {
        put_varint(out, key.into());
    }
}

fn resource(out: &mut Vec<u8>, resource: &ResourceInfo) {
    put_varint(out, resource.service.into());
    attributes(out, &resource.attributes);
    put_varint(out, resource.dropped.into());
    put_varint(out, resource.schema_url.into());
}

fn scope(out: &mut Vec<u8>, scope: &ScopeInfo) {
    put_varint(out, scope.name.into());
    put_varint(out, scope.version.into());
    attributes(out, &scope.attributes);
    put_varint(out, scope.dropped.into());
    put_varint(out, scope.schema_url.into());
}

fn attributes(out: &mut Vec<u8>, attributes: &SharedAttributes) {
    list(out, attributes, |out, (key, value)| {
        put_varint(out, (*key).into());
        match value {
            SharedValue::Empty => out.push(tag::EMPTY),
            SharedValue::Text(text) => {
                out.push(tag::TEXT);
                put_varint(out, (*text).into());
            }
            SharedValue::Bool(value) => out.push(if *value { tag::TRUE } else { tag::FALSE }),
            SharedValue::Int(value) => {
                out.push(tag::INT);
                put_zigzag(out, *value);
            }
            SharedValue::Double(value) => {
                out.push(tag::DOUBLE);
                out.extend_from_slice(&value.to_bits().to_le_bytes());
            }
            SharedValue::Other(bytes) => {
                out.push(tag::OTHER);
                put_bytes(out, bytes);
            }
        }
    });
}

/// Lists of columns first, each once: many shapes share one.
fn put_shapes(out: &mut Vec<u8>, shapes: &[Shape]) {
    let mut numbers: HashMap<Vec<u32>, u64> = HashMap::new();
    let mut lists = Vec::new();
    let columns = |shape: &Shape| shape.slots.iter().map(|slot| slot.column).collect::<Vec<u32>>();
    for shape in shapes {
        numbers.entry(columns(shape)).or_insert_with_key(|columns| {
            lists.push(columns.clone());
            lists.len() as u64 - 1
        });
    }
    list(out, &lists, |out, columns| list(out, columns, |out, column| put_varint(out, (*column).into())));
    list(out, shapes, |out, shape| {
        put_varint(out, numbers[&columns(shape)]);
        put_varint(out, shape.head.resource.into());
        put_varint(out, shape.head.scope.into());
        put_varint(out, shape.head.name.into());
        out.extend([shape.head.kind, shape.head.status]);
        for slots in shape.slots.chunks(8) {
            let constant = |bits: u8, (place, slot): (usize, &super::super::schema::Slot)| {
                bits | u8::from(slot.constant.is_some()) << place
            };
            out.push(slots.iter().enumerate().fold(0, constant));
        }
        shape.slots.iter().filter_map(|slot| slot.constant).for_each(|value| put_varint(out, value));
    });
}

/// What is stored of a resource or scope, to know it when it comes again.
pub(in crate::block) trait SharedPart {
    /// Appends its bytes.
    fn put(&self, out: &mut Vec<u8>);
}

impl SharedPart for ResourceInfo {
    fn put(&self, out: &mut Vec<u8>) {
        resource(out, self);
    }
}

impl SharedPart for ScopeInfo {
    fn put(&self, out: &mut Vec<u8>) {
        scope(out, self);
    }
}

/// Equal parts have equal keys, in the memory of `key`; also where a double is not a number.
pub(in crate::block) fn shared_key<'k>(part: &impl SharedPart, key: &'k mut Vec<u8>) -> &'k [u8] {
    key.clear();
    part.put(key);
    key
}
