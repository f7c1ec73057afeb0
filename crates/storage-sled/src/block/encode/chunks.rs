//! Chunks on their way into the block: collected in any order, laid out by name. Not here: what they hold.

use super::super::BuildError;
use super::super::bytes::{put_bytes, put_varint};
use super::super::directory::{Chunk, ChunkName, Directory, NO_RANGE};
use super::super::header::{HEADER_BYTES, Header};
use super::super::layout::Section;
use super::super::pack::Packer;

/// A column of more bytes gets a chunk of its own, so that reading it does not read its neighbours.
const BUNDLED_BYTES_MAX: usize = 4 << 10;

/// The chunks of a block.
pub(super) struct Chunks {
    pub(super) packer: Packer,
    chunks: Vec<(Chunk, Vec<u8>)>,
}

/// Small columns of one place that share a chunk: each alone would cost more in the directory than in bytes.
#[derive(Default)]
pub(super) struct Bundle {
    bytes: Vec<u8>,
}

impl Chunks {
    pub(super) fn new() -> Result<Chunks, BuildError> {
        Ok(Chunks { packer: Packer::new()?, chunks: Vec::new() })
    }

    /// Adds a chunk as it is.
    pub(super) fn add(&mut self, name: ChunkName, bytes: Vec<u8>, range: Option<(u64, u64)>) {
        self.stored(name, bytes, 0, range.unwrap_or(NO_RANGE));
    }

    /// Adds a chunk packed, if that helps.
    pub(super) fn add_packed(&mut self, name: ChunkName, bytes: Vec<u8>) -> Result<(), BuildError> {
        let (stored, unpacked) = match self.packer.pack(&bytes)?.map(<[u8]>::to_vec) {
            Some(packed) => (packed, bytes.len() as u32),
            None => (bytes, 0),
        };
        self.stored(name, stored, unpacked, NO_RANGE);
        Ok(())
    }

    fn stored(&mut self, name: ChunkName, bytes: Vec<u8>, unpacked: u32, range: (u64, u64)) {
        let crc = crc32c::crc32c(&bytes);
        self.chunks.push((Chunk { name, offset: 0, length: bytes.len() as u32, unpacked, crc, range }, bytes));
    }

    /// The whole block; `header` lacks what only now is known.
    pub(super) fn finish(mut self, mut header: Header) -> Result<Vec<u8>, BuildError> {
        self.chunks.sort_by_key(|(chunk, _)| chunk.name.order());
        let lines: Vec<Chunk> = self.chunks.iter().map(|(chunk, _)| *chunk).collect();
        let mut directory = Vec::new();
        Directory::put(&lines, &mut self.packer, &mut directory)?;
        let chunk_bytes: usize = self.chunks.iter().map(|(_, bytes)| bytes.len()).sum();
        header.chunks = lines.len() as u32;
        header.directory_bytes = directory.len() as u32;
        header.directory_crc = crc32c::crc32c(&directory);
        header.length = (HEADER_BYTES + directory.len() + chunk_bytes) as u64;
        let mut block = header.encode();
        block.reserve(directory.len() + chunk_bytes);
        block.extend_from_slice(&directory);
        self.chunks.iter().for_each(|(_, bytes)| block.extend_from_slice(bytes));
        Ok(block)
    }

    /// Bytes of each section that has any.
    pub(super) fn section_bytes(&self) -> Vec<(Section, u64)> {
        let mut sections: Vec<(Section, u64)> = Vec::new();
        for (chunk, bytes) in &self.chunks {
            let section = chunk.name.section;
            match sections.iter_mut().find(|(known, _)| *known == section) {
                Some((_, sum)) => *sum += bytes.len() as u64,
                None => sections.push((section, bytes.len() as u64)),
            }
        }
        sections.sort_unstable();
        sections
    }

    /// Adds a column to the bundle when it is small, else as a chunk. `write` is called with a packer for a chunk.
    pub(super) fn add_or_bundle(
        &mut self,
        bundle: &mut Bundle,
        name: ChunkName,
        looks_small: bool,
        write: impl Fn(Option<&mut Packer>, &mut Vec<u8>) -> std::io::Result<()>,
    ) -> Result<(), BuildError> {
        let mut bytes = Vec::new();
        if looks_small {
            write(None, &mut bytes)?;
            if bytes.len() <= BUNDLED_BYTES_MAX {
                put_varint(&mut bundle.bytes, name.column.into());
                put_bytes(&mut bundle.bytes, &bytes);
                return Ok(());
            }
            bytes.clear();
        }
        write(Some(&mut self.packer), &mut bytes)?;
        self.add(name, bytes, None);
        Ok(())
    }

    pub(super) fn add_bundle(&mut self, name: ChunkName, bundle: Bundle) -> Result<(), BuildError> {
        if bundle.bytes.is_empty() { Ok(()) } else { self.add_packed(name, bundle.bytes) }
    }
}
