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
use model::{BatchBuilder, Span, SpanBatch, TraceId};

use crate::BoxFuture;
use crate::error::StorageError;
use crate::feed::{Feed, Subscription};
use crate::lifecycle::{Condition, Lifecycle};
use crate::write::{Committed, SpanWriter};

/// Groups kept for followers, bytes of memory.
const FEED_BYTES_MAX: usize = 16 << 20;

/// Keeps every span as it is, and looks at all of them for each question.
#[derive(Debug)]
pub struct MemoryStore {
    state: Mutex<State>,
    feed: Arc<Feed>,
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
        Box::pin(async move {
            let mut state = self.state();
            let (committed, new) = state.write(&batch)?;
            // Still under the lock, so that followers hear of groups in their order.
            if let Some(new) = new {
                let bytes = new.memory_bytes();
                self.feed.publish(committed.sequence, vec![(committed, Arc::new(new))], bytes);
            }
            Ok(committed)
        })
    }

    fn subscribe(&self) -> Subscription {
        self.feed.subscribe()
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
            self.feed.close();
            Ok(())
        })
    }
}

impl Default for MemoryStore {
    fn default() -> MemoryStore {
        MemoryStore { state: Mutex::default(), feed: Feed::new(FEED_BYTES_MAX) }
    }
}

// === impl State ===

impl State {
    /// What became of the batch, and its spans that were new.
    fn write(&mut self, batch: &SpanBatch) -> Result<(Committed, Option<SpanBatch>), StorageError> {
        if self.closed {
            return Err(StorageError::Unavailable("store is closed".to_owned()));
        }
        let sequence = self.watermark + 1;
        let mut shared = SharedParts::default();
        let (mut stored, mut new) = (0, BatchBuilder::new());
        for row in batch.rows() {
            let span = row.to_span(&mut shared);
            if self.store(sequence, span.clone()) {
                stored += 1;
                new.push(&span);
            }
        }
        if stored > 0 {
            self.watermark = sequence;
        }
        self.spans += stored;
        let deduplicated = batch.len() as u64 - stored;
        let committed = Committed { sequence: self.watermark, spans: stored, deduplicated, range: batch.range() };
        Ok((committed, new.finish()))
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
