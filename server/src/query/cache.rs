//! The traces that were assembled last, so that one page does not read its trace three times. Bounded by traces and by spans.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::TraceId;

use super::adjust::Arranged;

/// Most recently used last.
pub(super) struct TraceCache {
    entries: Mutex<VecDeque<Entry>>,
    traces_max: usize,
    spans_max: usize,
}

struct Entry {
    /// Nothing was stored between the reading of the trace and this group.
    watermark: u64,
    trace: Arc<Arranged>,
}

// === impl TraceCache ===

impl TraceCache {
    pub(super) fn new(traces_max: usize, spans_max: usize) -> TraceCache {
        TraceCache { entries: Mutex::new(VecDeque::new()), traces_max, spans_max }
    }

    /// The trace, when nothing was stored since it was read.
    pub(super) fn get(&self, id: TraceId, watermark: u64) -> Option<Arc<Arranged>> {
        let mut entries = self.entries();
        let place = entries.iter().position(|entry| entry.trace.trace.id == id && entry.watermark == watermark)?;
        let entry = entries.remove(place)?;
        let trace = Arc::clone(&entry.trace);
        entries.push_back(entry);
        Some(trace)
    }

    /// Keeps a trace that was read when the store was at `watermark`, and gives it back.
    /// When the trace did not change since it was last kept, the old one stays, with whatever was computed from it.
    pub(super) fn keep(&self, trace: Arranged, watermark: u64) -> Arc<Arranged> {
        let mut entries = self.entries();
        let known = entries.iter().position(|entry| entry.trace.trace.id == trace.trace.id);
        let known = known.and_then(|place| entries.remove(place)).map(|entry| entry.trace);
        let is_same = |old: &Arc<Arranged>| {
            old.sequence == trace.sequence
                && old.trace.spans().len() == trace.trace.spans().len()
                && old.completeness.complete == trace.completeness.complete
        };
        let trace = known.filter(is_same).unwrap_or_else(|| Arc::new(trace));
        entries.push_back(Entry { watermark, trace: Arc::clone(&trace) });
        let spans =
            |entries: &VecDeque<Entry>| -> usize { entries.iter().map(|entry| entry.trace.trace.spans().len()).sum() };
        while entries.len() > self.traces_max || spans(&entries) > self.spans_max {
            entries.pop_front();
        }
        trace
    }

    fn entries(&self) -> MutexGuard<'_, VecDeque<Entry>> {
        // Entries are whole: each is pushed in one step, so a panic elsewhere leaves nothing half done.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
