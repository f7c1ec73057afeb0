//! Varints, texts, histograms and exemplars, both ways. Reading never panics and believes no count that the rest cannot hold.

use super::COUNT_MAX;
use crate::exemplar::{Exemplar, Exemplars};
use crate::id::TraceId;
use crate::red::{HistogramSum, LatencyHistogram};
use crate::time::SpanDuration;

/// Why bytes are no cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RollupError {
    /// The first bytes are not those of the cells asked for.
    Magic,
    /// Written by a newer program.
    Version(u8),
    /// They end inside the named part, or it claims more than there is.
    Truncated(&'static str),
    /// The named part holds a value that is not allowed there.
    Invalid(&'static str),
    /// Bytes follow the last cell.
    Trailing(usize),
}

impl std::fmt::Display for RollupError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RollupError::Magic => write!(f, "the bytes are no encoded cells of this sort: wrong magic"),
            RollupError::Version(version) => {
                write!(f, "rollup format {version} is unknown, this program reads format {}", super::VERSION)
            }
            RollupError::Truncated(part) => write!(f, "encoded cells end inside `{part}`"),
            RollupError::Invalid(part) => write!(f, "encoded cells have an invalid value in `{part}`"),
            RollupError::Trailing(count) => write!(f, "{count} bytes follow encoded cells"),
        }
    }
}

impl std::error::Error for RollupError {}

/// Bits of the byte before exemplars: which of them follow.
const SLOWEST: u8 = 1;
const FAILED: u8 = 2;

/// Appends `value` in groups of seven bits, lowest first; the high bit says that more follow.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_varint(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn put_histogram(out: &mut Vec<u8>, histogram: &LatencyHistogram) {
    put_varint(out, histogram.buckets().len() as u64);
    let mut next = 0;
    for (bucket, count) in histogram.buckets() {
        put_varint(out, u64::from(*bucket - next));
        put_varint(out, *count);
        next = *bucket + 1;
    }
}

pub(crate) fn put_exemplars(out: &mut Vec<u8>, exemplars: &Exemplars) {
    let bit = |exemplar: &Option<Exemplar>, bit| if exemplar.is_some() { bit } else { 0 };
    out.push(bit(&exemplars.slowest, SLOWEST) | bit(&exemplars.failed, FAILED));
    for exemplar in [exemplars.slowest, exemplars.failed].into_iter().flatten() {
        out.extend_from_slice(exemplar.trace_id.bytes());
        put_varint(out, exemplar.duration.0);
    }
}

/// What has not been read yet.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    /// The part being read, for error messages.
    part: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, part: "header" }
    }

    /// From here on errors name `part`.
    pub(crate) fn enter(&mut self, part: &'static str) {
        self.part = part;
    }

    pub(crate) fn remaining(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn invalid(&self) -> RollupError {
        RollupError::Invalid(self.part)
    }

    pub(crate) fn truncated(&self) -> RollupError {
        RollupError::Truncated(self.part)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, RollupError> {
        let (first, rest) = self.rest.split_first().ok_or(self.truncated())?;
        self.rest = rest;
        Ok(*first)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], RollupError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(self.truncated())?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A varint in its only form: the shortest.
    pub(crate) fn varint(&mut self) -> Result<u64, RollupError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            let is_last = byte & 0x80 == 0;
            // The tenth byte has room for one bit only; a last byte of zero could have been left out.
            if (shift == 63 && bits > 1) || (is_last && bits == 0 && shift > 0) {
                return Err(self.invalid());
            }
            value |= bits << shift;
            if is_last {
                return Ok(value);
            }
        }
        Err(self.invalid())
    }

    pub(crate) fn varint32(&mut self) -> Result<u32, RollupError> {
        u32::try_from(self.varint()?).ok().ok_or(self.invalid())
    }

    /// A number of calls.
    pub(crate) fn count(&mut self) -> Result<u64, RollupError> {
        let count = self.varint()?;
        if count > COUNT_MAX { Err(self.invalid()) } else { Ok(count) }
    }

    /// A number of items of which each takes at least `bytes_min` bytes.
    pub(crate) fn items(&mut self, bytes_min: usize) -> Result<usize, RollupError> {
        let count = usize::try_from(self.varint()?).ok().ok_or(self.invalid())?;
        if count.checked_mul(bytes_min).is_none_or(|bytes| bytes > self.remaining()) {
            return Err(self.truncated());
        }
        Ok(count)
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, RollupError> {
        let length = self.items(1)?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(self.truncated())?;
        self.rest = rest;
        std::str::from_utf8(taken).ok().ok_or(self.invalid())
    }

    pub(crate) fn histogram(&mut self) -> Result<LatencyHistogram, RollupError> {
        let mut buckets = Vec::new();
        self.buckets(|bucket, count| buckets.push((bucket, count)))?;
        LatencyHistogram::from_buckets(buckets).ok_or(self.invalid())
    }

    /// Appends the buckets of a histogram to `packed`, see [`HistogramSum::add_packed`]. Returns the sum of their counts.
    pub(crate) fn packed_histogram(&mut self, packed: &mut Vec<u64>) -> Result<u64, RollupError> {
        self.buckets(|bucket, count| packed.push(HistogramSum::pack(bucket, count)))
    }

    /// Calls `take` with each bucket, ascending. Returns the sum of their counts.
    fn buckets(&mut self, mut take: impl FnMut(u16, u64)) -> Result<u64, RollupError> {
        let length = self.items(2)?;
        let (mut next, mut sum) = (0u64, 0u64);
        for _ in 0..length {
            let bucket = next.saturating_add(self.varint()?);
            let count = self.count()?;
            sum = sum.saturating_add(count);
            if bucket >= u64::from(LatencyHistogram::BUCKETS) || count == 0 || sum > COUNT_MAX {
                return Err(self.invalid());
            }
            take(bucket as u16, count);
            next = bucket + 1;
        }
        Ok(sum)
    }

    pub(crate) fn exemplars(&mut self) -> Result<Exemplars, RollupError> {
        let bits = self.byte()?;
        if bits & !(SLOWEST | FAILED) != 0 {
            return Err(self.invalid());
        }
        let mut exemplars = Exemplars::default();
        if bits & SLOWEST != 0 {
            exemplars.slowest = Some(self.exemplar()?);
        }
        if bits & FAILED != 0 {
            exemplars.failed = Some(self.exemplar()?);
        }
        Ok(exemplars)
    }

    fn exemplar(&mut self) -> Result<Exemplar, RollupError> {
        let trace_id = TraceId::new(self.array()?).ok_or(self.invalid())?;
        Ok(Exemplar { trace_id, duration: SpanDuration(self.varint()?) })
    }
}
