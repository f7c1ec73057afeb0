//! How much of the truth an answer is.

use serde::{Deserialize, Serialize};

/// Part of every list, count and chart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completeness {
    /// What matched in all; a lower bound when not `complete`.
    pub matched: u64,
    /// Spans that were considered.
    pub scanned: u64,
    /// Whether everything stored up to `watermark` was considered.
    pub complete: bool,
    /// The latest group of spans that was considered.
    pub watermark: u64,
    /// Why it is not complete.
    #[serde(default)]
    pub reason: Option<String>,
}
