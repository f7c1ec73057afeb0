//! Answers. Each begins with one look at the index, which says what is in memory and which blocks there are.

pub(crate) mod attribute_names;
mod attributes;
pub(crate) mod edges;
mod extent;
mod memtable;
pub(crate) mod names;
mod page;
mod pending;
pub(crate) mod red;
mod scan;
pub(crate) mod search;
pub(crate) mod skeleton;
mod summary;
mod sums;
pub(crate) mod trace;
