//! Packed bytes to plain ones, counted while they come out: a bomb costs no more than the limit. Not here: which header named the packing.

use std::io::{self, Read};

use bytes::Bytes;

use super::{Refusal, Room};

/// zstd frames that need a greater window are refused, as RFC 9659 allows.
const ZSTD_WINDOW_LOG_MAX: u32 = 23;
/// Bytes that come out between two looks at the limit, at most and at least.
const STEP_BYTES_MAX: usize = 64 * 1024;
const STEP_BYTES_MIN: usize = 1024;
/// Requests shrink to a sixth or so: a small one comes out in one step, without room made ready for a large one.
const STEP_FACTOR: usize = 8;

/// A block of an LZ4 frame, of which its reader holds one packed and one plain.
const LZ4_BLOCK_BYTES_MAX: usize = 4 << 20;
/// How framed snappy begins. Collectors call both forms `snappy`, depending on their age.
const SNAPPY_FRAME: &[u8] = b"\xff\x06\x00\x00sNaPpY";
/// Three bytes of snappy stand for 64 at most, so a greater length is a lie.
const SNAPPY_FACTOR_MAX: usize = 22;

/// How a request is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950, although HTTP calls it deflate.
    Zlib,
    /// RFC 8878.
    Zstd,
    /// A block or frames of snappy.
    Snappy,
    /// Frames of LZ4.
    Lz4,
}

// === impl Compression ===

impl Compression {
    /// From the value of `Content-Encoding` or `grpc-encoding`.
    pub fn from_name(name: &str) -> Result<Compression, Refusal> {
        match name.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Compression::Identity),
            "gzip" | "x-gzip" => Ok(Compression::Gzip),
            "deflate" | "zlib" => Ok(Compression::Zlib),
            "zstd" => Ok(Compression::Zstd),
            "snappy" | "x-snappy-framed" => Ok(Compression::Snappy),
            "lz4" => Ok(Compression::Lz4),
            other => Err(Refusal::EncodingUnknown(format!(
                "unsupported content encoding, supported: [gzip, deflate, zstd, snappy, lz4, identity]: {other}"
            ))),
        }
    }
}

/// The plain bytes. `room` grows with them.
pub fn decompress(
    compression: Compression,
    packed: Bytes,
    bytes_max: usize,
    room: &mut Room,
) -> Result<Bytes, Refusal> {
    let packed_bytes = packed.len();
    let plain = match compression {
        Compression::Identity => return Ok(packed),
        Compression::Gzip => {
            read_counted(flate2::bufread::MultiGzDecoder::new(&packed[..]), packed_bytes, bytes_max, room)?
        }
        Compression::Zlib => {
            read_counted(flate2::bufread::ZlibDecoder::new(&packed[..]), packed_bytes, bytes_max, room)?
        }
        Compression::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(&packed[..]).map_err(|error| damaged(&error))?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).map_err(|error| damaged(&error))?;
            read_counted(decoder, packed_bytes, bytes_max, room)?
        }
        Compression::Snappy if packed.starts_with(SNAPPY_FRAME) => {
            read_counted(snap::read::FrameDecoder::new(&packed[..]), packed_bytes, bytes_max, room)?
        }
        Compression::Snappy => snappy_block(&packed, bytes_max, room)?,
        Compression::Lz4 => {
            room.grow_now(packed_bytes + 2 * LZ4_BLOCK_BYTES_MAX)?;
            read_counted(lz4_flex::frame::FrameDecoder::new(&packed[..]), packed_bytes, bytes_max, room)?
        }
    };
    Ok(Bytes::from(plain))
}

/// A block says how long it is before it is unpacked.
fn snappy_block(packed: &[u8], bytes_max: usize, room: &mut Room) -> Result<Vec<u8>, Refusal> {
    let broken = |error: snap::Error| damaged(&io::Error::other(error));
    let announced = snap::raw::decompress_len(packed).map_err(broken)?;
    if announced > bytes_max {
        return Err(Refusal::too_large(bytes_max));
    }
    if announced > packed.len().saturating_mul(SNAPPY_FACTOR_MAX) {
        return Err(damaged(&io::Error::other("snappy announces more than it can hold")));
    }
    room.grow_now(packed.len() + announced)?;
    snap::raw::Decoder::new().decompress_vec(packed).map_err(broken)
}

fn read_counted(
    mut reader: impl Read,
    packed_bytes: usize,
    bytes_max: usize,
    room: &mut Room,
) -> Result<Vec<u8>, Refusal> {
    let step_bytes = packed_bytes.saturating_mul(STEP_FACTOR).clamp(STEP_BYTES_MIN, STEP_BYTES_MAX);
    let (mut plain, mut filled) = (Vec::new(), 0);
    loop {
        // Only when it is full: a request of many tiny frames comes out byte by byte.
        if filled == plain.len() {
            room.grow_now(packed_bytes + filled + step_bytes)?;
            // Straight into the place where it stays: growing as `read_to_end` does costs a fifth more in all.
            plain.resize(filled + step_bytes, 0);
        }
        let came = read_some(&mut reader, &mut plain[filled..]).map_err(|error| damaged(&error))?;
        filled += came;
        if filled > bytes_max {
            return Err(Refusal::too_large(bytes_max));
        }
        if came == 0 {
            plain.truncate(filled);
            return Ok(plain);
        }
    }
}

