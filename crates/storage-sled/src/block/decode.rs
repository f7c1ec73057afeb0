//! A block is read: only the chunks that a question needs, each checked. Not here: writing it.

mod attributes;
mod bundle;
mod chunk;
mod dictionary;
mod field;
mod finder;
mod group;
mod group_scan;
mod hot;
mod keys;
mod output;
mod packed;
mod row_test;
mod rows;
mod scan;
mod sizes;
mod terms;
mod traces;
mod warnings;

use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

use model::{SpanBatch, TimeRange, TraceId, UnixNanos};

use super::directory::{Chunk, ChunkName, Directory};
use super::error::BlockError;
use super::fuse::Fuse;
use super::header::{HEADER_BYTES, Header};
use super::layout::{Section, cold, trace};
use super::source::BlockSource;
use super::zone::Zone;
use dictionary::Dictionary;
use finder::Finder;
use traces::{Lines, Spine};

pub use attributes::FieldValues;
pub use group_scan::{GroupScan, KeptCells};
pub use hot::Parent;
pub use packed::{Packed, Table};
pub use row_test::RowTest;
pub use scan::ShapeView;
pub use traces::TraceEntry;

/// An open block. What several questions need (directory, zones, dictionary, trace lines) is read once and kept.
pub struct BlockReader<S> {
    source: S,
    header: Header,
    directory: Directory,
    zones: Vec<Zone>,
    /// First row of each group, and the number of all rows.
    bounds: Vec<u32>,
    dictionary: OnceLock<Dictionary>,
    filter: OnceLock<Option<Fuse>>,
    ids: OnceLock<Vec<TraceId>>,
    /// How many traces were looked for.
    finds: AtomicU32,
    finder: OnceLock<Finder>,
    spine: OnceLock<Spine>,
    lines: OnceLock<Lines>,
    /// Of each trace: mostly none has any, and they take a byte each.
    trace_warnings: OnceLock<Packed>,
}

impl<S: BlockSource> BlockReader<S> {
    /// Reads header, directory and zones.
    pub fn open(source: S) -> Result<BlockReader<S>, BlockError> {
        let header = Header::decode(&source.bytes(0..HEADER_BYTES as u64)?)?;
        let start = HEADER_BYTES as u64 + u64::from(header.directory_bytes);
        if start > header.length {
            return Err(BlockError::Invalid("header"));
        }
        let bytes = source.bytes(HEADER_BYTES as u64..start)?;
        if crc32c::crc32c(&bytes) != header.directory_crc {
            return Err(BlockError::Checksum("directory"));
        }
        let directory = Directory::take(&bytes, header.chunks, start, header.length)?;
        drop(bytes);
        let mut reader = BlockReader {
            source,
            header,
            directory,
            zones: Vec::new(),
            bounds: vec![0],
            dictionary: OnceLock::new(),
            filter: OnceLock::new(),
            ids: OnceLock::new(),
            finds: AtomicU32::new(0),
            finder: OnceLock::new(),
            spine: OnceLock::new(),
            lines: OnceLock::new(),
            trace_warnings: OnceLock::new(),
        };
        let zones = reader.chunk(ChunkName::new(Section::Zone, 0, 0))?;
        reader.zones = Zone::take(&zones, header.groups.into(), header.rows)?;
        let mut sum = 0;
        reader.bounds.extend(reader.zones.iter().map(|zone| {
            sum += zone.rows;
            sum
        }));
        reader.check_ids()?;
        Ok(reader)
    }

    /// Ids are stored as they are: they justify to all other columns that there are so many rows and traces.
    fn check_ids(&self) -> Result<(), BlockError> {
        let is_ids = |chunk: &&Chunk| chunk.name.column >= trace::ID && chunk.unpacked == 0;
        let of_traces = self.directory.section(Section::Trace).iter().filter(is_ids);
        if of_traces.map(|chunk| u64::from(chunk.length)).sum::<u64>() != 16 * u64::from(self.header.traces) {
            return Err(BlockError::Invalid("trace directory"));
        }
        let is_whole = |(group, zone): (usize, &Zone)| {
            let chunk = self.directory.find(ChunkName::new(Section::Cold, cold::SPAN_ID, group));
            chunk.is_some_and(|chunk| chunk.unpacked == 0 && u64::from(chunk.length) == 8 * u64::from(zone.rows))
        };
        if self.zones.iter().enumerate().all(is_whole) { Ok(()) } else { Err(BlockError::Invalid("span ids")) }
    }

    /// The tenant it was built for.
    pub fn tenant(&self) -> u64 {
        self.header.tenant
    }

    /// Number of spans.
    pub fn row_count(&self) -> u32 {
        self.header.rows
    }

    /// Number of traces.
    pub fn trace_count(&self) -> u32 {
        self.header.traces
    }

    /// Number of failed spans.
    pub fn error_count(&self) -> u32 {
        self.header.errors
    }

    /// Bytes of the block.
    pub fn length(&self) -> u64 {
        self.header.length
    }

    /// From its earliest start to its latest end.
    pub fn range(&self) -> TimeRange {
        TimeRange { from: self.header.start_min, to: UnixNanos(self.header.end_max.0.saturating_add(1)) }
    }

    /// Its latest start.
    pub fn start_max(&self) -> UnixNanos {
        self.header.start_max
    }

    /// What is known of each row group.
    pub fn zones(&self) -> &[Zone] {
        &self.zones
    }

    /// The rows of a row group. Panics when there is no such group.
    pub fn rows_of_group(&self, group: usize) -> std::ops::Range<u32> {
        self.bounds[group]..self.bounds[group + 1]
    }

    /// The row group of a row; `None` beyond the last row.
    pub fn group_of_row(&self, row: u32) -> Option<usize> {
        (row < self.header.rows).then(|| self.bounds.partition_point(|bound| *bound <= row) - 1)
    }

    /// Bytes that the builder put in for somebody else.
    pub fn section(&self, section: Section) -> Result<Option<Vec<u8>>, BlockError> {
        let name = ChunkName::new(section, 0, 0);
        if !matches!(section, Section::Red | Section::Edge) || self.directory.find(name).is_none() {
            return Ok(None);
        }
        Ok(Some(self.chunk(name)?.into_owned()))
    }

    /// All spans of the trace, in the order of the block; `None` when it is not here.
    pub fn trace(&self, id: &TraceId) -> Result<Option<SpanBatch>, BlockError> {
        match self.find(id)? {
            Some(trace) => {
                let bounds = &self.spine()?.bounds;
                Ok(Some(self.spans(bounds[trace as usize]..bounds[trace as usize + 1])?))
            }
            None => Ok(None),
        }
    }
}
