//! Who listens, and what they missed.

use std::sync::Arc;

use model::SpanBatch;
use storage::{Clock, Committed};
use tokio_util::sync::CancellationToken;

/// Turns commits into frames, once a second.
pub struct LiveHub {
    clock: Arc<dyn Clock>,
}

impl LiveHub {
    /// A hub whose epoch is now.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<LiveHub> {
        Arc::new(LiveHub { clock })
    }

    /// Takes note of spans that became durable. Never blocks and never fails: a full hub forgets, and its listeners learn of the gap.
    pub fn publish(&self, _committed: Committed, _batch: &Arc<SpanBatch>) {}

    /// Ticks once a second until `shutdown`.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let _now = self.clock.now();
        shutdown.cancelled().await;
    }
}
