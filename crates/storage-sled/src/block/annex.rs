//! What an engine knows of a block beside its spans: rollups, traces that go on elsewhere, and the group of each row.
//!
//! It lies behind the block in the same pages. Not here: what the counts count.
//!
//! ```text
//! | "TWAX" | format | 3 zeros | parts: u32 | crc32c of the table: u32 | table: (length: u32, crc32c: u32) per part | parts |
//! ```
//! Parts are numbered as in [`Part`]; after them, for each row group, the groups of its rows less the first of the block.

use std::io;

use super::bytes::Cursor;
use super::error::BlockError;
use super::pack::{self, Packer};
use super::source::BlockSource;
use super::{GROUPS_MAX, planes};

const MAGIC: [u8; 4] = *b"TWAX";
const FORMAT: u8 = 1;
pub(crate) const HEAD_BYTES: usize = 16;
const LINE_BYTES: usize = 8;
/// Parts before the row groups.
const FIXED_PARTS: usize = 7;
const NAME: &str = "annex";

/// A part that is there once. All but `Split` are empty in all blocks of a generation but the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Names = 0,
    Split = 1,
    Minutes = 2,
    Services = 3,
    Operations = 4,
    Edges = 5,
    Halves = 6,
}

/// What a generation adds up to, as bytes that mean nothing here.
#[derive(Default)]
pub(crate) struct Counted {
    pub(crate) names: Vec<u8>,
    pub(crate) minutes: Vec<u8>,
    pub(crate) services: Vec<u8>,
    pub(crate) operations: Vec<u8>,
    pub(crate) edges: Vec<u8>,
    pub(crate) halves: Vec<u8>,
}

/// What goes into an annex.
pub(crate) struct Annex<'a> {
    pub(crate) counted: &'a Counted,
    /// Hashes of traces that have spans elsewhere too.
    pub(crate) split: &'a [u64],
    /// For each row group the group of each of its rows, less the first group of the block.
    pub(crate) groups: &'a [Vec<u64>],
}

/// An annex that is read part by part.
pub(crate) struct AnnexReader<S> {
    source: S,
    /// Offset, length and checksum.
    parts: Vec<(u64, u32, u32)>,
}

impl Annex<'_> {
    pub(crate) fn encode(&self) -> io::Result<Vec<u8>> {
        let mut packer = Packer::new()?;
        let mut parts = self.fixed_parts(&mut packer)?;
        for groups in self.groups {
            let mut bytes = Vec::new();
            planes::put(Some(&mut packer), &mut bytes, groups)?;
            parts.push(bytes);
        }
        let mut table = Vec::with_capacity(parts.len() * LINE_BYTES);
        for part in &parts {
            let length = u32::try_from(part.len()).map_err(io::Error::other)?;
            table.extend_from_slice(&length.to_le_bytes());
            table.extend_from_slice(&crc32c::crc32c(part).to_le_bytes());
        }
        let mut bytes = Vec::with_capacity(HEAD_BYTES + table.len() + parts.iter().map(Vec::len).sum::<usize>());
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[FORMAT, 0, 0, 0]);
        bytes.extend_from_slice(&(parts.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&crc32c::crc32c(&table).to_le_bytes());
        bytes.extend_from_slice(&table);
        parts.iter().for_each(|part| bytes.extend_from_slice(part));
        Ok(bytes)
    }

    fn fixed_parts(&self, packer: &mut Packer) -> io::Result<Vec<Vec<u8>>> {
        let Counted { names, minutes, services, operations, edges, halves } = self.counted;
        let split: Vec<u8> = self.split.iter().flat_map(|hash| hash.to_le_bytes()).collect();
        let parts = [names, &split, minutes, services, operations, edges, halves];
        let mut packed = Vec::with_capacity(FIXED_PARTS + self.groups.len());
        for part in parts {
            let mut bytes = Vec::new();
            if !part.is_empty() {
                Packer::put(Some(packer), &mut bytes, part)?;
            }
            packed.push(bytes);
        }
        Ok(packed)
    }
}

