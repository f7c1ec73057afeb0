//! Fields of a message that we wrote ourselves; anything else ends the reading. Not a decoder for what strangers send.

/// One field.
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    pub(crate) value: Value<'a>,
    /// Where the value begins, from the begin of the outermost message.
    pub(crate) offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
}

/// The fields of `bytes`, a message that begins at `offset` of the outermost one.
pub(crate) fn fields(bytes: &[u8], offset: usize) -> impl Iterator<Item = Field<'_>> {
    let mut place = 0;
    std::iter::from_fn(move || {
        let key = varint(bytes, &mut place)?;
        let number = u32::try_from(key >> 3).ok()?;
        let (value, length) = match key & 7 {
            0 => {
                return Some(Field {
                    number,
                    value: Value::Varint(varint(bytes, &mut place)?),
                    offset: offset + place,
                });
            }
            1 => (Value::Fixed64(u64::from_le_bytes(bytes.get(place..place + 8)?.try_into().ok()?)), 8),
            2 => {
                let length = usize::try_from(varint(bytes, &mut place)?).ok()?;
                (Value::Bytes(bytes.get(place..place.checked_add(length)?)?), length)
            }
            _ => return None,
        };
        let begin = place;
        place += length;
        Some(Field { number, value, offset: offset + begin })
    })
}

fn varint(bytes: &[u8], place: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*place)?;
        *place += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::Writer;
    use super::*;

    #[test]
    fn what_was_written_is_read_with_its_place() {
        let mut writer = Writer::default();
        writer.varint(1, 300);
        writer.message(2, |inner| inner.fixed64(7, u64::MAX));
        let outer: Vec<_> = fields(&writer.bytes, 0).collect();
        assert_eq!(outer[0].value, Value::Varint(300));
        let Value::Bytes(inner) = outer[1].value else { panic!("a message") };
        let inner = fields(inner, outer[1].offset).next().unwrap();
        assert_eq!((inner.number, inner.value), (7, Value::Fixed64(u64::MAX)));
        assert_eq!(writer.bytes[inner.offset..inner.offset + 8], [0xff; 8]);
    }

    #[test]
    fn cut_message_ends_the_reading() {
        assert_eq!(fields(b"\x08\x96\x01\x12\x07test", 0).count(), 1);
    }
}
