//! Small columns that share a chunk.

use std::ops::Range;

use super::super::bytes::Cursor;
use super::super::error::BlockError;

/// A bundle that was read.
#[derive(Debug, Default)]
pub(super) struct Bundle {
    bytes: Vec<u8>,
    /// Column and place, by column.
    columns: Vec<(u32, Range<usize>)>,
}

impl Bundle {
    pub(super) fn new(bytes: Vec<u8>) -> Result<Bundle, BlockError> {
        let mut cursor = Cursor::new(&bytes, "bundle");
        let mut columns: Vec<(u32, Range<usize>)> = Vec::new();
        while cursor.remaining() > 0 {
            let column = cursor.varint32()?;
            let length = cursor.bytes()?.len();
            let end = bytes.len() - cursor.remaining();
            columns.push((column, end - length..end));
        }
        columns.sort_unstable_by_key(|(column, _)| *column);
        Ok(Bundle { bytes, columns })
    }

    pub(super) fn get(&self, column: u32) -> Option<&[u8]> {
        let place = self.columns.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        Some(&self.bytes[self.columns[place].1.clone()])
    }
}