impl<S: BlockSource> AnnexReader<S> {
    /// Reads the table.
    pub(crate) fn open(source: S) -> Result<AnnexReader<S>, BlockError> {
        let head = source.bytes(0..HEAD_BYTES as u64)?;
        let mut cursor = Cursor::new(&head, NAME);
        if cursor.array()? != MAGIC || cursor.array()? != [FORMAT, 0, 0, 0] {
            return Err(BlockError::Magic);
        }
        let (count, crc) = (cursor.u32()? as usize, cursor.u32()?);
        if !(FIXED_PARTS..=FIXED_PARTS + GROUPS_MAX).contains(&count) {
            return Err(cursor.invalid());
        }
        let mut offset = (HEAD_BYTES + count * LINE_BYTES) as u64;
        let table = source.bytes(HEAD_BYTES as u64..offset)?;
        if crc32c::crc32c(&table) != crc {
            return Err(BlockError::Checksum(NAME));
        }
        let mut cursor = Cursor::new(&table, NAME);
        let mut parts = Vec::with_capacity(count);
        for _ in 0..count {
            let (length, crc) = (cursor.u32()?, cursor.u32()?);
            parts.push((offset, length, crc));
            offset += u64::from(length);
        }
        drop((head, table));
        Ok(AnnexReader { source, parts })
    }

    /// Checks every byte.
    pub(crate) fn verify(&self) -> Result<(), BlockError> {
        (0..self.parts.len()).try_for_each(|number| self.stored(number).map(drop))
    }

    /// Empty when it was.
    pub(crate) fn part(&self, part: Part) -> Result<Vec<u8>, BlockError> {
        let bytes = self.stored(part as usize)?;
        if bytes.is_empty() {
            return Ok(bytes);
        }
        let mut cursor = Cursor::new(&bytes, NAME);
        let unpacked = pack::take(&mut cursor)?;
        cursor.finish()?;
        Ok(unpacked)
    }

    /// Hashes of traces that have spans elsewhere too.
    pub(crate) fn split(&self) -> Result<Vec<u64>, BlockError> {
        let bytes = self.part(Part::Split)?;
        let (hashes, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(BlockError::Invalid(NAME));
        }
        Ok(hashes.iter().map(|hash| u64::from_le_bytes(*hash)).collect())
    }

    /// The group of each of the `rows` rows of a row group, less the first group of the block.
    pub(crate) fn groups(&self, row_group: usize, rows: usize) -> Result<Vec<u64>, BlockError> {
        let bytes = self.stored(FIXED_PARTS + row_group)?;
        let mut cursor = Cursor::new(&bytes, NAME);
        let groups = planes::take(&mut cursor, rows)?;
        cursor.finish()?;
        Ok(groups)
    }

    fn stored(&self, number: usize) -> Result<Vec<u8>, BlockError> {
        let (offset, length, crc) = *self.parts.get(number).ok_or(BlockError::Invalid(NAME))?;
        let bytes = self.source.bytes(offset..offset + u64::from(length))?;
        if crc32c::crc32c(&bytes) != crc {
            return Err(BlockError::Checksum(NAME));
        }
        Ok(bytes.into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_comes_back_and_damage_is_noticed() {
        let groups = [vec![0, 0, 3], vec![u64::MAX, 1]];
        let counted = Counted {
            names: b"names".to_vec(),
            services: vec![7; 1_000],
            halves: b"halves".to_vec(),
            ..Counted::default()
        };
        let bytes = Annex { counted: &counted, split: &[7, u64::MAX], groups: &groups }.encode().expect("bytes");
        let reader = AnnexReader::open(bytes.as_slice()).expect("own bytes");
        let all =
            [Part::Names, Part::Services, Part::Edges, Part::Halves].map(|part| reader.part(part).expect("as written"));
        assert_eq!(all, [counted.names, counted.services, counted.edges, counted.halves]);
        assert_eq!(reader.split().expect("as written"), [7, u64::MAX]);
        for (number, rows) in groups.iter().enumerate() {
            assert_eq!(&reader.groups(number, rows.len()).expect("as written"), rows);
        }
        assert!(reader.groups(2, 1).is_err());
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            let parts = [Part::Names, Part::Split, Part::Services, Part::Halves];
            let all_read = AnnexReader::open(damaged.as_slice()).and_then(|reader| {
                parts.into_iter().try_for_each(|part| reader.part(part).map(drop))?;
                Ok((reader.groups(0, 3)?, reader.groups(1, 2)?))
            });
            assert!(all_read.is_err(), "byte {place}");
        }
    }
}
