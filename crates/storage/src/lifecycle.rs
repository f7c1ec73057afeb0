//! The life of a store beside reading and writing: how it is, and how it ends.

use crate::BoxFuture;
use crate::error::StorageError;

/// How a store is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Whether writes are accepted now; if not, why.
    pub refuses_writes: Option<String>,
    /// Parts that were set aside because they were damaged, each with its reason.
    pub quarantined: Vec<String>,
    /// Threads that do not come back from the disk or will never again, each with what it does. Whoever watches should restart us.
    pub stalled: Vec<String>,
    /// Stored spans. Reports of work that has ended since are among them, as long as the engine keeps them.
    pub spans: u64,
    /// Bytes on disk.
    pub disk_bytes: u64,
    /// The latest group.
    pub watermark: u64,
}

/// What the process does with a store.
pub trait Lifecycle: Send + Sync {
    /// How it is now; cheap, for health checks.
    fn condition(&self) -> Condition;

    /// Refuses new writes, finishes those in flight and lets go of the disk. Reads may fail afterwards. A second call does nothing.
    fn close(&self) -> BoxFuture<'_, Result<(), StorageError>>;
}
