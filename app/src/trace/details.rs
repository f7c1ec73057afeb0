//! Details of spans that were looked at, newest kept. Not here: fetching them.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;

use api::SpanDetails;
use model::SpanId;

/// Spans kept.
pub const DETAILS_MAX: usize = 500;
/// Rows fetched before the one that was asked for, so that the next key press finds them.
const ROWS_BEFORE: u32 = 4;
/// Rows fetched after it.
const ROWS_AFTER: u32 = 11;

/// Details by row, of one state of the trace.
#[derive(Clone, Debug, Default)]
pub struct DetailsCache {
    by_row: HashMap<u32, Arc<SpanDetails>>,
    /// Least recently used first. Invariant: the keys of `by_row`, each once.
    order: VecDeque<u32>,
}

// === impl DetailsCache ===

impl DetailsCache {
    /// The details of `row`, now the newest.
    pub fn get(&mut self, row: u32) -> Option<Arc<SpanDetails>> {
        let details = self.by_row.get(&row).cloned()?;
        self.order.retain(|other| *other != row);
        self.order.push_back(row);
        Some(details)
    }

    /// Keeps what was fetched; the least recently used go.
    pub fn put(&mut self, details: Vec<SpanDetails>) {
        for span in details {
            if self.by_row.insert(span.row, Arc::new(span.clone())).is_none() {
                self.order.push_back(span.row);
            }
            if self.order.len() > DETAILS_MAX
                && let Some(oldest) = self.order.pop_front()
            {
                self.by_row.remove(&oldest);
            }
        }
    }

    /// The row of a span that was looked at.
    pub fn row_of(&self, id: SpanId) -> Option<u32> {
        let id = id.to_string();
        self.order.iter().copied().find(|row| self.by_row[row].span_id == id)
    }
}

/// Rows to fetch for `row`: itself and its neighbours in a trace of `rows`.
pub fn rows_to_fetch(row: u32, rows: u32) -> Range<u32> {
    row.saturating_sub(ROWS_BEFORE)..row.saturating_add(1 + ROWS_AFTER).min(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::testing::details;

    #[test]
    fn the_least_recently_used_go_first() {
        let mut cache = DetailsCache::default();
        cache.put((0..DETAILS_MAX as u32).map(details).collect());
        assert!(cache.get(0).is_some());
        cache.put(vec![details(9_000)]);
        assert!(cache.get(0).is_some() && cache.get(1).is_none() && cache.get(9_000).is_some());
        assert_eq!(cache.order.len(), DETAILS_MAX);
    }

    #[test]
    fn a_span_that_was_looked_at_has_a_row() {
        let mut cache = DetailsCache::default();
        cache.put(vec![details(3)]);
        assert_eq!(cache.row_of(SpanId::from_hex(&details(3).span_id).expect("hex")), Some(3));
        assert_eq!(cache.row_of(SpanId::new([9; 8]).expect("not zero")), None);
    }

    #[test]
    fn neighbours_are_fetched_inside_the_trace() {
        assert_eq!(rows_to_fetch(0, 100), 0..12);
        assert_eq!(rows_to_fetch(99, 100), 95..100);
    }
}
