//! A store in memory, written to be obviously right: the oracle for every engine, and a store for tests of other rooms.
//!
//! Not here: speed, and anything that survives the process.

mod calling;
pub mod matching;
mod reading;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::batch::SharedParts;
use model::{Span, SpanBatch, TraceId};

use crate::BoxFuture;
use crate::error::StorageError;
use crate::lifecycle::{Condition, Lifecycle};
use crate::write::{Committed, SpanWriter};

/// Keeps every span as it is, and looks at all of them for each question.
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    traces: BTreeMap<TraceId, Vec<StoredSpan>>,
    watermark: u64,
    spans: u64,
    closed: bool,
}

/// A span and the group that brought it.
#[derive(Clone, Debug)]
struct StoredSpan {
    sequence: u64,
    span: Span,
    /// A later report of the same work took its place: it is known when it comes again, and shown no more.
    is_replaced: bool,
}

// === impl MemoryStore ===

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves whole spans behind: each is pushed in one step.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SpanWriter for MemoryStore {
    fn write(&self, batch: Arc<SpanBatch>) -> BoxFuture<'_, Result<Committed, StorageError>> {
        Box::pin(async move { self.state().write(&batch) })
    }
}

impl Lifecycle for MemoryStore {
    fn condition(&self) -> Condition {
        let state = self.state();
        Condition {
            refuses_writes: state.closed.then(|| "store is closed".to_owned()),
            quarantined: Vec::new(),
            stalled: Vec::new(),
            spans: state.spans,
            disk_bytes: 0,
            watermark: state.watermark,
        }
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        Box::pin(async move {
            self.state().closed = true;
            Ok(())
        })
    }
}

// === impl State ===

impl State {
    fn write(&mut self, batch: &SpanBatch) -> Result<Committed, StorageError> {
        if self.closed {
            return Err(StorageError::Unavailable("store is closed".to_owned()));
        }
        let sequence = self.watermark + 1;
        let mut shared = SharedParts::default();
        let mut stored = 0;
        for row in batch.rows() {
            stored += u64::from(self.store(sequence, row.to_span(&mut shared)));
        }
        if stored > 0 {
            self.watermark = sequence;
        }
        self.spans += stored;
        Ok(Committed {
            sequence: self.watermark,
            spans: stored,
            deduplicated: batch.len() as u64 - stored,
            range: batch.range(),
        })
    }

    /// Whether the span was new.
    fn store(&mut self, sequence: u64, span: Span) -> bool {
        let spans = self.traces.entry(span.trace_id).or_default();
        if spans.iter().any(|known| matching::is_same(&known.span, &span)) {
            return false;
        }
        let is_told = spans.iter().any(|known| !known.span.is_pending() && known.span.is_same_work(&span));
        if span.is_pending() && is_told {
            return false;
        }
        let reports = spans.iter_mut().filter(|known| known.span.is_pending() && known.span.is_same_work(&span));
        reports.for_each(|report| report.is_replaced = true);
        spans.push(StoredSpan { sequence, span, is_replaced: false });
        true
    }
}
