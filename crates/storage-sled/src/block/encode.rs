//! Spans become a block: first each batch is taken in as cells, then rows are ordered by trace, then columns are written.
//!
//! Not here: reading it back.

mod chunks;
mod cold;
mod column;
mod group;
mod hot;
mod intake;
mod order;
mod shapes;
mod shared;
mod strings;
mod terms;
mod traces;
mod width;
mod write;

use model::{SpanBatch, UnixNanos};

use super::layout::Section;
use super::{BLOCK_ROWS_MAX, BuildError, Starts};
use intake::Intake;

pub use width::fits;

/// Collects spans; [`BlockBuilder::finish`] gives the block. Batches are borrowed, not copied.
pub struct BlockBuilder<'a> {
    tenant: u64,
    intake: Intake<'a>,
    /// Sections that somebody else fills.
    opaque: Vec<(Section, Vec<u8>)>,
}

/// A block and what there is to know about it without reading it.
#[derive(Clone, Debug)]
pub struct Block {
    /// All of it.
    pub bytes: Vec<u8>,
    /// For the catalog.
    pub summary: BlockSummary,
    /// For each row of the block the number of the span, in the order in which they were pushed.
    pub order: Vec<u32>,
}

/// What a catalog keeps of a block.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockSummary {
    /// Number of spans.
    pub rows: u32,
    /// Number of traces.
    pub traces: u32,
    /// Number of row groups.
    pub groups: u8,
    /// Number of failed spans.
    pub errors: u32,
    /// When they start.
    pub starts: Starts,
    /// Latest end, or start where that is later.
    pub end_max: UnixNanos,
    /// Services by code.
    pub services: Vec<String>,
    /// Bytes of each section.
    pub sections: Vec<(Section, u64)>,
}

impl<'a> BlockBuilder<'a> {
    /// Of no spans yet, for the tenant with this number.
    pub fn new(tenant: u64) -> BlockBuilder<'a> {
        BlockBuilder { tenant, intake: Intake::default(), opaque: Vec::new() }
    }

    /// Adds all spans of `batch`. After an error the builder is of no further use, except after [`BuildError::Full`].
    pub fn push(&mut self, batch: &'a SpanBatch) -> Result<(), BuildError> {
        self.push_rows(batch, 0..batch.len())
    }

    /// Adds some spans of `batch`. Panics when a row is not in it.
    pub fn push_rows(
        &mut self,
        batch: &'a SpanBatch,
        rows: impl ExactSizeIterator<Item = usize>,
    ) -> Result<(), BuildError> {
        if self.rows() + rows.len() > BLOCK_ROWS_MAX {
            return Err(BuildError::Full);
        }
        self.intake.push(batch, rows)
    }

    /// Puts `bytes` into the block, to be read back as they are. Panics when the block itself fills this section.
    pub fn put_section(&mut self, section: Section, bytes: Vec<u8>) {
        assert!(matches!(section, Section::Red | Section::Edge), "{section:?} is filled by the block");
        self.opaque.retain(|(known, _)| *known != section);
        self.opaque.push((section, bytes));
    }

    /// Number of spans so far.
    pub fn rows(&self) -> usize {
        self.intake.rows.len()
    }

    /// The block of all spans.
    pub fn finish(self) -> Result<Block, BuildError> {
        if self.intake.rows.is_empty() {
            return Err(BuildError::Empty);
        }
        write::write(self.tenant, self.intake, self.opaque)
    }
}
