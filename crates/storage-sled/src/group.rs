//! A group: the batches that one flush makes durable. Drawn in `docs/formats/store.md`. Not here: pages.

use lz4_flex::block::{CompressTable, compress_into_with_table, get_maximum_output_size};

/// Version of the group's form.
pub(crate) const FORMAT: u8 = 1;

const MAGIC: [u8; 4] = *b"TWGR";
const HEADER_BYTES: usize = 48;

/// Shorter batches are kept as they are.
const COMPRESS_MIN: usize = 4 << 10;

/// lz4 cannot make more than this of one byte: no claim above it is believed.
const LZ4_RATIO_MAX: usize = 255;

const RAW: u8 = 0;
const LZ4: u8 = 1;

/// What a group says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Its number.
    pub(crate) sequence: u64,
    /// The number of the group before it.
    pub(crate) previous: u64,
    /// When it was written, by the clock of then.
    pub(crate) written_unix_nanos: u64,
    /// How many batches it holds.
    pub(crate) batches: u32,
    /// Bytes after the header.
    pub(crate) length: u64,
    /// Their checksum.
    crc: u32,
}

/// Makes groups, one after the other in the same memory: clearing it anew for each batch costs as much as a copy.
pub(crate) struct Encoder {
    /// For batches of less than 64 KiB, which pack better with it, and for others.
    small: CompressTable,
    large: CompressTable,
    /// What the last batch became, and after it what was left there by others.
    packed: Vec<u8>,
    group: Vec<u8>,
}

/// Memory that is kept from one group to the next, of each sort. Usual groups take less.
const KEPT_BYTES_MAX: usize = 4 << 20;

// === impl Encoder ===

impl Encoder {
    pub(crate) fn new() -> Encoder {
        let (small, large) = (CompressTable::small(), CompressTable::large());
        Encoder { small, large, packed: Vec::new(), group: Vec::new() }
    }

    /// The bytes of a group.
    pub(crate) fn encode(
        &mut self,
        sequence: u64,
        previous: u64,
        written_unix_nanos: u64,
        batches: &[Vec<u8>],
    ) -> &[u8] {
        self.forget_giants();
        self.group.clear();
        self.group.resize(HEADER_BYTES, 0);
        batches.iter().for_each(|batch| self.put(batch));
        finish(&mut self.group, sequence, previous, written_unix_nanos, batches.len() as u32);
        &self.group
    }

    fn put(&mut self, batch: &[u8]) {
        let (kind, stored) = match self.pack(batch) {
            Some(length) => (LZ4, &self.packed[..length]),
            None => (RAW, batch),
        };
        self.group.push(kind);
        self.group.extend_from_slice(&(batch.len() as u64).to_le_bytes());
        self.group.extend_from_slice(&(stored.len() as u64).to_le_bytes());
        self.group.extend_from_slice(stored);
    }

    /// Bytes of the packed batch; `None` when it stays as it is.
    fn pack(&mut self, batch: &[u8]) -> Option<usize> {
        if batch.len() <= COMPRESS_MIN {
            return None;
        }
        let bytes_max = get_maximum_output_size(batch.len());
        if self.packed.len() < bytes_max {
            self.packed.resize(bytes_max, 0);
        }
        // A table that is too small for a batch would be exchanged for a large one, for good.
        let table = if batch.len() < usize::from(u16::MAX) { &mut self.small } else { &mut self.large };
        let packed = compress_into_with_table(batch, &mut self.packed, table);
        Some(packed.expect("room was made for the worst case")).filter(|length| *length < batch.len())
    }

    fn forget_giants(&mut self) {
        for kept in [&mut self.packed, &mut self.group] {
            kept.truncate(KEPT_BYTES_MAX);
            kept.shrink_to(KEPT_BYTES_MAX);
        }
    }
}

