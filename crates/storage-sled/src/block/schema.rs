//! The words of the dictionary: attribute columns, resources, scopes, shapes. Not here: their bytes (`tables`).

use super::layout::Owner;

/// What an attribute column holds a value of. Beside attributes these are the fields that most spans leave empty:
/// a span only pays for those it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    /// The attribute whose key is this text.
    Attribute(u32),
    StatusMessage,
    TraceState,
    Flags,
    Warnings,
    AttributesDropped,
    EventsDropped,
    LinksDropped,
    /// Number of events.
    Events,
    /// Number of links.
    Links,
}

/// Types of values. The number is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub(super) enum Kind {
    Empty = 0,
    Text = 1,
    Bool = 2,
    Int = 3,
    Double = 4,
    /// Bytes, an array or a map, as `storage::batch` encodes a value.
    Other = 5,
}

/// How the values of a column are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Class {
    /// Nothing: the values are all empty.
    None = 0,
    /// As codes of a dictionary.
    Dictionary = 1,
    /// As texts: most are different.
    Plain = 2,
    /// As numbers.
    Number = 3,
}

/// One attribute column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ColumnInfo {
    pub(super) owner: Owner,
    pub(super) field: Field,
    pub(super) kind: Kind,
    pub(super) class: Class,
}

/// A value of a resource or scope. Texts are indexes into the strings.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SharedValue {
    Empty,
    Text(u32),
    Bool(bool),
    Int(i64),
    Double(f64),
    Other(Vec<u8>),
}

/// Attributes of a resource or scope: key and value.
pub(super) type SharedAttributes = Vec<(u32, SharedValue)>;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ResourceInfo {
    /// Code of its service.
    pub(super) service: u32,
    pub(super) attributes: SharedAttributes,
    pub(super) dropped: u32,
    pub(super) schema_url: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct ScopeInfo {
    pub(super) name: u32,
    pub(super) version: u32,
    pub(super) attributes: SharedAttributes,
    pub(super) dropped: u32,
    pub(super) schema_url: u32,
}

/// What a shape says apart from its columns. For events only the name counts, for links nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Head {
    pub(super) resource: u32,
    pub(super) scope: u32,
    pub(super) name: u32,
    /// OTLP's numbers.
    pub(super) kind: u8,
    pub(super) status: u8,
}

/// One column of a shape: each row has its own value, or all have this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) column: u32,
    pub(super) constant: Option<u64>,
}

/// Rows of a kind: same resource, scope, name, kind, status and columns in the same order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) head: Head,
    pub(super) slots: Vec<Slot>,
}

// === impl Field ===

impl Field {
    /// The number that is stored.
    pub(super) fn number(self) -> u8 {
        match self {
            Field::Attribute(_) => 0,
            Field::StatusMessage => 1,
            Field::TraceState => 2,
            Field::Flags => 3,
            Field::Warnings => 4,
            Field::AttributesDropped => 5,
            Field::EventsDropped => 6,
            Field::LinksDropped => 7,
            Field::Events => 8,
            Field::Links => 9,
        }
    }

    /// `None` for 0 and for numbers that no field has.
    pub(super) fn fixed(number: u8) -> Option<Field> {
        Some(match number {
            1 => Field::StatusMessage,
            2 => Field::TraceState,
            3 => Field::Flags,
            4 => Field::Warnings,
            5 => Field::AttributesDropped,
            6 => Field::EventsDropped,
            7 => Field::LinksDropped,
            8 => Field::Events,
            9 => Field::Links,
            _ => return None,
        })
    }

    /// The only type that a value of this field has; attributes have any.
    pub(super) fn kind(self) -> Option<Kind> {
        match self {
            Field::Attribute(_) => None,
            Field::StatusMessage | Field::TraceState => Some(Kind::Text),
            _ => Some(Kind::Int),
        }
    }
}

// === impl Kind ===

impl Kind {
    pub(super) const ALL: [Kind; 6] = [Kind::Empty, Kind::Text, Kind::Bool, Kind::Int, Kind::Double, Kind::Other];

    pub(super) fn from_number(number: u8) -> Option<Kind> {
        Kind::ALL.get(usize::from(number)).copied()
    }

    /// Whether values of this type are texts or bytes.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Other)
    }
}

// === impl Class ===

impl Class {
    pub(super) fn from_number(number: u8) -> Option<Class> {
        [Class::None, Class::Dictionary, Class::Plain, Class::Number].get(usize::from(number)).copied()
    }

    /// Whether values of this type may be stored so.
    pub(super) fn fits(self, kind: Kind) -> bool {
        match self {
            Class::None => kind == Kind::Empty,
            Class::Dictionary | Class::Plain => kind.is_text(),
            Class::Number => matches!(kind, Kind::Bool | Kind::Int | Kind::Double),
        }
    }
}
