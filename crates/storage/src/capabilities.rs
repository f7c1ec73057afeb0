//! What an engine answers exactly. The default is the least, so that forgetting to claim is safe.

/// Abilities of an engine; pages hide or explain what is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchCapabilities {
    /// `matched` is exact, not a lower bound.
    pub exact_counts: bool,
    /// [`crate::Order::LongestFirst`] is exact.
    pub order_by_duration: bool,
    /// [`crate::TraceQuery::fields`] are understood, with all tests.
    pub attributes: bool,
    /// A read after an acknowledgement sees the spans.
    pub read_your_writes: bool,
    /// Equal spans are stored once.
    pub deduplication: bool,
}
