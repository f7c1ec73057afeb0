//! The bytes of one chunk, fetched, checked, unpacked. Not here: what they mean.

use std::borrow::Cow;

use super::super::directory::{Chunk, ChunkName};
use super::super::error::BlockError;
use super::super::pack::unpack;
use super::super::source::BlockSource;
use super::BlockReader;

impl<S: BlockSource> BlockReader<S> {
    /// A chunk that must be there.
    pub(super) fn chunk(&self, name: ChunkName) -> Result<Cow<'_, [u8]>, BlockError> {
        self.chunk_if_any(name)?.ok_or(BlockError::Invalid(name.section.word()))
    }

    /// Checks every byte, and decodes nothing.
    pub(crate) fn verify(&self) -> Result<(), BlockError> {
        self.directory.chunks().iter().try_for_each(|chunk| {
            let stored = self.source.bytes(chunk.offset..chunk.offset + u64::from(chunk.length))?;
            check(chunk, &stored)
        })
    }

    pub(super) fn chunk_if_any(&self, name: ChunkName) -> Result<Option<Cow<'_, [u8]>>, BlockError> {
        let Some(chunk) = self.directory.find(name) else { return Ok(None) };
        let stored = self.source.bytes(chunk.offset..chunk.offset + u64::from(chunk.length))?;
        open(chunk, stored).map(Some)
    }
}

/// The content of a chunk, out of the bytes as they are stored.
pub(super) fn open<'b>(chunk: &Chunk, stored: Cow<'b, [u8]>) -> Result<Cow<'b, [u8]>, BlockError> {
    check(chunk, &stored)?;
    match chunk.unpacked {
        0 => Ok(stored),
        length => unpack(&stored, length as usize).map(Cow::Owned),
    }
}

fn check(chunk: &Chunk, stored: &[u8]) -> Result<(), BlockError> {
    match stored.len() == chunk.length as usize && crc32c::crc32c(stored) == chunk.crc {
        true => Ok(()),
        false => Err(BlockError::Checksum(chunk.name.section.word())),
    }
}
