//! The commit record of a block: what is known of it before a page is read. Drawn in `docs/formats/store.md`. Not here: the tree.

use model::UnixNanos;

use crate::block::{GAPS, Starts};

/// Version of the record's form.
pub(crate) const FORMAT: u8 = 2;

const MAGIC: [u8; 4] = *b"TWCR";

/// Numbers after magic, format and three zeros.
const FIELDS: usize = 14 + 2 * GAPS;

/// Magic, format, fields, checksum.
const RECORD_BYTES: usize = 8 + FIELDS * 8 + 4;

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The generation whose spans it holds: when the commit is whole, its journal is of no more use.
    pub(crate) generation: u32,
    /// Which of the blocks of its commit this is, from 0 …
    pub(crate) part: u32,
    /// … and how many were committed together, by one flush. All of them, or none counts.
    pub(crate) parts: u32,
    /// First and last group of the generation.
    pub(crate) group_first: u64,
    pub(crate) group_last: u64,
    /// When its last group was written, by the clock of then.
    pub(crate) written_last: UnixNanos,
    /// Bytes of the block in its pages …
    pub(crate) block_bytes: u64,
    /// … and of the annex that follows.
    pub(crate) annex_bytes: u64,
    pub(crate) spans: u32,
    pub(crate) traces: u32,
    pub(crate) starts: Starts,
    pub(crate) end_max: UnixNanos,
    /// Checksum of the first bytes of block and annex, which prove all others: the record is of these bytes and no others.
    pub(crate) seal: u32,
}

impl Record {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(RECORD_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[FORMAT, 0, 0, 0]);
        let [first, second, third] = self.starts.gaps;
        let fields: [u64; FIELDS] = [
            self.generation.into(),
            self.part.into(),
            self.parts.into(),
            self.group_first,
            self.group_last,
            self.written_last.0,
            self.block_bytes,
            self.annex_bytes,
            self.spans.into(),
            self.traces.into(),
            self.starts.min.0,
            self.starts.max.0,
            first.0.0,
            first.1.0,
            second.0.0,
            second.1.0,
            third.0.0,
            third.1.0,
            self.end_max.0,
            self.seal.into(),
        ];
        fields.iter().for_each(|field| bytes.extend_from_slice(&field.to_le_bytes()));
        let crc = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// `None` when the bytes are damaged or of another version.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Record> {
        let (covered, crc) = bytes.split_last_chunk()?;
        if bytes.len() != RECORD_BYTES || u32::from_le_bytes(*crc) != crc32c::crc32c(covered) {
            return None;
        }
        let numbers = covered.strip_prefix(&MAGIC)?.strip_prefix(&[FORMAT, 0, 0, 0])?;
        let (fields, []) = numbers.as_chunks::<8>() else { return None };
        let field = |at: usize| u64::from_le_bytes(fields[at]);
        let gap = |number: usize| (UnixNanos(field(12 + 2 * number)), UnixNanos(field(13 + 2 * number)));
        let (min, max) = (UnixNanos(field(10)), UnixNanos(field(11)));
        let short = |at: usize| u32::try_from(field(at)).ok();
        let record = Record {
            generation: short(0)?,
            part: short(1)?,
            parts: short(2)?,
            group_first: field(3),
            group_last: field(4),
            written_last: UnixNanos(field(5)),
            block_bytes: field(6),
            annex_bytes: field(7),
            spans: short(8)?,
            traces: short(9)?,
            starts: Starts { min, max, gaps: std::array::from_fn(gap) },
            end_max: UnixNanos(field(12 + 2 * GAPS)),
            seal: short(13 + 2 * GAPS)?,
        };
        (record.part < record.parts).then_some(record)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_a_flipped_bit_is_noticed() {
        let record = Record {
            generation: 7,
            part: 1,
            parts: 3,
            group_first: 10,
            group_last: 12,
            written_last: UnixNanos(13),
            block_bytes: 1 << 40,
            annex_bytes: 15,
            spans: 16,
            traces: 17,
            starts: Starts::of([18, 30, 99, 1 << 50, u64::MAX].into_iter().map(UnixNanos)),
            end_max: UnixNanos(20),
            seal: u32::MAX,
        };
        let bytes = record.encode();
        assert_eq!(Record::decode(&bytes), Some(record));
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Record::decode(&flipped), None, "bit {bit}");
        }
        assert_eq!(Record::decode(&bytes[1..]), None);
    }
}
