//! A workload's requests in a file, written once and sent many times.
//!
//! A record: spans, number of times, bytes of the body (u32 each, little-endian), the offsets of the times, the body.
//! Plain bodies get their times moved by the sender, two additions a span; that is cheaper than to make them anew.
//! Gzip bodies cannot be moved, and keep the times of the workload.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::encode;
use super::span::Spans;
use super::workload::Workload;

const HEAD_BYTES: usize = 12;
const OFFSET_BYTES: usize = 4;

pub(super) struct Corpus {
    file: File,
    pub(super) requests: Vec<Place>,
}

/// Where a request lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    offset: u64,
    times: u32,
    bytes: u32,
    pub(super) spans: u32,
    /// Spans of all requests before it.
    pub(super) spans_before: u64,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) requests: u64,
    /// Of plain bodies.
    pub(super) bytes: u64,
    pub(super) hash: u64,
}

/// Writes plain bodies, and packed ones beside them when asked.
pub(super) fn write(
    workload: &dyn Workload,
    spans: &Spans,
    requests: &[Vec<u32>],
    plain: &Path,
    gzip: Option<&Path>,
) -> Result<Written> {
    let mut plain = BufWriter::new(create(plain)?);
    let mut gzip = gzip.map(|path| create(path).map(BufWriter::new)).transpose()?;
    let mut written = Written::default();
    for rows in requests {
        let body = encode::request(workload, spans, rows);
        written.requests += 1;
        written.bytes += body.len() as u64;
        written.hash = hash(written.hash, &body);
        record(&mut plain, rows.len(), &encode::time_offsets(&body), &body)?;
        if let Some(file) = &mut gzip {
            // The level that collectors use.
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(&body)?;
            record(file, rows.len(), &[], &encoder.finish()?)?;
        }
    }
    plain.flush()?;
    gzip.map(|mut file| file.flush()).transpose()?;
    Ok(written)
}

fn create(path: &Path) -> Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn record(file: &mut impl Write, spans: usize, times: &[u32], body: &[u8]) -> Result<()> {
    for number in [spans, times.len(), body.len()] {
        file.write_all(&u32::try_from(number)?.to_le_bytes())?;
    }
    for offset in times {
        file.write_all(&offset.to_le_bytes())?;
    }
    Ok(file.write_all(body)?)
}

/// Tells whether bytes are the same, on any machine; no protection against people.
pub(super) fn hash(mut state: u64, bytes: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut mix = |word: u64| {
        state = (state ^ word).wrapping_mul(FACTOR);
        state ^= state >> 29;
    };
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().for_each(|word| mix(u64::from_le_bytes(*word)));
    rest.iter().for_each(|byte| mix(u64::from(*byte)));
    mix(bytes.len() as u64);
    state
}

impl Corpus {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let end = file.metadata()?.len();
        let mut requests = Vec::new();
        let (mut offset, mut spans_before) = (0, 0);
        while offset < end {
            let mut head = [0; HEAD_BYTES];
            file.read_exact_at(&mut head, offset)?;
            let number =
                |place: usize| u32::from_le_bytes([head[place], head[place + 1], head[place + 2], head[place + 3]]);
            let (spans, times, bytes) = (number(0), number(4), number(8));
            offset += HEAD_BYTES as u64;
            requests.push(Place { offset, times, bytes, spans, spans_before });
            spans_before += u64::from(spans);
            offset += u64::from(times) * OFFSET_BYTES as u64 + u64::from(bytes);
        }
        ensure!(offset == end, "{} was not written to its end: remove it", path.display());
        Ok(Self { file, requests })
    }

    pub(super) fn spans(&self) -> u64 {
        self.requests.last().map_or(0, |last| last.spans_before + u64::from(last.spans))
    }

    /// Fills `body` with a request, its times moved by `nanos` where they can be. `scratch` is kept for the next call.
    pub(super) fn read(&self, place: &Place, nanos: u64, body: &mut [u8], scratch: &mut Vec<u8>) -> Result<()> {
        let bytes = place.times as usize * OFFSET_BYTES;
        if scratch.len() < bytes {
            *scratch = vec![0; bytes];
        }
        let raw = &mut scratch[..bytes];
        self.file.read_exact_at(raw, place.offset)?;
        self.file.read_exact_at(body, place.offset + bytes as u64)?;
        let offsets = raw.as_chunks::<OFFSET_BYTES>().0.iter().map(|word| u32::from_le_bytes(*word));
        encode::move_times(body, offsets, nanos);
        Ok(())
    }
}

impl Place {
    pub(super) fn bytes(&self) -> usize {
        self.bytes as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::requests::requests;
    use crate::bench::workload::Name;

    fn first_bytes(name: Name) -> u64 {
        let workload = name.workload();
        let spans = workload.spans(1, 2_048);
        let requests = requests(&spans, name.requests(), 1);
        requests.iter().fold(0, |state, rows| hash(state, &encode::request(&*workload, &spans, rows)))
    }

    /// A generator that changes makes older numbers incomparable: raise `prepare::GENERATION` with these.
    #[test]
    fn every_machine_makes_the_same_bytes() {
        let got = [Name::W1, Name::W2, Name::W3, Name::W5].map(|name| format!("{:016x}", first_bytes(name)));
        assert_eq!(got, ["311f8f7dcf7abbb4", "4136e4e23b301105", "593071b0f4bd12e1", "1d24a2abed821060"]);
    }

    #[test]
    fn bodies_come_back_as_they_went_in_and_plain_ones_at_another_time() {
        let workload = Name::W1.workload();
        let spans = workload.spans(1, 1_000);
        let requests = requests(&spans, Name::W1.requests(), 1);
        let folder = tempfile::tempdir().unwrap();
        let (plain, gzip) = (folder.path().join("plain"), folder.path().join("gzip"));
        let written = write(&*workload, &spans, &requests, &plain, Some(&gzip)).unwrap();
        assert_eq!(written.requests, 2);

        let corpus = Corpus::open(&plain).unwrap();
        assert_eq!((corpus.spans(), corpus.requests[1].spans_before), (1_000, 512));
        let mut wanted = encode::request(&*workload, &spans, &requests[1]);
        let offsets = encode::time_offsets(&wanted);
        encode::move_times(&mut wanted, offsets.into_iter(), 77);
        let mut body = vec![0; corpus.requests[1].bytes()];
        corpus.read(&corpus.requests[1], 77, &mut body, &mut Vec::new()).unwrap();
        assert!(body == wanted);

        let packed = Corpus::open(&gzip).unwrap();
        let mut body = vec![0; packed.requests[0].bytes()];
        packed.read(&packed.requests[0], 77, &mut body, &mut Vec::new()).unwrap();
        let mut unpacked = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(body.as_slice()), &mut unpacked).unwrap();
        assert!(unpacked == encode::request(&*workload, &spans, &requests[0]));
    }

    #[test]
    fn file_that_was_cut_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cut");
        let mut file = create(&path).unwrap();
        record(&mut file, 1, &[4], b"body").unwrap();
        assert_eq!(Corpus::open(&path).unwrap().spans(), 1);
        let whole = std::fs::metadata(&path).unwrap().len();
        file.set_len(whole - 1).unwrap();
        assert!(Corpus::open(&path).is_err());
    }
}
