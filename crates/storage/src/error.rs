//! Five kinds of failure, told apart by what the caller should do.

/// Why a store did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StorageError {
    /// Nothing was stored; the same call may succeed in a moment.
    #[error("store is overloaded: {0}")]
    Overloaded(String),
    /// Nothing was stored; the store cannot keep its promise now: disk low, draining, reopening.
    #[error("store is unavailable: {0}")]
    Unavailable(String),
    /// The engine has no exact answer to this question.
    #[error("store cannot answer: {0}")]
    Unsupported(String),
    /// Stored bytes do not read back; the damaged part was set aside.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The disk or the file system failed.
    #[error("storage device failed: {0}")]
    Io(String),
}
