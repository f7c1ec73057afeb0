//! Why bytes are no block, and why spans cannot become one. Not here: what an engine does about it.

use std::io;

use storage::batch::BatchError;

/// Why a block, or a part of it, cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The first bytes are those of something else.
    #[error("the bytes are no block: wrong magic")]
    Magic,
    /// Written by a newer program.
    #[error("block format {0} is unknown, this program reads format {known}, use a newer tracewell", known = super::FORMAT)]
    Format(u8),
    /// The part does not have the checksum that was written with it.
    #[error("a block is damaged: wrong checksum of {0}")]
    Checksum(&'static str),
    /// The named part contradicts itself or another part, or claims more than there is.
    #[error("a block is damaged: invalid {0}")]
    Invalid(&'static str),
    /// What holds the bytes did not give them.
    #[error("cannot read a block: {0}")]
    Source(#[from] io::Error),
}

/// Why spans do not become a block.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// There is no span.
    #[error("cannot build a block of no spans")]
    Empty,
    /// They do not fit into the row groups of one block; build two.
    #[error("cannot build a block: the spans need more than {max} row groups, build two blocks", max = super::GROUPS_MAX)]
    Full,
    /// One span alone is more than a row group holds.
    #[error("cannot build a block: a span has more than {max} attributes, events and links", max = super::GROUP_CELLS_MAX)]
    SpanTooLarge,
    /// A value cannot become bytes.
    #[error("cannot build a block: {0}")]
    Value(#[from] BatchError),
    /// The compressor failed.
    #[error("cannot build a block: compression failed: {0}")]
    Compression(#[from] io::Error),
}
