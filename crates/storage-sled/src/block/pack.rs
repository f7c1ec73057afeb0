//! zstd level 1 over one stretch of bytes, kept only where it gains. Not here: what the bytes mean.

use std::cell::RefCell;
use std::io;

use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::{CParameter, compress_bound};

use super::bytes::{Cursor, put_varint};
use super::error::BlockError;

/// Level 19 would save 0.8 bytes a span for a hundred times the work.
const LEVEL: i32 = 1;

/// Shorter stretches gain less than a frame's header costs.
const PACK_BYTES_MIN: usize = 48;

/// No stretch unpacks to more than this many times its bytes, and [`UNPACKED_FREE_BYTES`]: a reader need not believe more.
const RATIO_MAX: usize = 1_024;
const UNPACKED_FREE_BYTES: usize = 64 << 10;

/// What saves less than one part in so many is not worth unpacking.
const GAIN: usize = 10;

const RAW: u8 = 0;
const ZSTD: u8 = 1;

/// One compression context and its buffer, reused for all stretches of a block.
pub(super) struct Packer {
    texts: Compressor<'static>,
    /// Looks for long repeats only: in planes of numbers short ones are chance, and reading them back is slow.
    planes: Compressor<'static>,
    packed: Vec<u8>,
}

thread_local! {
    /// A context takes longer to make than most chunks take to unpack.
    static UNPACKER: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

// === impl Packer ===

impl Packer {
    pub(super) fn new() -> io::Result<Packer> {
        let mut planes = Compressor::new(LEVEL)?;
        planes.set_parameter(CParameter::MinMatch(7))?;
        Ok(Packer { texts: Compressor::new(LEVEL)?, planes, packed: Vec::new() })
    }

    /// The packed form of one plane of numbers, when it saves enough.
    pub(super) fn pack_plane(&mut self, raw: &[u8]) -> io::Result<Option<&[u8]>> {
        Packer::pack_with(&mut self.planes, &mut self.packed, raw)
    }

    /// The packed form, when it saves at least a tenth.
    pub(super) fn pack(&mut self, raw: &[u8]) -> io::Result<Option<&[u8]>> {
        Packer::pack_with(&mut self.texts, &mut self.packed, raw)
    }

    fn pack_with<'p>(
        compressor: &mut Compressor<'static>,
        packed: &'p mut Vec<u8>,
        raw: &[u8],
    ) -> io::Result<Option<&'p [u8]>> {
        if raw.len() < PACK_BYTES_MIN {
            return Ok(None);
        }
        packed.clear();
        packed.reserve(compress_bound(raw.len()));
        compressor.compress_to_buffer(raw, packed)?;
        let gains = packed.len() < raw.len() - raw.len() / GAIN;
        Ok((gains && believable(raw.len(), packed.len())).then_some(packed))
    }

    /// Appends `raw`, packed or not, and how to read it back.
    pub(super) fn put(packer: Option<&mut Packer>, out: &mut Vec<u8>, raw: &[u8]) -> io::Result<()> {
        let packed = match packer {
            Some(packer) if compressible(raw) => packer.pack(raw)?,
            _ => None,
        };
        match packed {
            Some(packed) => {
                out.push(ZSTD);
                put_varint(out, raw.len() as u64);
                put_varint(out, packed.len() as u64);
                out.extend_from_slice(packed);
            }
            None => {
                out.push(RAW);
                put_varint(out, raw.len() as u64);
                out.extend_from_slice(raw);
            }
        }
        Ok(())
    }
}

/// Reads what [`Packer::put`] wrote.
pub(super) fn take(cursor: &mut Cursor<'_>) -> Result<Vec<u8>, BlockError> {
    match cursor.byte()? {
        RAW => Ok(cursor.bytes()?.to_vec()),
        ZSTD => {
            let length = cursor.varint()?;
            let packed = cursor.bytes()?;
            unpack(packed, usize::try_from(length).ok().ok_or(cursor.invalid())?)
        }
        _ => Err(cursor.invalid()),
    }
}

/// Exactly `length` bytes out of a packed stretch.
pub(super) fn unpack(packed: &[u8], length: usize) -> Result<Vec<u8>, BlockError> {
    const PART: BlockError = BlockError::Invalid("packed bytes");
    if !believable(length, packed.len()) {
        return Err(PART);
    }
    let mut raw = Vec::with_capacity(length);
    UNPACKER.with_borrow_mut(|slot| {
        let unpacker = match slot {
            Some(unpacker) => unpacker,
            None => slot.insert(Decompressor::new()?),
        };
        match unpacker.decompress_to_buffer(packed, &mut raw) {
            Ok(count) if count == length => Ok(()),
            _ => Err(PART),
        }
    })?;
    Ok(raw)
}

/// Whether a look at how often each byte occurs promises anything. Also true where it can't know, in short stretches.
pub(super) fn compressible(raw: &[u8]) -> bool {
    const LOOKED_AT_MAX: usize = 16 << 10;
    let looked_at = &raw[..raw.len().min(LOOKED_AT_MAX)];
    if looked_at.len() < 1_024 {
        return true;
    }
    let mut counts = [0u32; 256];
    looked_at.iter().for_each(|byte| counts[usize::from(*byte)] += 1);
    let bits: f32 = counts.iter().filter(|count| **count > 0).map(|count| *count as f32 * (*count as f32).log2()).sum();
    let entropy = (looked_at.len() as f32).log2() - bits / looked_at.len() as f32;
    entropy < 7.25
}

/// The most that so many stored bytes may unpack to.
pub(super) fn unpacked_max(stored: usize) -> usize {
    stored.saturating_mul(RATIO_MAX).saturating_add(UNPACKED_FREE_BYTES)
}

fn believable(length: usize, packed: usize) -> bool {
    length <= unpacked_max(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip(raw: &[u8]) -> usize {
        let mut out = Vec::new();
        let mut packer = Packer::new().expect("zstd works");
        Packer::put(Some(&mut packer), &mut out, raw).expect("zstd works");
        let mut cursor = Cursor::new(&out, "test");
        assert_eq!(take(&mut cursor).expect("own bytes"), raw);
        out.len()
    }

    #[test]
    fn bytes_come_back_packed_or_not() {
        assert!(round_trip(&[7; 10_000]) < 100, "sevens pack well");
        let noise: Vec<u8> = (0..5_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        round_trip(&noise);
        round_trip(&[]);
    }

    #[test]
    fn a_claim_beyond_all_proportion_is_not_believed() {
        let mut packer = Packer::new().expect("zstd works");
        let packed = packer.pack(&[0; 60_000]).expect("zstd works").expect("it gains").to_vec();
        assert!(
            unpack(&packed, 60_000).is_ok() && unpack(&packed, 59_999).is_err() && unpack(&packed, 1 << 40).is_err()
        );
        // So what would be out of proportion is never packed.
        assert!(packer.pack(&vec![0; 100 << 20]).expect("zstd works").is_none());
    }
}
