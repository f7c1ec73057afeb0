//! Answers: select in the index, then test on decoded batches only what the index does not hold.

pub(crate) mod counts;
pub(crate) mod search;
pub(crate) mod trace;
