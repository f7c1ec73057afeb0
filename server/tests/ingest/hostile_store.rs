//! A store whose writes do what a test wants: refuse, panic, or wait.

use std::sync::{Arc, Mutex};

use model::{SpanBatch, TimeRange, TraceId};
use storage::memory::MemoryStore;
use storage::{
    Answer, BoxFuture, Committed, Condition, EdgeSeries, EdgesQuery, Lifecycle, Names, NamesQuery, RedQuery, RedSeries,
    SearchCapabilities, SpanWriter, StorageError, StoredTrace, Subscription, TraceList, TraceQuery, TraceReader,
};
use tokio::sync::Semaphore;

/// What a write does before it writes.
pub(crate) enum Mood {
    Refuse(StorageError),
    /// Says before the write that it would refuse.
    Foresee(StorageError),
    Panic,
    /// Says that one of its threads does not come back.
    Stall,
    /// Tells that it came, then waits to be let go.
    Wait(Arc<Gate>),
}

/// Where a write waits.
pub(crate) struct Gate {
    pub(crate) came: Semaphore,
    pub(crate) go: Semaphore,
}

pub(crate) struct HostileStore {
    inner: MemoryStore,
    mood: Mutex<Option<Mood>>,
}

// === impl Gate ===

impl Gate {
    pub(crate) fn shut() -> Arc<Gate> {
        Arc::new(Gate { came: Semaphore::new(0), go: Semaphore::new(0) })
    }

    /// Returns when a write waits here.
    pub(crate) async fn arrived(&self) {
        self.came.acquire().await.unwrap().forget();
    }
}

// === impl HostileStore ===

impl HostileStore {
    /// In this mood for the next write, then friendly.
    pub(crate) fn once(mood: Mood) -> Arc<HostileStore> {
        Arc::new(HostileStore { inner: MemoryStore::new(), mood: Mutex::new(Some(mood)) })
    }
}

impl SpanWriter for HostileStore {
    fn write(&self, batch: Arc<SpanBatch>) -> BoxFuture<'_, Result<Committed, StorageError>> {
        let mood = self.mood.lock().unwrap().take();
        Box::pin(async move {
            match mood {
                None | Some(Mood::Stall | Mood::Foresee(_)) => {}
                Some(Mood::Refuse(error)) => return Err(error),
                Some(Mood::Panic) => panic!("planted"),
                Some(Mood::Wait(gate)) => {
                    gate.came.add_permits(1);
                    gate.go.acquire().await.unwrap().forget();
                }
            }
            self.inner.write(batch).await
        })
    }

    fn refusal(&self) -> Option<StorageError> {
        let foreseen = self.mood.lock().unwrap().take_if(|mood| matches!(mood, Mood::Foresee(_)));
        foreseen.map(|mood| match mood {
            Mood::Foresee(error) => error,
            _ => unreachable!("taken only if it is"),
        })
    }

    fn subscribe(&self) -> Subscription {
        self.inner.subscribe()
    }
}

impl TraceReader for HostileStore {
    fn capabilities(&self) -> SearchCapabilities {
        self.inner.capabilities()
    }

    fn trace(
        &self,
        id: TraceId,
        hint: Option<TimeRange>,
    ) -> BoxFuture<'_, Result<Answer<Option<StoredTrace>>, StorageError>> {
        self.inner.trace(id, hint)
    }

    fn search(&self, query: TraceQuery) -> BoxFuture<'_, Result<Answer<TraceList>, StorageError>> {
        self.inner.search(query)
    }

    fn red(&self, query: RedQuery) -> BoxFuture<'_, Result<Answer<Vec<RedSeries>>, StorageError>> {
        self.inner.red(query)
    }

    fn edges(&self, query: EdgesQuery) -> BoxFuture<'_, Result<Answer<Vec<EdgeSeries>>, StorageError>> {
        self.inner.edges(query)
    }

    fn names(&self, query: NamesQuery) -> BoxFuture<'_, Result<Answer<Names>, StorageError>> {
        self.inner.names(query)
    }
}

impl Lifecycle for HostileStore {
    fn condition(&self) -> Condition {
        let mut condition = self.inner.condition();
        match &*self.mood.lock().unwrap() {
            Some(Mood::Refuse(error)) => condition.refuses_writes = Some(error.to_string()),
            Some(Mood::Stall) => condition.stalled.push("thread store-commit flushes since 11 s".to_owned()),
            _ => {}
        }
        condition
    }

    fn close(&self) -> BoxFuture<'_, Result<(), StorageError>> {
        self.inner.close()
    }
}
