//! The tables of the dictionary: what each column is, and resources, scopes and shapes, whole. Not here: texts.

mod read;
mod write;

use super::schema::{ColumnInfo, ResourceInfo, ScopeInfo, Shape};

pub(super) use write::{put, shared_key};

/// Everything in the dictionary that is not text. Every index was checked when it was read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Tables {
    pub(super) columns: Vec<ColumnInfo>,
    /// Name of each service code, an index into the strings.
    pub(super) services: Vec<u32>,
    pub(super) resources: Vec<ResourceInfo>,
    pub(super) scopes: Vec<ScopeInfo>,
    pub(super) span_shapes: Vec<Shape>,
    pub(super) event_shapes: Vec<Shape>,
    pub(super) link_shapes: Vec<Shape>,
}

/// Value tags of resources and scopes.
mod tag {
    pub(super) const EMPTY: u8 = 0;
    pub(super) const TEXT: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const TRUE: u8 = 3;
    pub(super) const INT: u8 = 4;
    pub(super) const DOUBLE: u8 = 5;
    pub(super) const OTHER: u8 = 6;
}
