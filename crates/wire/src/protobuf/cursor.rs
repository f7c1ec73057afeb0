//! Takes the fields of a protobuf message one by one, as fast as it goes. Says of damage only that there is some: `read` finds
//! out where. Both accept exactly the same bytes.

use super::read::{FIELD_NUMBER_MAX, varint};

/// The bytes are no message, or no message of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damaged;

/// What is left of a message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

/// Wire type in the low three bits of a tag.
const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const BYTES: u64 = 2;
const FIXED32: u64 = 5;

// === impl Cursor ===

impl<'a> Cursor<'a> {
    #[inline(always)]
    pub(crate) fn new(message: &'a [u8]) -> Cursor<'a> {
        Cursor { rest: message }
    }

    /// Number and wire type of the next field as they stand on the wire, `number << 3 | type`; `None` at the end.
    /// Take or skip the payload next.
    #[inline(always)]
    pub(crate) fn tag(&mut self) -> Result<Option<u64>, Damaged> {
        match *self.rest {
            [] => Ok(None),
            [tag @ 8..0x80, ref rest @ ..] => {
                self.rest = rest;
                Ok(Some(tag.into()))
            }
            _ => {
                let tag = self.varint()?;
                if (1..=FIELD_NUMBER_MAX).contains(&(tag >> 3)) { Ok(Some(tag)) } else { Err(Damaged) }
            }
        }
    }

    #[inline(always)]
    pub(crate) fn varint(&mut self) -> Result<u64, Damaged> {
        match *self.rest {
            [value @ 0..0x80, ref rest @ ..] => {
                self.rest = rest;
                Ok(value.into())
            }
            [low, high @ 0..0x80, ref rest @ ..] => {
                self.rest = rest;
                Ok(u64::from(low & 0x7f) | u64::from(high) << 7)
            }
            _ => {
                let (value, rest) = long_varint(self.rest)?;
                self.rest = rest;
                Ok(value)
            }
        }
    }

    #[inline(always)]
    pub(crate) fn fixed64(&mut self) -> Result<u64, Damaged> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Damaged)?;
        self.rest = rest;
        Ok(u64::from_le_bytes(*bytes))
    }

    #[inline(always)]
    pub(crate) fn fixed32(&mut self) -> Result<u32, Damaged> {
        let (bytes, rest) = self.rest.split_first_chunk().ok_or(Damaged)?;
        self.rest = rest;
        Ok(u32::from_le_bytes(*bytes))
    }

    /// A text, raw bytes or a message.
    #[inline(always)]
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let length = usize::try_from(self.varint()?).ok().ok_or(Damaged)?;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Damaged)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Passes over the payload of a field whose tag was taken.
    #[inline(always)]
    pub(crate) fn skip(&mut self, tag: u64) -> Result<(), Damaged> {
        match tag & 7 {
            VARINT => self.varint().map(drop),
            FIXED64 => self.fixed64().map(drop),
            BYTES => self.bytes().map(drop),
            FIXED32 => self.fixed32().map(drop),
            _ => Err(Damaged),
        }
    }
}

/// By value, so that the cursor itself can stay in registers.
#[cold]
#[inline(never)]
fn long_varint(rest: &[u8]) -> Result<(u64, &[u8]), Damaged> {
    let (value, length) = varint(rest).ok().ok_or(Damaged)?;
    Ok((value, &rest[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protobuf::read::{Overrun, Part, Payload};
    use proptest::prelude::*;

    fn by_cursor(bytes: &[u8]) -> Result<Vec<(u64, String)>, Damaged> {
        let (mut cursor, mut fields) = (Cursor::new(bytes), Vec::new());
        while let Some(tag) = cursor.tag()? {
            let payload = match tag & 7 {
                VARINT => format!("{}", cursor.varint()?),
                FIXED64 => format!("{}", cursor.fixed64()?),
                FIXED32 => format!("{}", cursor.fixed32()?),
                BYTES => format!("{:?}", cursor.bytes()?),
                _ => return Err(Damaged),
            };
            fields.push((tag >> 3, payload));
        }
        Ok(fields)
    }

    fn by_reader(bytes: &[u8]) -> Result<Vec<(u64, String)>, Damaged> {
        let field = |field: Result<crate::protobuf::read::Field<'_>, _>| {
            let field = field.map_err(|_fault| Damaged)?;
            let payload = match field.payload {
                Payload::Varint(number) | Payload::Fixed64(number) => format!("{number}"),
                Payload::Fixed32(number) => format!("{number}"),
                Payload::Bytes(part) => format!("{:?}", part.bytes),
            };
            Ok((field.number, payload))
        };
        Part::whole(bytes).fields(Overrun::Refuse).map(field).collect()
    }

    proptest! {
        #[test]
        fn cursor_and_reader_take_the_same_fields(
            // Small numbers are likely tags and lengths; the high bit makes varints long.
            bytes in proptest::collection::vec(prop_oneof![0..64u8, any::<u8>(), Just(0x80u8)], 0..40),
        ) {
            prop_assert_eq!(by_cursor(&bytes), by_reader(&bytes));
            let mut skipped = Cursor::new(&bytes);
            let all = std::iter::from_fn(|| match skipped.tag() {
                Ok(None) => None,
                Ok(Some(tag)) => Some(skipped.skip(tag)),
                Err(Damaged) => Some(Err(Damaged)),
            });
            let damaged = all.take(100).any(|field| field.is_err());
            prop_assert_eq!(damaged, by_reader(&bytes).is_err());
        }
    }
}
