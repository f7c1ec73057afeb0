//! Reads the fields of a protobuf message one by one, borrowed, without recursion or allocation.

use crate::fault::Fault;

/// Bytes of a message or of a text, and where in the request they lie.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    pub(crate) bytes: &'a [u8],
    /// Position of the first byte in the request.
    pub(crate) position: usize,
    /// Whether it was announced as longer than what is there; only under [`Overrun::Clamp`].
    pub(crate) cut_off: bool,
}

/// One field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field<'a> {
    pub(crate) number: u64,
    pub(crate) payload: Payload<'a>,
    /// Where its tag lies in the request.
    pub(crate) position: usize,
}

/// What a field carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Bytes(Part<'a>),
}

/// What to do with a length that reaches beyond its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overrun {
    /// The message is damaged.
    Refuse,
    /// The request was cut off: take what is there.
    Clamp,
}

/// The fields of a message in order. After a fault there are no more.
pub(crate) struct Fields<'a> {
    message: Part<'a>,
    at: usize,
    overrun: Overrun,
}

/// A varint of 64 bits takes at most this many bytes.
const VARINT_BYTES_MAX: usize = 10;
/// Greatest number of a field.
pub(super) const FIELD_NUMBER_MAX: u64 = (1 << 29) - 1;

// === impl Part ===

impl<'a> Part<'a> {
    /// A whole request.
    pub(crate) fn whole(bytes: &'a [u8]) -> Part<'a> {
        Part { bytes, position: 0, cut_off: false }
    }

    /// Its end, without the first `skipped` bytes.
    pub(crate) fn after(self, skipped: usize) -> Part<'a> {
        let skipped = skipped.min(self.bytes.len());
        Part { bytes: &self.bytes[skipped..], position: self.position + skipped, ..self }
    }

    /// Its fields, when it is a message.
    pub(crate) fn fields(self, overrun: Overrun) -> Fields<'a> {
        Fields { message: self, at: 0, overrun }
    }
}

// === impl Fields ===

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, Fault>;

    fn next(&mut self) -> Option<Result<Field<'a>, Fault>> {
        if self.at >= self.message.bytes.len() {
            return None;
        }
        let tag_at = self.at;
        let field = self.field();
        if field.is_err() {
            self.at = self.message.bytes.len();
        }
        Some(field.map_err(|reason| Fault { position: self.message.position + tag_at, reason }))
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<Field<'a>, &'static str> {
        let position = self.message.position + self.at;
        let tag = self.varint()?;
        let number = tag >> 3;
        if number == 0 || number > FIELD_NUMBER_MAX {
            return Err("a field has no valid number");
        }
        let payload = match tag & 7 {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Fixed64(u64::from_le_bytes(self.fixed()?)),
            2 => Payload::Bytes(self.delimited()?),
            5 => Payload::Fixed32(u32::from_le_bytes(self.fixed()?)),
            _ => return Err("a field has a wire type that is not in use"),
        };
        Ok(Field { number, payload, position })
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let (value, length) = varint(&self.message.bytes[self.at..])?;
        self.at += length;
        Ok(value)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], &'static str> {
        let bytes = self.message.bytes[self.at..].first_chunk().ok_or("a number is cut off")?;
        self.at += N;
        Ok(*bytes)
    }

    fn delimited(&mut self) -> Result<Part<'a>, &'static str> {
        let announced = self.varint()?;
        let rest = &self.message.bytes[self.at..];
        let (length, cut_off) = match usize::try_from(announced) {
            Ok(length) if length <= rest.len() => (length, false),
            _ if self.overrun == Overrun::Clamp => (rest.len(), true),
            _ => return Err("a length reaches beyond the end of its message"),
        };
        let part = Part { bytes: &rest[..length], position: self.message.position + self.at, cut_off };
        self.at += length;
        Ok(part)
    }
}

/// The varint at the start of `bytes`, and how many bytes it takes.
pub(crate) fn varint(bytes: &[u8]) -> Result<(u64, usize), &'static str> {
    let mut value = 0u64;
    for (place, byte) in bytes.iter().take(VARINT_BYTES_MAX).enumerate() {
        if place + 1 == VARINT_BYTES_MAX && *byte > 1 {
            return Err("a number has more than 64 bits");
        }
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Ok((value, place + 1));
        }
    }
    Err("a number is cut off")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        let fields: Vec<String> = Part::whole(bytes)
            .fields(Overrun::Refuse)
            .map(|field| match field {
                Ok(Field { number, payload: Payload::Bytes(part), .. }) => format!("{number}={:02x?}", part.bytes),
                Ok(field) => format!("{}={:?}", field.number, field.payload),
                Err(fault) => format!("{} at {}", fault.reason, fault.position),
            })
            .collect();
        assert_eq!(fields.join(", "), expected);
    }

    #[test]
    fn each_wire_type_is_read() {
        check(&[0x08, 0x96, 0x01, 0x12, 0x02, 7, 8, 0x1d, 1, 0, 0, 0], "1=Varint(150), 2=[07, 08], 3=Fixed32(1)");
        check(&[0x09, 1, 0, 0, 0, 0, 0, 0, 0x80], "1=Fixed64(9223372036854775809)");
        check(&[], "");
    }

    #[test]
    fn a_varint_of_minus_one_takes_ten_bytes() {
        let mut bytes = vec![0x08];
        bytes.extend([0xff; 9]);
        bytes.push(1);
        check(&bytes, "1=Varint(18446744073709551615)");
        bytes[10] = 2;
        check(&bytes, "a number has more than 64 bits at 0");
    }

    #[test]
    fn no_length_is_believed_beyond_its_message() {
        check(
            &[0x08, 1, 0x0a, 0xff, 0xff, 0xff, 0x7f, 1],
            "1=Varint(1), a length reaches beyond the end of its message at 2",
        );
        let mut clamped = Part::whole(&[0x0a, 9, 1, 2]).fields(Overrun::Clamp);
        let part = match clamped.next() {
            Some(Ok(Field { payload: Payload::Bytes(part), .. })) => Some(part),
            _ => None,
        };
        assert_eq!(part.map(|part| (part.bytes, part.position, part.cut_off)), Some((&[1u8, 2][..], 2, true)));
    }

    #[test]
    fn groups_and_field_zero_are_refused() {
        check(b"{", "a field has a wire type that is not in use at 0");
        check(&[0x00, 0x00], "a field has no valid number at 0");
        check(&[0x09, 1], "a number is cut off at 0");
        check(&[0x80], "a number is cut off at 0");
    }
}
