//! The page that a search fills: it counts everything that matches and keeps what comes first. Not here: finding matches.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use model::TraceId;
use storage::{Count, Cursor, Order, TraceQuery};

use crate::blocks::StoredBlock;

/// Where the spans of a trace that matches are.
pub(super) enum Place {
    /// All in this block, under this number.
    Block(Arc<StoredBlock>, u32),
    /// Perhaps in several places.
    Anywhere,
}

/// No trace with the same key comes after this id: a cursor that has it stands before the next smaller key.
const LAST_ID: [u8; 16] = [0xff; 16];

/// Whether any trace with this key comes after the cursor.
pub(super) fn may_follow(after: &Cursor, key: u64) -> bool {
    key < after.key || (key == after.key && *after.trace_id.bytes() != LAST_ID)
}

/// The best of what was found so far.
pub(super) struct Page<'q> {
    query: &'q TraceQuery,
    pub(super) matched: u64,
    /// In the order of the answer, at most one more than the limit.
    best: BTreeMap<(Reverse<u64>, TraceId), Place>,
}

impl<'q> Page<'q> {
    pub(super) fn new(query: &'q TraceQuery) -> Page<'q> {
        Page { query, matched: 0, best: BTreeMap::new() }
    }

    /// Takes a trace that matches. Each must come once.
    pub(super) fn add(&mut self, key: u64, trace_id: TraceId, place: impl FnOnce() -> Place) {
        self.matched += 1;
        if self.query.after.is_some_and(|after| !after.precedes((key, trace_id))) {
            return;
        }
        let at = (Reverse(key), trace_id);
        if self.is_full() && self.best.last_key_value().is_some_and(|(last, _)| *last < at) {
            return;
        }
        self.best.insert(at, place());
        if self.best.len() > self.query.limit.saturating_add(1) {
            self.best.pop_last();
        }
    }

    /// Whether traces with this key or smaller ones change nothing any more.
    pub(super) fn is_done_at(&self, key: u64) -> bool {
        let last = self.best.last_key_value();
        self.query.count == Count::None && self.is_full() && last.is_some_and(|((last, _), _)| last.0 > key)
    }

    /// With one more than the limit, which says that there is a next page.
    fn is_full(&self) -> bool {
        self.best.len() > self.query.limit
    }

    /// What is on the page and where the next one begins. `unread`: the greatest key that traces can have which were not looked at.
    pub(super) fn finish(self, unread: Option<u64>, watermark: u64) -> (Vec<(TraceId, Place)>, Option<Cursor>) {
        let limit = self.query.limit;
        let mut found: Vec<(u64, TraceId, Place)> =
            self.best.into_iter().map(|((key, trace_id), place)| (key.0, trace_id, place)).collect();
        let mut rest = None;
        if let Some(unread) = unread.filter(|_| self.query.order == Order::NewestFirst) {
            // What is newer than everything unread is certain, and the next page begins with what is not.
            found.retain(|(key, _, _)| *key > unread);
            let last_id = TraceId::new(LAST_ID).expect("not zero");
            let begin = unread.checked_add(1).map(|key| Cursor { key, trace_id: last_id, watermark });
            // Never back to where this page began: who follows such cursors would not come to an end.
            rest = begin.filter(|begin| self.query.after.is_none_or(|after| begin.key < after.key));
        }
        let is_last = found.len() <= limit;
        found.truncate(limit);
        // What is longest among the unread is not known: no page can follow.
        let leads_on = unread.is_none() || self.query.order == Order::NewestFirst;
        let last = found.last().filter(|_| !is_last && leads_on);
        let next = last.map(|(key, trace_id, _)| Cursor { key: *key, trace_id: *trace_id, watermark }).or(rest);
        (found.into_iter().map(|(_, trace_id, place)| (trace_id, place)).collect(), next)
    }
}
