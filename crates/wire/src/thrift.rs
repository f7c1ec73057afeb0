//! Thrift's binary and compact forms, read value by value, borrowed, believing no length. Not here: what the fields mean.

mod compact;
mod plain;
#[cfg(test)]
mod tests;

use crate::fault::Fault;

/// Structs, lists, sets and maps inside each other; more is no message of an honest client.
pub(crate) const DEPTH_MAX: usize = 64;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// `TBinaryProtocol`: numbers of fixed width, big-endian.
    Binary,
    /// `TCompactProtocol`: numbers as varints, fields by their distance.
    Compact,
}

/// What kind of value a field or an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    Double,
    /// Text or raw bytes: Thrift does not tell them apart.
    Bytes,
    Struct,
    Map,
    Set,
    List,
}

/// The head of a field. Its value comes next: it must be read or skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) id: i16,
    pub(crate) kind: Kind,
}

/// Where in a struct its reader is. One for each struct, new at its beginning.
#[derive(Default)]
pub(crate) struct Place {
    /// The compact form says how far the next id is from this one.
    id: i16,
}

/// The head of a list or a set. Its elements come next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) kind: Kind,
    /// No more than bytes are left, as every element takes at least one.
    pub(crate) count: usize,
}

/// Reads values one after the other. A copy goes on from the same place by itself.
#[derive(Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    form: Form,
    /// The compact form keeps a truth value in the head of its field.
    bool_in_head: Option<bool>,
}

// === impl Reader ===

impl<'a> Reader<'a> {
    pub(crate) fn new(form: Form, bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0, form, bool_in_head: None }
    }

    /// Reads the head of a call or a one-way call, and gives the name of what is called.
    pub(crate) fn envelope(&mut self) -> Result<&'a [u8], Fault> {
        match self.form {
            Form::Binary => self.plain_envelope(),
            Form::Compact => self.compact_envelope(),
        }
    }

    /// The next field of a struct; `None` at its end.
    pub(crate) fn field(&mut self, place: &mut Place) -> Result<Option<Field>, Fault> {
        match self.form {
            Form::Binary => self.plain_field(),
            Form::Compact => self.compact_field(place),
        }
    }

    pub(crate) fn bool(&mut self) -> Result<bool, Fault> {
        match self.bool_in_head.take() {
            Some(value) => Ok(value),
            // In a list of the compact form 2 is false.
            None => self.byte().map(|byte| byte == 1),
        }
    }

    pub(crate) fn i16(&mut self) -> Result<i16, Fault> {
        match self.form {
            Form::Binary => self.fixed().map(i16::from_be_bytes),
            Form::Compact => self.zigzag().map(|number| number as i16),
        }
    }

    pub(crate) fn i32(&mut self) -> Result<i32, Fault> {
        match self.form {
            Form::Binary => self.fixed().map(i32::from_be_bytes),
            // Wider numbers than announced are cut as every client's own reader cuts them.
            Form::Compact => self.zigzag().map(|number| number as i32),
        }
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Fault> {
        match self.form {
            Form::Binary => self.fixed().map(i64::from_be_bytes),
            Form::Compact => self.zigzag(),
        }
    }

    pub(crate) fn double(&mut self) -> Result<f64, Fault> {
        match self.form {
            Form::Binary => self.fixed().map(f64::from_be_bytes),
            Form::Compact => self.fixed().map(f64::from_le_bytes),
        }
    }

    /// A text or raw bytes, where they lie.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Fault> {
        let length = match self.form {
            Form::Binary => i64::from(self.i32()?),
            Form::Compact => self.size()?,
        };
        self.take(length)
    }

    /// The head of a list or a set.
    pub(crate) fn list(&mut self) -> Result<List, Fault> {
        match self.form {
            Form::Binary => self.plain_list(),
            Form::Compact => self.compact_list(),
        }
    }

    /// Reads over a value. `depth` is how many structs and lists it lies in.
    pub(crate) fn skip(&mut self, kind: Kind, depth: usize) -> Result<(), Fault> {
        if depth > DEPTH_MAX {
            return Err(self.fault("nested too deeply"));
        }
        match (kind, self.form) {
            (Kind::Bool, _) => self.bool().map(drop),
            (Kind::I8, _) => self.byte().map(drop),
            (Kind::I16, Form::Binary) => self.take(2).map(drop),
            (Kind::I16 | Kind::I32 | Kind::I64, Form::Compact) => self.varint().map(drop),
            (Kind::I32, Form::Binary) => self.take(4).map(drop),
            (Kind::I64, Form::Binary) | (Kind::Double, _) => self.take(8).map(drop),
            (Kind::Bytes, _) => self.bytes().map(drop),
            (Kind::Struct, _) => {
                let mut place = Place::default();
                while let Some(field) = self.field(&mut place)? {
                    self.skip(field.kind, depth + 1)?;
                }
                Ok(())
            }
            (Kind::List | Kind::Set, _) => {
                let list = self.list()?;
                (0..list.count).try_for_each(|_| self.skip(list.kind, depth + 1))
            }
            (Kind::Map, _) => {
                let (keys, values, count) = self.map()?;
                (0..count).try_for_each(|_| {
                    self.skip(keys, depth + 1)?;
                    self.skip(values, depth + 1)
                })
            }
        }
    }

    fn map(&mut self) -> Result<(Kind, Kind, usize), Fault> {
        match self.form {
            Form::Binary => self.plain_map(),
            Form::Compact => self.compact_map(),
        }
    }

    pub(crate) fn fault(&self, reason: &'static str) -> Fault {
        Fault { position: self.at, reason }
    }

    /// A number of elements, when so many can be there at all.
    fn count(&self, announced: i64) -> Result<usize, Fault> {
        match usize::try_from(announced) {
            Ok(count) if count <= self.bytes.len() - self.at => Ok(count),
            _ => Err(self.fault("a list is longer than the request")),
        }
    }

    fn take(&mut self, length: i64) -> Result<&'a [u8], Fault> {
        let rest = &self.bytes[self.at..];
        let taken = usize::try_from(length).ok().and_then(|length| rest.get(..length));
        let taken = taken.ok_or_else(|| self.fault("a length reaches beyond the end of the request"))?;
        self.at += taken.len();
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        self.fixed().map(|[byte]| byte)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let bytes = self.bytes[self.at..].first_chunk().copied();
        let bytes = bytes.ok_or_else(|| self.fault("the request is cut off"))?;
        self.at += N;
        Ok(bytes)
    }
}
