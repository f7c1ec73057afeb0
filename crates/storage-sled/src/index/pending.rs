//! Reports of work that had not ended, while they are in memory: a later report of the same work takes their place at once.
//!
//! Not here: a report that went into a block before the work ended; readers settle that.

use std::collections::VecDeque;

use model::TraceId;
use model::batch::RowView;

use super::{BatchSlot, Index, NO_NUMBER, SpanEntry, Texts};

impl Index {
    /// Lets `span`, which is about to be added, take the place of earlier reports of the same work.
    /// `false` when it is pending itself, and the work is known to have ended.
    pub(super) fn takes_place(&mut self, id: &TraceId, span: &SpanEntry) -> bool {
        let Some(trace) = self.traces.get_mut(id) else { return true };
        if trace.open == 0 && !span.is_pending {
            return true;
        }
        let texts = Texts { numbered: &self.names, batches: &self.batches, batch_first: self.batch_first };
        let same = trace.same_work(span, texts.service(span), &texts);
        if span.is_pending && same.iter().any(|known| !known.is_pending) {
            return false;
        }
        for report in same.iter().filter(|known| known.is_pending) {
            let place = report.batch.wrapping_sub(self.batch_first) as usize;
            let Some(Some(slot)) = self.batches.get_mut(place) else { continue };
            if slot.replaced.insert(report.row) {
                trace.open -= 1;
            }
        }
        true
    }

    /// Whether memory tells how the work ended that `row` reports as unfinished.
    pub(crate) fn is_told(&mut self, row: RowView<'_>) -> bool {
        let Some(trace) = self.traces.get_mut(&row.trace_id()) else { return false };
        let texts = Texts { numbered: &self.names, batches: &self.batches, batch_first: self.batch_first };
        let report = SpanEntry::new(row, 0, NO_NUMBER, NO_NUMBER);
        let is_ended = |known: &SpanEntry| !known.is_pending;
        report.is_pending && trace.same_work(&report, row.service(), &texts).iter().any(is_ended)
    }

    /// Whether readers see it: it is not pending, or nothing took its place.
    pub(crate) fn is_shown(&self, span: &SpanEntry) -> bool {
        !span.is_pending || self.batch(span.batch).is_some_and(|slot| !slot.replaced.contains(&span.row))
    }

    /// The spans of a trace that are in memory and shown, in the order in which they were stored.
    pub(crate) fn spans_of(&self, id: &TraceId) -> impl Iterator<Item = &SpanEntry> {
        let spans = self.traces.get(id).map_or(&[][..], |trace| trace.spans());
        spans.iter().filter(|span| self.is_shown(span))
    }

    /// Whether a pending span of the trace is in memory, and shown.
    pub(crate) fn has_open(&self, id: &TraceId) -> bool {
        self.traces.get(id).is_some_and(|trace| trace.open > 0)
    }
}

/// How many of `spans` are pending and shown.
pub(super) fn open_among(spans: &[SpanEntry], batches: &VecDeque<Option<BatchSlot>>, batch_first: u32) -> u32 {
    let is_open = |span: &&SpanEntry| {
        let slot = batches.get(span.batch.wrapping_sub(batch_first) as usize).and_then(Option::as_ref);
        span.is_pending && slot.is_some_and(|slot| !slot.replaced.contains(&span.row))
    };
    spans.iter().filter(is_open).count() as u32
}
