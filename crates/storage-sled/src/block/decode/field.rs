//! A field as one block spells it: the columns that hold values of it, and the values that all rows of a shape share.
//!
//! Not here: reading cells (`group`), and what is asked of values (`row_test`).

use model::batch::AttributeView;
use storage::{AttributeScope, Field};

use super::super::error::BlockError;
use super::super::layout::Owner;
use super::super::schema::{self, Class, ColumnInfo, Kind, Shape, SharedAttributes, SharedValue};
use super::super::source::BlockSource;
use super::BlockReader;
use super::dictionary::{Dictionary, Words};
use super::group::PART;

/// A value as it lies in a block.
#[derive(Clone, Copy)]
pub(super) enum StoredValue<'a> {
    Simple(AttributeView<'a>),
    /// Bytes, an array or a map, encoded.
    Other(&'a [u8]),
}

/// A column with values of a field.
pub(super) struct FieldColumn {
    pub(super) column: u32,
    pub(super) kind: Kind,
    pub(super) class: Class,
    /// By shape: how many cells of the column a row, event or link of that shape has for itself.
    pub(super) cells: Vec<u32>,
}

/// Everything that has shapes, by its number in arrays.
pub(super) const OWNERS: [Owner; 3] = [Owner::Span, Owner::Event, Owner::Link];

/// What of a dictionary is meant.
struct Wanted<'r> {
    field: &'r Field,
    /// The number of the key, when the field is an attribute and the block knows its key.
    key: Option<u32>,
}

impl<S: BlockSource> BlockReader<S> {
    /// The columns of the field, by [`OWNERS`].
    pub(super) fn field_columns(&self, field: &Field) -> Result<[Vec<FieldColumn>; 3], BlockError> {
        let dictionary = self.dictionary()?;
        let wanted = Wanted::new(field, dictionary);
        let columns = (0u32..).zip(&dictionary.tables.columns);
        let mut found = [Vec::new(), Vec::new(), Vec::new()];
        for (column, info) in columns.filter(|(_, info)| info.class != Class::None && wanted.is_column(info)) {
            let is_own = |slot: &&schema::Slot| slot.column == column && slot.constant.is_none();
            let own = |shape: &Shape| shape.slots.iter().filter(is_own).count() as u32;
            let cells: Vec<u32> = dictionary.shapes(info.owner).iter().map(own).collect();
            if cells.iter().any(|count| *count > 0) {
                let ColumnInfo { kind, class, .. } = *info;
                found[info.owner as usize].push(FieldColumn { column, kind, class, cells });
            }
        }
        Ok(found)
    }

    /// Calls `visit` with each shape and each value that everything of this shape has: constants, resource, scope, names.
    pub(super) fn visit_fixed(
        &self,
        field: &Field,
        mut visit: impl FnMut(Owner, usize, StoredValue<'_>) -> Result<(), BlockError>,
    ) -> Result<(), BlockError> {
        let dictionary = self.dictionary()?;
        let tables = &dictionary.tables;
        let wanted = Wanted::new(field, dictionary);
        for owner in OWNERS {
            for (number, shape) in dictionary.shapes(owner).iter().enumerate() {
                for slot in &shape.slots {
                    let info = &tables.columns[slot.column as usize];
                    if wanted.is_column(info) && (slot.constant.is_some() || info.class == Class::None) {
                        visit(owner, number, self.fixed(slot.column, info, slot.constant)?)?;
                    }
                }
            }
        }
        let text = |id: u32| Some(dictionary.string(id)).filter(|text| !text.is_empty());
        for (number, shape) in tables.span_shapes.iter().enumerate() {
            let (resource, scope) =
                (&tables.resources[shape.head.resource as usize], &tables.scopes[shape.head.scope as usize]);
            let lists = [
                (AttributeScope::Resource, &resource.attributes),
                (AttributeScope::Instrumentation, &scope.attributes),
            ];
            for (place, attributes) in lists {
                for value in wanted.shared(place, attributes) {
                    visit(Owner::Span, number, stored(dictionary, value))?;
                }
            }
            let name = match field {
                Field::ScopeName => text(scope.name),
                Field::ScopeVersion => text(scope.version),
                _ => None,
            };
            name.map_or(Ok(()), |name| visit(Owner::Span, number, StoredValue::Simple(AttributeView::String(name))))?;
        }
        if *field == Field::EventName {
            for (number, shape) in tables.event_shapes.iter().enumerate() {
                let Some(name) = text(shape.head.name) else { continue };
                visit(Owner::Event, number, StoredValue::Simple(AttributeView::String(name)))?;
            }
        }
        Ok(())
    }

    fn fixed(&self, column: u32, info: &ColumnInfo, constant: Option<u64>) -> Result<StoredValue<'_>, BlockError> {
        match (info.class, constant) {
            (Class::None, _) => Ok(StoredValue::Simple(AttributeView::Empty)),
            (Class::Number, Some(bits)) => Ok(StoredValue::Simple(number(info.kind, bits)?)),
            (Class::Dictionary, Some(code)) => word(self.words(column)?, usize::try_from(code).ok().ok_or(PART)?),
            (Class::Dictionary | Class::Number | Class::Plain, _) => Err(PART),
        }
    }
}

