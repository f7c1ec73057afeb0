//! The end of the process: signals, and the order in which things stop. Not here: what a connection does about it.

use std::io;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The two signals that end the process.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

/// What everyone who has to stop is told.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    /// Take nothing new, finish what is in flight.
    pub drain: CancellationToken,
    /// Stop now.
    pub abort: CancellationToken,
}

// === impl Signals ===

impl Signals {
    /// Listens from now on.
    pub fn listen() -> io::Result<Signals> {
        Ok(Signals { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns at the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

// === impl Shutdown ===

impl Shutdown {
    /// Asks everyone to finish, and waits for `finished`: at most `drain_wait`, and no longer once `hurry` returns.
    /// Spans in flight are either durable and acknowledged, or neither, whenever the waiting ends.
    pub async fn run(&self, finished: impl Future<Output = ()>, hurry: impl Future<Output = ()>, drain_wait: Duration) {
        self.drain.cancel();
        tokio::select! {
            () = finished => tracing::info!(event = "drained", "everything in flight is finished"),
            () = hurry => tracing::warn!(event = "drain_skipped", "told again to stop: not waiting any longer"),
            () = tokio::time::sleep(drain_wait) => {
                tracing::warn!(event = "drain_timeout", "still in flight after {drain_wait:?}: not waiting any longer");
            }
        }
        self.abort.cancel();
    }
}
