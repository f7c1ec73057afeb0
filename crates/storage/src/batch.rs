//! One binary form of a `SpanBatch`, shared by every journal. Drawn byte by byte in `docs/formats/batch.md`.
//!
//! Not here: compression, checksums and where the bytes go.

mod decode;
mod encode;
mod identity;
mod pairs;
mod reader;
#[cfg(test)]
mod tests;
mod writer;

use model::batch::ColumnsError;

pub use decode::{decode, decode_value};
pub use encode::{encode, encode_value};

/// First bytes of every encoded batch.
pub const MAGIC: [u8; 4] = *b"TWSB";

/// The only version there is.
pub const VERSION: u8 = 1;

/// Deepest nesting of arrays and maps inside a value. Receivers cut long before.
pub const NESTING_MAX: usize = 64;

/// Kind and status share a byte; the kind has the bits below this one.
const STATUS_SHIFT: u32 = 4;

/// Why bytes are no batch, or a batch cannot become bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The first bytes are not [`MAGIC`].
    #[error("the bytes are no encoded batch: wrong magic")]
    Magic,
    /// Written by a newer program.
    #[error("batch format {0} is unknown, this program reads format {VERSION}")]
    Version(u8),
    /// They end inside the named part, or it claims more than there is.
    #[error("an encoded batch ends inside `{0}`")]
    Truncated(&'static str),
    /// The named part holds a value that is not allowed there.
    #[error("an encoded batch has an invalid value in `{0}`")]
    Invalid(&'static str),
    /// Bytes follow the last column.
    #[error("{0} bytes follow an encoded batch")]
    Trailing(usize),
    /// A value is nested deeper than [`NESTING_MAX`].
    #[error("a value is nested deeper than {NESTING_MAX}")]
    Nesting,
    /// The columns contradict each other.
    #[error("an encoded batch contradicts itself: {0}")]
    Columns(#[from] ColumnsError),
}

/// Wire numbers of value kinds.
mod tag {
    pub(super) const EMPTY: u8 = 0;
    pub(super) const STRING: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const TRUE: u8 = 3;
    /// In an attribute: either, and the value tells which.
    pub(super) const BOOL: u8 = FALSE;
    pub(super) const INT: u8 = 4;
    pub(super) const DOUBLE: u8 = 5;
    /// In an attribute: an index into `others`.
    pub(super) const OTHER: u8 = 6;
    /// The rest only occur inside `others`.
    pub(super) const BYTES: u8 = 7;
    pub(super) const ARRAY: u8 = 8;
    pub(super) const MAP: u8 = 9;
}
