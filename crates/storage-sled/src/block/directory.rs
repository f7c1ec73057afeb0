//! The directory: where each chunk lies and how it proves itself. Not here: what is in a chunk.

use std::io;

use super::bytes::Cursor;
use super::error::BlockError;
use super::layout::Section;
use super::pack::Packer;
use super::planes;

/// Names one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ChunkName {
    pub(super) section: Section,
    pub(super) column: u32,
    /// Row group, or 0 in sections without row groups.
    pub(super) group: u8,
}

/// One line of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) name: ChunkName,
    pub(super) offset: u64,
    /// Bytes as stored.
    pub(super) length: u32,
    /// Bytes when unpacked; 0 for a chunk that is stored as it is.
    pub(super) unpacked: u32,
    pub(super) crc: u32,
    /// Smallest and greatest number in it; `(1, 0)` where nobody asks.
    pub(super) range: (u64, u64),
}

/// All lines, in the order of the block.
#[derive(Debug)]
pub(super) struct Directory {
    /// Invariant: names ascend by [`ChunkName::order`], chunks lie without gaps.
    chunks: Vec<Chunk>,
}

/// Row groups whose cold columns lie together: a search by one attribute reads few pages of each, and so does who reads all
/// attributes of one trace.
pub(super) const GROUPS_TOGETHER: u8 = 8;

/// What [`Chunk::range`] is of a chunk without numbers.
pub(super) const NO_RANGE: (u64, u64) = (1, 0);

// === impl ChunkName ===

impl ChunkName {
    pub(super) fn new(section: Section, column: u32, group: usize) -> ChunkName {
        ChunkName { section, column, group: group as u8 }
    }

    /// Columns lie one after the other; cold ones begin anew every [`GROUPS_TOGETHER`] row groups.
    pub(super) fn order(&self) -> (Section, u8, u32, u8) {
        let together = if self.section == Section::Cold { self.group / GROUPS_TOGETHER } else { 0 };
        (self.section, together, self.column, self.group)
    }
}

// === impl Directory ===

impl Directory {
    /// Appends the lines; offsets follow from the lengths.
    pub(super) fn put(chunks: &[Chunk], packer: &mut Packer, out: &mut Vec<u8>) -> io::Result<()> {
        // Checksums first and as they are: they justify to a reader that there are so many lines.
        chunks.iter().for_each(|chunk| out.extend_from_slice(&chunk.crc.to_le_bytes()));
        let fields: [fn(&Chunk) -> u64; 7] = [
            |chunk| chunk.name.section as u64,
            |chunk| chunk.name.column.into(),
            |chunk| chunk.name.group.into(),
            |chunk| chunk.length.into(),
            |chunk| chunk.unpacked.into(),
            |chunk| chunk.range.0,
            // Without a range this is -1, else small: most ranges are narrow.
            |chunk| chunk.range.1.wrapping_sub(chunk.range.0),
        ];
        for field in fields {
            let values: Vec<u64> = chunks.iter().map(field).collect();
            planes::put_either(Some(&mut *packer), out, &values)?;
        }
        Ok(())
    }

    /// The lines of a directory of `count` chunks, of which the first lies at `start` and the last ends at `end`.
    pub(super) fn take(bytes: &[u8], count: u32, start: u64, end: u64) -> Result<Directory, BlockError> {
        let mut cursor = Cursor::new(bytes, "directory");
        let count = count as usize;
        let crcs = cursor.take(count.checked_mul(4).ok_or(cursor.invalid())?)?;
        let mut fields = Vec::with_capacity(7);
        for _ in 0..7 {
            fields.push(planes::take(&mut cursor, count)?);
        }
        let mut offset = start;
        let mut chunks = Vec::with_capacity(count);
        for (place, crc) in crcs.as_chunks::<4>().0.iter().enumerate() {
            let small = |field: usize| u32::try_from(fields[field][place]).ok().ok_or(cursor.invalid());
            let section = Section::from_number(fields[0][place]).ok_or(cursor.invalid())?;
            let group = u8::try_from(small(2)?).ok().ok_or(cursor.invalid())?;
            let chunk = Chunk {
                name: ChunkName { section, column: small(1)?, group },
                offset,
                length: small(3)?,
                unpacked: small(4)?,
                crc: u32::from_le_bytes(*crc),
                range: (fields[5][place], fields[5][place].wrapping_add(fields[6][place])),
            };
            offset = offset.checked_add(chunk.length.into()).ok_or(cursor.invalid())?;
            chunks.push(chunk);
        }
        let ascend = chunks.windows(2).all(|pair| pair[0].name.order() < pair[1].name.order());
        if !ascend || offset != end {
            return Err(cursor.invalid());
        }
        cursor.finish()?;
        Ok(Directory { chunks })
    }

    /// All lines, in order.
    pub(super) fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    pub(super) fn find(&self, name: ChunkName) -> Option<&Chunk> {
        let place = self.chunks.binary_search_by(|chunk| chunk.name.order().cmp(&name.order())).ok()?;
        Some(&self.chunks[place])
    }

    /// The chunks of one section.
    pub(super) fn section(&self, section: Section) -> &[Chunk] {
        let start = self.chunks.partition_point(|chunk| chunk.name.section < section);
        let end = self.chunks.partition_point(|chunk| chunk.name.section <= section);
        &self.chunks[start..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_of_eight_row_groups_lies_in_one_piece_before_the_next_attribute() {
        let name = |column, group| ChunkName::new(Section::Cold, column, group);
        let together = usize::from(GROUPS_TOGETHER);
        let mut names: Vec<ChunkName> =
            (16..19).flat_map(|column| (0..20).map(move |group| name(column, group))).collect();
        names.sort_by_key(ChunkName::order);
        let places: Vec<(u32, usize)> = names.iter().map(|name| (name.column, name.group.into())).collect();
        let piece = |column: u32, groups: std::ops::Range<usize>| groups.map(move |group| (column, group));
        let of_groups = |groups: std::ops::Range<usize>| (16..19).flat_map(move |column| piece(column, groups.clone()));
        let pieces = of_groups(0..together).chain(of_groups(together..2 * together)).chain(of_groups(2 * together..20));
        assert_eq!(places, pieces.collect::<Vec<_>>());
    }
}
