//! The last acknowledged group of a segment, beside its Db and not synced: a journal that ends before it has lost its tail.
//!
//! ```text
//! 0        4        12    16
//! | TWMK   | group  | crc |
//! ```
//! Numbers are little-endian; the crc32c covers what is before it. The mark is written after the flush, so it never names
//! a group that is not durable; after a power cut it may be older than the journal, and then says nothing.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const MAGIC: [u8; 4] = *b"TWMK";

const MARK_BYTES: usize = 16;

const NAME: &str = "MARK";

/// Writes the mark of one segment.
pub(crate) struct Mark {
    /// `None` after the first failure: it is said once, and a mark that stays behind says nothing wrong.
    file: Option<File>,
}

impl Mark {
    /// An empty mark in the directory of a new segment.
    pub(crate) fn create(segment: &Path) -> io::Result<Mark> {
        Ok(Mark { file: Some(File::create_new(segment.join(NAME))?) })
    }

    /// Notes that everything up to `group` is durable. Costs a copy into the cache of the system.
    pub(crate) fn set(&mut self, group: u64) {
        let Some(file) = &self.file else { return };
        if let Err(error) = file.write_all_at(&encode(group), 0) {
            tracing::warn!(
                "the last group is not marked any more, a lost tail of this journal would pass unseen: {error}"
            );
            self.file = None;
        }
    }
}

/// The last group that was acknowledged from the segment in this directory; `None` when that is not known.
pub(crate) fn read(segment: &Path) -> Option<u64> {
    decode(&fs::read(segment.join(NAME)).ok()?)
}

fn encode(group: u64) -> [u8; MARK_BYTES] {
    let mut bytes = [0; MARK_BYTES];
    bytes[..4].copy_from_slice(&MAGIC);
    bytes[4..12].copy_from_slice(&group.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[..12]);
    bytes[12..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<u64> {
    let (covered, crc) = bytes.split_last_chunk()?;
    let group = covered.strip_prefix(&MAGIC)?.try_into().ok()?;
    (u32::from_le_bytes(*crc) == crc32c::crc32c(covered)).then(|| u64::from_le_bytes(group))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_mark_is_read_and_a_torn_one_says_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        assert_eq!(read(directory.path()), None);
        let mut mark = Mark::create(directory.path()).expect("made");
        assert_eq!(read(directory.path()), None);
        mark.set(7);
        mark.set(1 << 40);
        assert_eq!(read(directory.path()), Some(1 << 40));
        let bytes = encode(9);
        for bit in 0..MARK_BYTES * 8 {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(decode(&flipped), None, "bit {bit}");
        }
        assert_eq!(decode(&bytes[..15]), None);
    }
}
