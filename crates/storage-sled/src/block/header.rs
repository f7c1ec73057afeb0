//! The first 80 bytes of a block. Not here: the directory that follows them.

use model::UnixNanos;

use super::bytes::Cursor;
use super::error::BlockError;
use super::{BLOCK_ROWS_MAX, FORMAT, GROUPS_MAX, MAGIC};

pub(crate) const HEADER_BYTES: usize = 80;

/// What a block says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) groups: u8,
    pub(super) tenant: u64,
    pub(super) rows: u32,
    pub(super) traces: u32,
    /// Number of chunks, bytes and checksum of the directory.
    pub(super) chunks: u32,
    pub(super) directory_bytes: u32,
    pub(super) directory_crc: u32,
    /// Bytes of the whole block.
    pub(super) length: u64,
    pub(super) start_min: UnixNanos,
    pub(super) start_max: UnixNanos,
    pub(super) end_max: UnixNanos,
    pub(super) errors: u32,
}

// === impl Header ===

impl Header {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(HEADER_BYTES);
        out.extend_from_slice(&MAGIC);
        out.extend([FORMAT, self.groups, 0, 0]);
        out.extend_from_slice(&self.tenant.to_le_bytes());
        for number in [self.rows, self.traces, self.chunks, self.directory_bytes, self.directory_crc, self.errors] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        for number in [self.length, self.start_min.0, self.start_max.0, self.end_max.0] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&[0; 4]);
        let crc = crc32c::crc32c(&out);
        out.extend_from_slice(&crc.to_le_bytes());
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Header, BlockError> {
        let mut cursor = Cursor::new(bytes, "header");
        if cursor.array()? != MAGIC {
            return Err(BlockError::Magic);
        }
        let format = cursor.byte()?;
        if format != FORMAT {
            return Err(BlockError::Format(format));
        }
        let (covered, crc) = bytes.split_last_chunk().ok_or(cursor.invalid())?;
        if crc32c::crc32c(covered) != u32::from_le_bytes(*crc) {
            return Err(BlockError::Checksum("header"));
        }
        let groups = cursor.byte()?;
        cursor.u16()?;
        let header = Header {
            groups,
            tenant: cursor.u64()?,
            rows: cursor.u32()?,
            traces: cursor.u32()?,
            chunks: cursor.u32()?,
            directory_bytes: cursor.u32()?,
            directory_crc: cursor.u32()?,
            errors: cursor.u32()?,
            length: cursor.u64()?,
            start_min: UnixNanos(cursor.u64()?),
            start_max: UnixNanos(cursor.u64()?),
            end_max: UnixNanos(cursor.u64()?),
        };
        let sized = header.rows as usize <= BLOCK_ROWS_MAX
            && (1..=header.rows).contains(&header.traces)
            && (1..=GROUPS_MAX).contains(&usize::from(groups));
        if sized { Ok(header) } else { Err(cursor.invalid()) }
    }
}
