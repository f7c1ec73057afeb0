//! How the suite holds a store: it may be closed and opened again. Not here: any claim.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use model::{BatchBuilder, Span, TimeRange, Trace, TraceId};

use crate::{
    Answer, Committed, EdgeSeries, EdgesQuery, MemoryStore, Names, NamesQuery, RedQuery, RedSeries, Store, TraceList,
    TraceQuery,
};

/// A fresh store and the means to close and reopen it.
pub trait Bed {
    fn store(&self) -> Arc<dyn Store>;

    /// Closes the store and opens it again. `false` when the engine keeps nothing beyond its process.
    fn reopen(&mut self) -> bool;

    /// How many random data sets the comparison with the oracle runs.
    fn random_cases(&self) -> u32 {
        32
    }
}

/// The oracle on its own bed.
#[derive(Default)]
pub struct MemoryBed(Arc<MemoryStore>);

impl Bed for MemoryBed {
    fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.0) as Arc<dyn Store>
    }

    fn reopen(&mut self) -> bool {
        false
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread, with no runtime around it.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Writes spans as one batch.
pub fn write(store: &dyn Store, spans: &[Span]) -> Committed {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    let batch = builder.finish().expect("a case writes at least one span");
    block_on(store.write(Arc::new(batch))).expect("the store accepts writes")
}

/// The trace, if there is one; the answer must be complete.
pub fn trace(store: &dyn Store, id: TraceId, hint: Option<TimeRange>) -> Option<Trace> {
    let answer = complete(block_on(store.trace(id, hint)).expect("the store answers"));
    let spans = answer.value.as_ref().map_or(0, |stored| stored.trace.spans().len());
    assert_eq!(answer.completeness.matched, spans as u64, "matched counts the spans of the trace");
    answer.value.map(|stored| stored.trace)
}

pub fn search(store: &dyn Store, query: TraceQuery) -> Answer<TraceList> {
    complete(block_on(store.search(query)).expect("the store answers"))
}

pub fn red(store: &dyn Store, query: RedQuery) -> Vec<RedSeries> {
    complete(block_on(store.red(query)).expect("the store answers")).value
}

/// The edges; the answer must be complete and count what it matched.
pub fn edges(store: &dyn Store, query: EdgesQuery) -> Vec<EdgeSeries> {
    let answer = complete(block_on(store.edges(query)).expect("the store answers"));
    let calls: u64 = answer.value.iter().flat_map(|series| &series.points).map(|point| point.cell.calls).sum();
    assert_eq!(answer.completeness.matched, calls, "matched counts the calls");
    answer.value
}

pub fn names(store: &dyn Store, query: NamesQuery) -> Names {
    complete(block_on(store.names(query)).expect("the store answers")).value
}

/// The last bytes of the ids found, in order.
pub fn found(answer: &Answer<TraceList>) -> Vec<u8> {
    answer.value.traces.iter().map(|summary| summary.trace_id.bytes()[15]).collect()
}

fn complete<T>(answer: Answer<T>) -> Answer<T> {
    assert!(answer.completeness.complete, "incomplete: {:?}", answer.completeness.reason);
    answer
}
