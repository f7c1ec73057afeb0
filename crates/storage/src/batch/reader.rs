//! Bytes coming in: nothing here panics, and no count is believed that the remaining bytes cannot hold.

use super::BatchError;

/// What has not been read yet.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// The part being read, for error messages.
    part: &'static str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, part: "header" }
    }

    /// From here on errors name `part`.
    pub(super) fn enter(&mut self, part: &'static str) {
        self.part = part;
    }

    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn truncated(&self) -> BatchError {
        BatchError::Truncated(self.part)
    }

    pub(super) fn invalid(&self) -> BatchError {
        BatchError::Invalid(self.part)
    }

    pub(super) fn byte(&mut self) -> Result<u8, BatchError> {
        let (first, rest) = self.rest.split_first().ok_or(self.truncated())?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], BatchError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(self.truncated())?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], BatchError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(self.truncated())?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn varint(&mut self) -> Result<u64, BatchError> {
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

    pub(super) fn varint32(&mut self) -> Result<u32, BatchError> {
        let value = self.varint()?;
        u32::try_from(value).ok().ok_or(self.invalid())
    }

    pub(super) fn zigzag(&mut self) -> Result<i64, BatchError> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A number of items of which each takes at least `bytes_min` bytes.
    pub(super) fn count(&mut self, bytes_min: usize) -> Result<usize, BatchError> {
        let count = usize::try_from(self.varint()?).ok().ok_or(self.invalid())?;
        if count.checked_mul(bytes_min).is_none_or(|bytes| bytes > self.remaining()) {
            return Err(self.truncated());
        }
        Ok(count)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], BatchError> {
        let length = self.count(1)?;
        self.take(length)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, BatchError> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).ok().ok_or(self.invalid())
    }
}
