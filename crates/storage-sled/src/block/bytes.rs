//! Varints and fixed fields, out and in. Coming in, nothing panics and no count is believed that the bytes cannot hold.

use super::error::BlockError;

/// Appends `value` in groups of seven bits, lowest first; the high bit says that more follow.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed number so that small ones of either sign are short.
pub(crate) fn put_zigzag(out: &mut Vec<u8>, value: i64) {
    put_varint(out, ((value << 1) ^ (value >> 63)) as u64);
}

/// Appends the length of `bytes` and the bytes.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// What has not been read yet of one part.
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    /// The part, for error messages.
    part: &'static str,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], part: &'static str) -> Cursor<'a> {
        Cursor { rest: bytes, part }
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn invalid(&self) -> BlockError {
        BlockError::Invalid(self.part)
    }

    /// All of the part was read.
    pub(crate) fn finish(self) -> Result<(), BlockError> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.invalid()) }
    }

    pub(crate) fn byte(&mut self) -> Result<u8, BlockError> {
        let (first, rest) = self.rest.split_first().ok_or(BlockError::Invalid(self.part))?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], BlockError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(BlockError::Invalid(self.part))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], BlockError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(BlockError::Invalid(self.part))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, BlockError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(crate) fn u32(&mut self) -> Result<u32, BlockError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, BlockError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    pub(crate) fn varint(&mut self) -> Result<u64, BlockError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit only.
            if shift == 63 && bits > 1 {
                return Err(self.invalid());
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(self.invalid())
    }

    pub(crate) fn varint32(&mut self) -> Result<u32, BlockError> {
        u32::try_from(self.varint()?).ok().ok_or(self.invalid())
    }

    pub(crate) fn zigzag(&mut self) -> Result<i64, BlockError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A number below `limit`: an index into something of that length.
    pub(crate) fn index(&mut self, limit: usize) -> Result<u32, BlockError> {
        let value = self.varint32()?;
        if (value as usize) < limit { Ok(value) } else { Err(self.invalid()) }
    }

    /// A number of items of which each takes at least `bytes_min` bytes.
    pub(crate) fn count(&mut self, bytes_min: usize) -> Result<usize, BlockError> {
        let count = usize::try_from(self.varint()?).ok().ok_or(self.invalid())?;
        if count.checked_mul(bytes_min).is_none_or(|bytes| bytes > self.rest.len()) {
            return Err(self.invalid());
        }
        Ok(count)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], BlockError> {
        let length = self.count(1)?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_count_larger_than_the_rest_is_refused() {
        let mut cursor = Cursor::new(&[3, 0, 0], "test");
        assert!(cursor.count(1).is_err());
    }

    proptest! {
        #[test]
        fn numbers_come_back(value: u64, signed: i64) {
            let mut out = Vec::new();
            put_varint(&mut out, value);
            put_zigzag(&mut out, signed);
            let mut cursor = Cursor::new(&out, "test");
            prop_assert_eq!((cursor.varint().ok(), cursor.zigzag().ok()), (Some(value), Some(signed)));
            prop_assert!(cursor.finish().is_ok());
        }
    }
}