impl Dictionary {
    pub(super) fn shapes(&self, owner: Owner) -> &[Shape] {
        match owner {
            Owner::Span => &self.tables.span_shapes,
            Owner::Event => &self.tables.event_shapes,
            Owner::Link => &self.tables.link_shapes,
        }
    }
}

impl<'r> Wanted<'r> {
    fn new(field: &'r Field, dictionary: &Dictionary) -> Wanted<'r> {
        let id_of = |key: &str| (0..dictionary.strings.len() as u32).find(|id| dictionary.string(*id) == key);
        let key = match field {
            Field::Attribute { key, .. } => id_of(key),
            _ => None,
        };
        Wanted { field, key }
    }

    fn is_column(&self, info: &ColumnInfo) -> bool {
        match (self.field, info.field) {
            (Field::Attribute { scope, .. }, schema::Field::Attribute(id)) => {
                self.key == Some(id) && scope.includes(place_of(info.owner))
            }
            (Field::StatusMessage, schema::Field::StatusMessage) => info.owner == Owner::Span,
            _ => false,
        }
    }

    fn shared<'a>(
        &self,
        place: AttributeScope,
        attributes: &'a SharedAttributes,
    ) -> impl Iterator<Item = &'a SharedValue> + use<'a> {
        let key = match self.field {
            Field::Attribute { scope, .. } if scope.includes(place) => self.key,
            _ => None,
        };
        attributes.iter().filter(move |(id, _)| key == Some(*id)).map(|(_, value)| value)
    }
}

/// A number as the value it stands for.
pub(super) fn number(kind: Kind, bits: u64) -> Result<AttributeView<'static>, BlockError> {
    match kind {
        Kind::Bool => Ok(AttributeView::Bool(bits != 0)),
        Kind::Int => Ok(AttributeView::Int(bits as i64)),
        Kind::Double => Ok(AttributeView::Double(f64::from_bits(bits))),
        Kind::Empty | Kind::Text | Kind::Other => Err(PART),
    }
}

/// A word as the value it stands for.
pub(super) fn word(words: &Words, place: usize) -> Result<StoredValue<'_>, BlockError> {
    Ok(match words {
        Words::Strings(strings) => StoredValue::Simple(AttributeView::String(strings.get(place).ok_or(PART)?)),
        Words::Others(others) => StoredValue::Other(others.get(place).ok_or(PART)?),
    })
}

/// Where the attributes of something with shapes stand.
pub(super) fn place_of(owner: Owner) -> AttributeScope {
    match owner {
        Owner::Span => AttributeScope::Span,
        Owner::Event => AttributeScope::Event,
        Owner::Link => AttributeScope::Link,
    }
}

fn stored<'a>(dictionary: &'a Dictionary, value: &'a SharedValue) -> StoredValue<'a> {
    StoredValue::Simple(match value {
        SharedValue::Empty => AttributeView::Empty,
        SharedValue::Text(text) => AttributeView::String(dictionary.string(*text)),
        SharedValue::Bool(value) => AttributeView::Bool(*value),
        SharedValue::Int(value) => AttributeView::Int(*value),
        SharedValue::Double(value) => AttributeView::Double(*value),
        SharedValue::Other(bytes) => return StoredValue::Other(bytes),
    })
}
