//! The binary form: every number in full, big-endian.

use super::{Field, Kind, List, Reader};
use crate::fault::Fault;

/// First two bytes of a head that says its version; without it the name comes first.
const VERSION: u32 = 0x8001_0000;
const CALL: u8 = 1;
const ONE_WAY: u8 = 4;

/// Ends a struct.
const STOP: u8 = 0;

impl<'a> Reader<'a> {
    pub(super) fn plain_envelope(&mut self) -> Result<&'a [u8], Fault> {
        let first = self.i32()?;
        let (name, message) = match first as u32 & 0xffff_0000 == VERSION {
            true => (self.bytes()?, first as u8),
            false => {
                let name = self.take(i64::from(first))?;
                (name, self.byte()?)
            }
        };
        if !matches!(message, CALL | ONE_WAY) {
            return Err(self.fault("a message that is no call"));
        }
        self.i32()?;
        Ok(name)
    }

    pub(super) fn plain_field(&mut self) -> Result<Option<Field>, Fault> {
        let kind = self.byte()?;
        if kind == STOP {
            return Ok(None);
        }
        let kind = self.plain_kind(kind)?;
        Ok(Some(Field { id: i16::from_be_bytes(self.fixed()?), kind }))
    }

    pub(super) fn plain_list(&mut self) -> Result<List, Fault> {
        let kind = self.byte()?;
        let announced = self.i32()?;
        let count = self.count(i64::from(announced))?;
        // Some clients write no kind for a list of nothing.
        let kind = if count == 0 { Kind::Bool } else { self.plain_kind(kind)? };
        Ok(List { kind, count })
    }

    pub(super) fn plain_map(&mut self) -> Result<(Kind, Kind, usize), Fault> {
        let (keys, values) = (self.byte()?, self.byte()?);
        let announced = self.i32()?;
        match self.count(i64::from(announced))? {
            0 => Ok((Kind::Bool, Kind::Bool, 0)),
            count => Ok((self.plain_kind(keys)?, self.plain_kind(values)?, count)),
        }
    }

    fn plain_kind(&self, number: u8) -> Result<Kind, Fault> {
        match number {
            2 => Ok(Kind::Bool),
            3 => Ok(Kind::I8),
            4 => Ok(Kind::Double),
            6 => Ok(Kind::I16),
            8 => Ok(Kind::I32),
            10 => Ok(Kind::I64),
            11 => Ok(Kind::Bytes),
            12 => Ok(Kind::Struct),
            13 => Ok(Kind::Map),
            14 => Ok(Kind::Set),
            15 => Ok(Kind::List),
            _ => Err(self.fault("a value of no kind that is in use")),
        }
    }
}
