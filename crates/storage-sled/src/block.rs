//! Block format 1: the spans of one memtable as columns, encoded once and never changed. Bytes in, bytes out.
//!
//! Not here: pages, databases, and which blocks there are. Drawn byte by byte in `docs/formats/block.md`.

pub(crate) mod annex;
pub(crate) mod bytes;
mod decode;

mod directory;
mod encode;
mod error;
mod fuse;
mod header;
mod layout;
mod pack;
mod planes;
pub(crate) mod recall;
#[cfg(any(test, feature = "fuzz"))]
mod reseal;
mod schema;
mod source;
mod starts;
mod tables;
mod term;
#[cfg(test)]
mod tests;

mod texts;
mod traces;
mod zone;

pub use decode::{
    BlockReader, FieldValues, GroupScan, KeptCells, Packed, Parent, RowTest, ShapeView, Table, TraceEntry,
};
pub use encode::{Block, BlockBuilder, BlockSummary, fits};
pub use error::{BlockError, BuildError};
pub(crate) use header::HEADER_BYTES;
pub use layout::{Owner, Section};
#[cfg(any(test, feature = "fuzz"))]
pub use reseal::reseal;
pub use source::BlockSource;
pub(crate) use starts::GAPS;
pub use starts::Starts;
pub use term::{Term, TermKey};
pub use zone::Zone;

/// First bytes of every block.
pub const MAGIC: [u8; 4] = *b"TWBK";

/// The only version there is.
pub const FORMAT: u8 = 1;

/// Most row groups of a block: the groups of a term are bits of one u64.
pub const GROUPS_MAX: usize = 64;

/// Most rows of a row group.
pub const GROUP_ROWS_MAX: usize = 8_192;

/// Most rows of a block.
pub const BLOCK_ROWS_MAX: usize = GROUPS_MAX * GROUP_ROWS_MAX;

/// A row with this many attributes, events and links or more counts as two rows of its group, and so on.
const ROW_CELLS: usize = 512;

/// So no group holds more cells than this, and a reader need not believe in more.
const GROUP_CELLS_MAX: usize = GROUP_ROWS_MAX * ROW_CELLS;
