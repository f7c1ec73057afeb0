//! Which traces are in the block, and what the trace directory says of each.

use std::sync::atomic::Ordering;

use model::{SpanDuration, TraceId, UnixNanos, Warnings};

use super::super::bytes::Cursor;
use super::super::directory::ChunkName;
use super::super::error::BlockError;
use super::super::fuse::Fuse;
use super::super::layout::{Section, trace};
use super::super::planes;
use super::super::source::BlockSource;
use super::super::traces::{TRACE_SERVICES_MAX, hash_of_trace};
use super::BlockReader;
use super::finder::Finder;
use super::packed::Packed;

/// Where the rows of each trace lie, and its times.
pub(super) struct Spine {
    /// First row of each trace, and the number of all rows.
    pub(super) bounds: Vec<u32>,
    pub(super) starts: Vec<u64>,
    durations: Vec<u64>,
}

/// Everything else of each trace.
pub(super) struct Lines {
    roots: Vec<u64>,
    errors: Vec<u64>,
    /// Where the services of each trace end.
    service_ends: Vec<usize>,
    services: Vec<u64>,
    /// One more than [`TRACE_SERVICES_MAX`] when there are others.
    service_counts: Vec<u64>,
}

/// One trace as the directory knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceEntry {
    /// Its first row.
    pub first_row: u32,
    /// Number of its rows.
    pub rows: u32,
    /// The row of its root: of all spans without a parent, else of all, the one that starts first.
    pub root_row: u32,
    /// Its earliest start.
    pub start: UnixNanos,
    /// From there to its latest end.
    pub duration: SpanDuration,
    /// Number of failed spans.
    pub errors: u32,
    /// Warnings of all its spans.
    pub warnings: Warnings,
    /// Codes of its services, by first appearance.
    pub services: Vec<u32>,
    /// Whether it has more services than these.
    pub has_more_services: bool,
}

/// So many traces are looked for from front to back; to find more is worth a table, which takes ten times as long to make.
const FINDS_FEW: u32 = 8;

const PART: BlockError = BlockError::Invalid("trace directory");

impl<S: BlockSource> BlockReader<S> {
    /// Whether the trace may be here. Never wrong about one that is; about one in 256 others is let pass.
    pub fn may_hold(&self, id: &TraceId) -> Result<bool, BlockError> {
        self.may_hold_hash(hash_of_trace(id))
    }

    /// The same for whoever asks many blocks: the xxh3-64 of the trace id.
    pub fn may_hold_hash(&self, hash: u64) -> Result<bool, BlockError> {
        let filter = match self.filter.get() {
            Some(filter) => filter,
            None => {
                let bytes = self.chunk_if_any(ChunkName::new(Section::Filter, 0, 0))?;
                let filter = bytes.map(|bytes| Fuse::take(&bytes)).transpose()?;
                self.filter.get_or_init(|| filter)
            }
        };
        Ok(filter.as_ref().is_none_or(|filter| filter.may_hold(hash)))
    }

    /// The number of the trace in the directory.
    pub fn find(&self, id: &TraceId) -> Result<Option<u32>, BlockError> {
        if !self.may_hold(id)? {
            return Ok(None);
        }
        let ids = self.trace_ids()?;
        if self.finds.fetch_add(1, Ordering::Relaxed) < FINDS_FEW {
            return Ok(ids.iter().position(|known| known == id).map(|number| number as u32));
        }
        Ok(self.finder.get_or_init(|| Finder::of(ids)).find(ids, id))
    }

    /// The id of the trace with this number.
    pub fn trace_id(&self, number: u32) -> Result<TraceId, BlockError> {
        self.trace_ids()?.get(number as usize).copied().ok_or(PART)
    }

    /// The ids of all traces, by their numbers.
    pub fn trace_ids(&self) -> Result<&[TraceId], BlockError> {
        if let Some(ids) = self.ids.get() {
            return Ok(ids);
        }
        let mut all = Vec::with_capacity(self.header.traces as usize);
        for first in (0..self.header.traces).step_by(trace::IDS) {
            for id in self.id_chunk(first / trace::IDS as u32)? {
                all.push(TraceId::new(id).ok_or(PART)?);
            }
        }
        Ok(self.ids.get_or_init(|| all))
    }

    /// Earliest start and latest end of the trace with this number.
    pub fn trace_times(&self, number: u32) -> Result<(UnixNanos, UnixNanos), BlockError> {
        let start = self.trace_start(number)?;
        Ok((start, UnixNanos(start.0.saturating_add(self.spine()?.durations[number as usize]))))
    }

    /// Earliest start of the trace with this number.
    pub fn trace_start(&self, number: u32) -> Result<UnixNanos, BlockError> {
        self.spine()?.starts.get(number as usize).copied().map(UnixNanos).ok_or(PART)
    }

    /// First row of each trace, and the number of all rows.
    pub fn trace_bounds(&self) -> Result<&[u32], BlockError> {
        Ok(&self.spine()?.bounds)
    }

    /// Of each row group the first start of its first trace: no trace in it starts earlier.
    pub fn first_starts(&self) -> Result<Vec<u64>, BlockError> {
        let spine = self.spine()?;
        let first = |bound: &u32| spine.starts[spine.bounds.partition_point(|start| start <= bound) - 1];
        Ok(self.bounds[..self.zones.len()].iter().map(first).collect())
    }

