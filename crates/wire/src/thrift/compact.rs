//! The compact form: numbers as varints, zigzag where they have a sign, fields by their distance from the one before.

use super::{Field, Kind, List, Place, Reader};
use crate::fault::Fault;

const PROTOCOL: u8 = 0x82;
const VERSION: u8 = 1;
/// The message's kind is in the upper three bits beside the version.
const VERSION_MASK: u8 = 0x1f;
const CALL: u8 = 1;
const ONE_WAY: u8 = 4;

/// Ends a struct.
const STOP: u8 = 0;
const TRUE: u8 = 1;
const FALSE: u8 = 2;

/// In the head of a list: the number of elements follows.
const LONG: u8 = 15;

/// A varint of 64 bits takes at most this many bytes.
const VARINT_BYTES_MAX: usize = 10;

impl<'a> Reader<'a> {
    pub(super) fn compact_envelope(&mut self) -> Result<&'a [u8], Fault> {
        let [protocol, head] = self.fixed()?;
        if protocol != PROTOCOL || head & VERSION_MASK != VERSION {
            return Err(self.fault("no message in Thrift's compact form"));
        }
        if !matches!(head >> 5, CALL | ONE_WAY) {
            return Err(self.fault("a message that is no call"));
        }
        self.varint()?;
        self.bytes()
    }

    pub(super) fn compact_field(&mut self, place: &mut Place) -> Result<Option<Field>, Fault> {
        let head = self.byte()?;
        if head == STOP {
            return Ok(None);
        }
        let (distance, kind) = (head >> 4, head & 0xf);
        place.id = match distance {
            0 => self.zigzag()? as i16,
            distance => place.id.wrapping_add(i16::from(distance)),
        };
        if matches!(kind, TRUE | FALSE) {
            self.bool_in_head = Some(kind == TRUE);
        }
        Ok(Some(Field { id: place.id, kind: self.compact_kind(kind)? }))
    }

    pub(super) fn compact_list(&mut self) -> Result<List, Fault> {
        let head = self.byte()?;
        let announced = match head >> 4 {
            LONG => self.size()?,
            short => i64::from(short),
        };
        let count = self.count(announced)?;
        let kind = if count == 0 { Kind::Bool } else { self.compact_kind(head & 0xf)? };
        Ok(List { kind, count })
    }

    pub(super) fn compact_map(&mut self) -> Result<(Kind, Kind, usize), Fault> {
        let announced = self.size()?;
        let count = self.count(announced)?;
        if count == 0 {
            return Ok((Kind::Bool, Kind::Bool, 0));
        }
        let kinds = self.byte()?;
        Ok((self.compact_kind(kinds >> 4)?, self.compact_kind(kinds & 0xf)?, count))
    }

    fn compact_kind(&self, number: u8) -> Result<Kind, Fault> {
        match number {
            TRUE | FALSE => Ok(Kind::Bool),
            3 => Ok(Kind::I8),
            4 => Ok(Kind::I16),
            5 => Ok(Kind::I32),
            6 => Ok(Kind::I64),
            7 => Ok(Kind::Double),
            8 => Ok(Kind::Bytes),
            9 => Ok(Kind::List),
            10 => Ok(Kind::Set),
            11 => Ok(Kind::Map),
            12 => Ok(Kind::Struct),
            _ => Err(self.fault("a value of no kind that is in use")),
        }
    }

    /// A length or a number of elements.
    pub(super) fn size(&mut self) -> Result<i64, Fault> {
        // What does not fit is longer than any request.
        Ok(i64::try_from(self.varint()?).unwrap_or(i64::MAX))
    }

    pub(super) fn zigzag(&mut self) -> Result<i64, Fault> {
        let number = self.varint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    pub(super) fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0u64;
        for place in 0..VARINT_BYTES_MAX {
            let byte = self.byte()?;
            if place + 1 == VARINT_BYTES_MAX && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.fault("a number has more than 64 bits"))
    }
}