/// Fills in the header.
fn finish(bytes: &mut [u8], sequence: u64, previous: u64, written_unix_nanos: u64, batches: u32) {
    let (header, body) = bytes.split_at_mut(HEADER_BYTES);
    header[0..4].copy_from_slice(&MAGIC);
    header[4] = FORMAT;
    header[8..16].copy_from_slice(&sequence.to_le_bytes());
    header[16..24].copy_from_slice(&previous.to_le_bytes());
    header[24..32].copy_from_slice(&written_unix_nanos.to_le_bytes());
    header[32..36].copy_from_slice(&batches.to_le_bytes());
    header[36..44].copy_from_slice(&(body.len() as u64).to_le_bytes());
    header[44..48].copy_from_slice(&crc32c::crc32c(body).to_le_bytes());
}

/// The header at the start of a group's first page.
pub(crate) fn decode_header(bytes: &[u8]) -> Option<Header> {
    let header: &[u8; HEADER_BYTES] = bytes.first_chunk()?;
    let u64_at = |at: usize| header[at..].first_chunk().copied().map(u64::from_le_bytes);
    let u32_at = |at: usize| header[at..].first_chunk().copied().map(u32::from_le_bytes);
    if header[..4] != MAGIC || header[4] != FORMAT {
        return None;
    }
    Some(Header {
        sequence: u64_at(8)?,
        previous: u64_at(16)?,
        written_unix_nanos: u64_at(24)?,
        batches: u32_at(32)?,
        length: u64_at(36)?,
        crc: u32_at(44)?,
    })
}

impl Header {
    /// Bytes of the whole group.
    pub(crate) fn group_bytes(&self) -> u64 {
        self.length.saturating_add(HEADER_BYTES as u64)
    }
}

/// The encoded batches of a whole group; `None` when the bytes are damaged.
pub(crate) fn decode(header: &Header, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = bytes.get(HEADER_BYTES..)?;
    if rest.len() as u64 != header.length || crc32c::crc32c(rest) != header.crc {
        return None;
    }
    let mut batches = Vec::new();
    for _ in 0..header.batches {
        let (kind, after) = rest.split_first()?;
        let (raw, after) = after.split_first_chunk()?;
        let (stored, after) = after.split_first_chunk()?;
        let raw = usize::try_from(u64::from_le_bytes(*raw)).ok()?;
        let (stored, after) = after.split_at_checked(usize::try_from(u64::from_le_bytes(*stored)).ok()?)?;
        rest = after;
        batches.push(match *kind {
            RAW if stored.len() == raw => stored.to_vec(),
            LZ4 if raw <= stored.len().saturating_mul(LZ4_RATIO_MAX) => {
                lz4_flex::block::decompress(stored, raw).ok()?
            }
            _ => return None,
        });
    }
    rest.is_empty().then_some(batches)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_come_back_packed_or_not() {
        let batches = vec![vec![1, 2, 3], vec![7; 100_000], Vec::new()];
        let mut encoder = Encoder::new();
        // Nothing of the group before is in this one, be it larger or smaller.
        for other in [KEPT_BYTES_MAX + 1, 20_000] {
            let noise = (0..other as u64).map(|n| (n.wrapping_mul(n | 1) >> 7) as u8).collect();
            let bytes = encoder.encode(4, 3, 9, &[noise]).to_vec();
            assert!(decode_header(&bytes).is_some_and(|header| decode(&header, &bytes).is_some()));
        }
        let bytes = encoder.encode(5, 4, 9, &batches).to_vec();
        assert!(bytes.len() < 2_000, "a hundred thousand sevens pack well");
        let header = decode_header(&bytes).expect("own bytes");
        assert_eq!((header.sequence, header.previous, header.batches), (5, 4, 3));
        assert_eq!(header.group_bytes(), bytes.len() as u64);
        assert_eq!(decode(&header, &bytes), Some(batches));
    }

    #[test]
    fn a_flipped_byte_of_the_body_is_noticed() {
        let bytes = Encoder::new().encode(5, 4, 9, &[vec![7; 10_000], vec![1]]).to_vec();
        let header = decode_header(&bytes).expect("own bytes");
        for place in HEADER_BYTES..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[place] ^= 0x40;
            assert_eq!(decode(&header, &flipped), None, "byte {place}");
        }
        assert_eq!(decode(&header, &bytes[..bytes.len() - 1]), None);
    }
}