    /// Of each row group the longest duration of a trace with rows in it.
    pub fn longest_traces(&self) -> Result<Vec<u64>, BlockError> {
        let spine = self.spine()?;
        let mut longest = vec![0; self.zones.len()];
        for (rows, duration) in spine.bounds.windows(2).zip(&spine.durations) {
            let group = |row| self.group_of_row(row).ok_or(PART);
            let groups = group(rows[0])?..=group(rows[1] - 1)?;
            longest[groups].iter_mut().for_each(|longest| *longest = (*longest).max(*duration));
        }
        Ok(longest)
    }

    /// The rows of the trace with this number.
    pub fn rows_of_trace(&self, number: u32) -> Result<std::ops::Range<u32>, BlockError> {
        let bounds = &self.spine()?.bounds;
        let end = bounds.get(number as usize + 1).copied().ok_or(PART)?;
        Ok(bounds[number as usize]..end)
    }

    /// The warnings of all spans of the trace with this number.
    pub fn trace_warnings(&self, number: u32) -> Result<Warnings, BlockError> {
        let warnings = match self.trace_warnings.get() {
            Some(warnings) => warnings,
            None => {
                let read = self.trace_column(trace::WARNINGS)?;
                self.trace_warnings.get_or_init(|| Packed::new(&read))
            }
        };
        if number >= self.header.traces {
            Err(PART)
        } else {
            Ok(Warnings::from_bits(warnings.get(number as usize) as u32))
        }
    }

    /// What the directory says of the trace with this number.
    pub fn entry(&self, number: u32) -> Result<TraceEntry, BlockError> {
        let (spine, lines) = (self.spine()?, self.lines()?);
        let number = number as usize;
        if number >= self.header.traces as usize {
            return Err(PART);
        }
        let (first_row, end) = (spine.bounds[number], spine.bounds[number + 1]);
        let root = u32::try_from(lines.roots[number]).ok().filter(|root| *root < end - first_row);
        let services_start = number.checked_sub(1).map_or(0, |before| lines.service_ends[before]);
        Ok(TraceEntry {
            first_row,
            rows: end - first_row,
            root_row: first_row + root.ok_or(PART)?,
            start: UnixNanos(spine.starts[number]),
            duration: SpanDuration(spine.durations[number]),
            errors: lines.errors[number] as u32,
            warnings: self.trace_warnings(number as u32)?,
            services: lines.services[services_start..lines.service_ends[number]].iter().map(|c| *c as u32).collect(),
            has_more_services: lines.service_counts[number] > TRACE_SERVICES_MAX,
        })
    }

    /// The number of the trace to which a row belongs; `None` beyond the last row.
    pub fn trace_of_row(&self, row: u32) -> Result<Option<u32>, BlockError> {
        let spine = self.spine()?;
        Ok((row < self.header.rows).then(|| spine.bounds.partition_point(|bound| *bound <= row) as u32 - 1))
    }

    fn id_chunk(&self, number: u32) -> Result<Vec<[u8; 16]>, BlockError> {
        let first = number as usize * trace::IDS;
        let expected = (self.header.traces as usize).saturating_sub(first).min(trace::IDS);
        let bytes = self.chunk(ChunkName::new(Section::Trace, trace::ID + number, 0))?;
        let (ids, rest) = bytes.as_chunks::<16>();
        if ids.len() == expected && rest.is_empty() { Ok(ids.to_vec()) } else { Err(PART) }
    }

    pub(super) fn spine(&self) -> Result<&Spine, BlockError> {
        if let Some(spine) = self.spine.get() {
            return Ok(spine);
        }
        let mut starts = self.trace_column(trace::START)?;
        for number in 1..starts.len() {
            starts[number] = starts[number].wrapping_add(starts[number - 1]);
        }
        let mut bounds = vec![0u32];
        let mut sum = 0u32;
        for rows in self.trace_column(trace::ROWS)? {
            let rows = u32::try_from(rows).ok().filter(|rows| *rows > 0).ok_or(PART)?;
            sum = sum.checked_add(rows).ok_or(PART)?;
            bounds.push(sum);
        }
        if sum != self.header.rows {
            return Err(PART);
        }
        let durations = self.trace_column(trace::DURATION)?;
        Ok(self.spine.get_or_init(|| Spine { bounds, starts, durations }))
    }

    fn lines(&self) -> Result<&Lines, BlockError> {
        if let Some(lines) = self.lines.get() {
            return Ok(lines);
        }
        let bytes = self.chunk(ChunkName::new(Section::Trace, trace::SERVICES, 0))?;
        let mut cursor = Cursor::new(&bytes, "trace directory");
        let service_counts = planes::take(&mut cursor, self.header.traces as usize)?;
        let mut sum = 0;
        let mut service_ends = Vec::with_capacity(service_counts.len());
        for count in &service_counts {
            if *count > TRACE_SERVICES_MAX + 1 {
                return Err(PART);
            }
            sum += (*count).min(TRACE_SERVICES_MAX) as usize;
            service_ends.push(sum);
        }
        let services = planes::take(&mut cursor, sum)?;
        cursor.finish()?;
        let known = self.dictionary()?.tables.services.len() as u64;
        if services.iter().any(|code| *code >= known) {
            return Err(PART);
        }
        let lines = Lines {
            roots: self.trace_column(trace::ROOT)?,
            errors: self.trace_column(trace::ERRORS)?,
            service_ends,
            services,
            service_counts,
        };
        Ok(self.lines.get_or_init(|| lines))
    }

    fn trace_column(&self, column: u32) -> Result<Vec<u64>, BlockError> {
        let bytes = self.chunk(ChunkName::new(Section::Trace, column, 0))?;
        let mut cursor = Cursor::new(&bytes, "trace directory");
        let values = planes::take(&mut cursor, self.header.traces as usize)?;
        cursor.finish()?;
        Ok(values)
    }
}
