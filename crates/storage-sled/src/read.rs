//! Answers. Each begins with one look at the index, which says what is in memory and which blocks there are.

mod attributes;
pub(crate) mod edges;
mod extent;
mod memtable;
pub(crate) mod names;
pub(crate) mod red;
mod pending;
mod scan;
pub(crate) mod search;
mod summary;
pub(crate) mod trace;
