//! The commit record of a block: what is known of it before a page is read. Drawn in `docs/formats/store.md`. Not here: the tree.

use model::UnixNanos;

/// Version of the record's form.
pub(crate) const FORMAT: u8 = 1;

const MAGIC: [u8; 4] = *b"TWCR";

/// Numbers after magic, format and three zeros.
const FIELDS: usize = 11;

/// Magic, format, fields, checksum.
const RECORD_BYTES: usize = 8 + FIELDS * 8 + 4;

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The generation whose spans it holds: its journal is of no more use.
    pub(crate) generation: u32,
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
    pub(crate) start_min: UnixNanos,
    pub(crate) start_max: UnixNanos,
    pub(crate) end_max: UnixNanos,
}

impl Record {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(RECORD_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[FORMAT, 0, 0, 0]);
        let fields: [u64; FIELDS] = [
            self.generation.into(),
            self.group_first,
            self.group_last,
            self.written_last.0,
            self.block_bytes,
            self.annex_bytes,
            self.spans.into(),
            self.traces.into(),
            self.start_min.0,
            self.start_max.0,
            self.end_max.0,
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
        Some(Record {
            generation: u32::try_from(field(0)).ok()?,
            group_first: field(1),
            group_last: field(2),
            written_last: UnixNanos(field(3)),
            block_bytes: field(4),
            annex_bytes: field(5),
            spans: u32::try_from(field(6)).ok()?,
            traces: u32::try_from(field(7)).ok()?,
            start_min: UnixNanos(field(8)),
            start_max: UnixNanos(field(9)),
            end_max: UnixNanos(field(10)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_a_flipped_bit_is_noticed() {
        let record = Record {
            generation: 7,
            group_first: 10,
            group_last: 12,
            written_last: UnixNanos(13),
            block_bytes: 1 << 40,
            annex_bytes: 15,
            spans: 16,
            traces: 17,
            start_min: UnixNanos(18),
            start_max: UnixNanos(u64::MAX),
            end_max: UnixNanos(20),
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
