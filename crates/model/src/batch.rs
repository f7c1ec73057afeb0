//! `SpanBatch`: spans as columns with a dictionary of their own. Receivers fill it, engines keep it.
//!
//! Not here: its bytes on disk (`storage::batch`), and what becomes of it.

mod builder;
mod cell;
mod columns;
mod dictionary;
mod shared;
mod texts;
mod view;

pub use builder::BatchBuilder;
pub use cell::{AttributeCell, ValueCell};
pub use columns::{Columns, ColumnsError, EventCell, LinkCell, ResourceCell, ScopeCell, Slice, StringId};
pub use dictionary::Dictionary;
pub use texts::Texts;
pub use view::{AttributeView, RowView, SharedParts};

use crate::time::{TimeRange, UnixNanos};
use crate::warning::Warnings;

/// At least one span, held as columns.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanBatch {
    /// Invariant: checked by [`SpanBatch::from_columns`], so that every index in it is in range.
    columns: Columns,
}

impl SpanBatch {
    /// Checks that all columns are of one length, that there is a row, and that no index points outside.
    pub fn from_columns(columns: Columns) -> Result<SpanBatch, ColumnsError> {
        columns.check()?;
        Ok(SpanBatch { columns })
    }

    /// The columns themselves, for encoders.
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// Start, end and warnings of each span in order, for whoever knows the time of receipt.
    pub fn times_mut(&mut self) -> impl Iterator<Item = (&mut UnixNanos, &mut UnixNanos, &mut Warnings)> {
        let columns = &mut self.columns;
        let times = columns.start.iter_mut().zip(&mut columns.end).zip(&mut columns.warnings);
        times.map(|((start, end), warnings)| (start, end, warnings))
    }

    /// Number of spans, at least one.
    pub fn len(&self) -> usize {
        self.columns.trace_id.len()
    }

    /// Never: a batch holds at least one span.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The span in `row`, borrowed. Panics when `row >= len()`.
    pub fn row(&self, row: usize) -> RowView<'_> {
        RowView::new(&self.columns, row)
    }

    /// All spans in order, borrowed.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RowView<'_>> {
        (0..self.len()).map(|row| self.row(row))
    }

    /// From its earliest start to its latest end.
    pub fn range(&self) -> TimeRange {
        let ranges = self.rows().map(|row| row.range());
        ranges.reduce(|joined, range| joined.join(&range)).expect("a batch holds at least one span")
    }

    /// Rough number of bytes it takes in memory, for budgets.
    pub fn memory_bytes(&self) -> usize {
        self.columns.memory_bytes()
    }
}

#[cfg(test)]
mod tests;
