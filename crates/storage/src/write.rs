//! Accepting spans.

use std::sync::Arc;

use model::{SpanBatch, TimeRange};

use crate::BoxFuture;
use crate::error::StorageError;
use crate::feed::Subscription;

/// Proof that spans are durable and visible to readers. Everything live is derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The group that made them durable. Rises by one with each group, never reused; several batches may share it.
    pub sequence: u64,
    /// Spans stored by this batch.
    pub spans: u64,
    /// Spans of this batch that were stored before with equal content, and were not stored again.
    pub deduplicated: u64,
    /// From the earliest start to the latest end of the batch.
    pub range: TimeRange,
}

/// The writing half of an engine.
pub trait SpanWriter: Send + Sync {
    /// Stores all spans of `batch`, or none.
    ///
    /// Durability: `Ok` means that the spans survive a crash of process and machine.
    /// Visibility: every read that begins after `Ok` sees them.
    /// Order: batches become visible in the order of their sequence.
    /// Ownership: the batch is shared, so that live listeners can read it too.
    /// A dropped future stores the batch or not, never half of it.
    fn write(&self, batch: Arc<SpanBatch>) -> BoxFuture<'_, Result<Committed, StorageError>>;

    /// Why a write would be refused as things are, if it would; cheap, so that it can be asked before a request is decoded.
    /// `None` is no promise: a write may still be refused.
    fn refusal(&self) -> Option<StorageError> {
        None
    }

    /// Follows what is committed from now on: each group once, when readers see it, without the spans that were stored before.
    /// A group is there before its writers hear that it is. Slow followers lose groups, and nobody waits for them.
    fn subscribe(&self) -> Subscription;
}