fn read_some(reader: &mut impl Read, place: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(place) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

fn damaged(error: &io::Error) -> Refusal {
    Refusal::Malformed(format!("cannot decompress the request: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::Admission;
    use super::*;
    use std::io::Write;
    use std::time::Duration;

    fn gzip(plain: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap().into()
    }

    fn framed_snappy(plain: &[u8]) -> Bytes {
        let mut encoder = snap::write::FrameEncoder::new(Vec::new());
        encoder.write_all(plain).unwrap();
        encoder.into_inner().unwrap().into()
    }

    fn lz4(plain: &[u8]) -> Bytes {
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap().into()
    }

    async fn plain(compression: Compression, packed: Bytes, budget: usize) -> Result<Bytes, Refusal> {
        let mut room = Admission::new(budget, Duration::ZERO).take(1).await.unwrap();
        decompress(compression, packed, 1 << 20, &mut room)
    }

    #[tokio::test]
    async fn every_packing_comes_out_as_it_went_in() {
        let text = Bytes::from("spans ".repeat(1000));
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(&text).unwrap();
        let zstd = zstd::stream::encode_all(&text[..], 1).unwrap();
        let packed = [
            (Compression::Identity, text.clone()),
            (Compression::Gzip, gzip(&text)),
            (Compression::Zlib, zlib.finish().unwrap().into()),
            (Compression::Zstd, zstd.into()),
            (Compression::Snappy, snap::raw::Encoder::new().compress_vec(&text).unwrap().into()),
            (Compression::Snappy, framed_snappy(&text)),
            (Compression::Lz4, lz4(&text)),
        ];
        for (compression, packed) in packed {
            assert_eq!(plain(compression, packed, 16 << 20).await.as_ref(), Ok(&text), "{compression:?}");
        }
    }

    #[tokio::test]
    async fn many_tiny_members_come_out_as_one() {
        let members: Vec<u8> = (0..3000u32).flat_map(|n| gzip(&n.to_le_bytes())).collect();
        let expected: Vec<u8> = (0..3000u32).flat_map(u32::to_le_bytes).collect();
        assert_eq!(plain(Compression::Gzip, members.into(), 8 << 20).await, Ok(Bytes::from(expected)));
    }

    #[tokio::test]
    async fn a_bomb_stops_at_the_limit_of_the_request_or_of_all() {
        let bomb = gzip(&vec![0; 8 << 20]);
        assert_eq!(plain(Compression::Gzip, bomb.clone(), 64 << 20).await, Err(Refusal::too_large(1 << 20)));
        assert_eq!(plain(Compression::Gzip, bomb, 512 << 10).await, Err(Refusal::overloaded()));
    }

    #[tokio::test]
    async fn bombs_of_snappy_and_lz4_stop_there_too() {
        let zeros = vec![0; 8 << 20];
        let block: Bytes = snap::raw::Encoder::new().compress_vec(&zeros).unwrap().into();
        let bombs = [
            (Compression::Snappy, block),
            (Compression::Snappy, framed_snappy(&zeros)),
            (Compression::Lz4, lz4(&zeros)),
        ];
        for (compression, bomb) in bombs {
            let stopped = plain(compression, bomb, 64 << 20).await;
            assert_eq!(stopped, Err(Refusal::too_large(1 << 20)), "{compression:?}");
        }
        // 1 MiB announced by five bytes.
        let lie = Bytes::from_static(&[0x80, 0x80, 0x40, 0, 0]);
        assert!(matches!(plain(Compression::Snappy, lie, 64 << 20).await, Err(Refusal::Malformed(_))));
        assert_eq!(plain(Compression::Lz4, lz4(b"spans"), 1 << 20).await, Err(Refusal::overloaded()));
    }

    #[tokio::test]
    async fn a_cut_stream_is_damaged() {
        let packed = gzip(b"some spans");
        let cut = packed.slice(..packed.len() - 5);
        assert!(matches!(plain(Compression::Gzip, cut, 8 << 20).await, Err(Refusal::Malformed(_))));
        let text = "some spans ".repeat(100);
        let block: Bytes = snap::raw::Encoder::new().compress_vec(text.as_bytes()).unwrap().into();
        let others = [
            (Compression::Snappy, block),
            (Compression::Snappy, framed_snappy(text.as_bytes())),
            (Compression::Lz4, lz4(text.as_bytes())),
        ];
        for (compression, packed) in others {
            let cut = packed.slice(..packed.len() - 5);
            let read = plain(compression, cut, 16 << 20).await;
            assert!(matches!(read, Err(Refusal::Malformed(_))), "{compression:?}: {read:?}");
        }
    }
}
