//! From the queue to the store: decodes and writes several datagrams at once, waits while the store refuses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::queue::Datagram;
use crate::ingest::{Compression, Format, Ingest, Payload, Prepared, Refusal, Room};
use crate::telemetry::Counters;

/// Datagrams that are being decoded at once, by the decoders that all requests share.
const DECODES_MAX: usize = 16;
/// Batches on their way to the store at once: enough that a flush takes many of them along.
const WRITES_MAX: u32 = 64;
/// Between two tries while there is no room or the store refuses.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// What every datagram is handled with.
#[derive(Clone)]
pub(super) struct Worker {
    ingest: Arc<Ingest>,
    counters: Arc<Counters>,
    /// Longest wait of one datagram, for room and for the store each.
    store_wait: Duration,
    drain: CancellationToken,
}

// === impl Worker ===

impl Worker {
    pub(super) fn new(
        ingest: Arc<Ingest>,
        counters: Arc<Counters>,
        store_wait: Duration,
        drain: CancellationToken,
    ) -> Worker {
        Worker { ingest, counters, store_wait, drain }
    }

    /// Ends when the queue is empty and nobody is left who fills it.
    pub(super) async fn run(self, queue: mpsc::Receiver<Datagram>) {
        let writes = Arc::new(Semaphore::new(WRITES_MAX as usize));
        let datagrams = stream::unfold(queue, async |mut queue| Some((queue.recv().await?, queue)));
        // Out they come in the order of arrival: the numbers of batches mean something.
        let mut read = std::pin::pin!(datagrams.map(|datagram| self.prepare(datagram)).buffered(DECODES_MAX));
        while let Some(prepared) = read.next().await {
            let Some((sender, prepared)) = prepared else { continue };
            if let Some(client) = &prepared.client {
                self.counters.clients.heard(Some(sender), client);
            }
            let place = Arc::clone(&writes).acquire_owned().await;
            let worker = self.clone();
            tokio::spawn(async move {
                worker.keep(&prepared).await;
                drop(place);
            });
        }
        // The semaphore is never closed, so this only ever waits.
        drop(writes.acquire_many(WRITES_MAX).await);
    }

    async fn prepare(&self, datagram: Datagram) -> Option<(SocketAddr, Prepared)> {
        let Datagram { envelope, sender, bytes, .. } = datagram;
        let Ok(room) = self.patiently(|| self.room(bytes.len())).await else {
            self.counters.datagrams.dropped("no_room");
            return None;
        };
        let payload = Payload { format: Format::JaegerDatagram(envelope), compression: Compression::Identity, bytes };
        match self.ingest.prepare(payload, room).await {
            Ok(prepared) => Some((sender, prepared)),
            Err(refusal) => {
                let reason = if matches!(refusal, Refusal::Malformed(_)) { "malformed" } else { "fault" };
                self.counters.datagrams.dropped(reason);
                None
            }
        }
    }

    async fn keep(&self, prepared: &Prepared) {
        if self.patiently(|| self.ingest.keep(prepared)).await.is_err() {
            self.counters.datagrams.dropped("store_refused");
        }
    }

    async fn room(&self, bytes: usize) -> Result<Room, Refusal> {
        self.ingest.admission().take(bytes).await
    }

    /// Tries until it works or the patience ends; at the end of the process once.
    async fn patiently<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Refusal>
    where
        F: Future<Output = Result<T, Refusal>>,
    {
        let deadline = Instant::now() + self.store_wait;
        loop {
            match attempt().await {
                Ok(value) => return Ok(value),
                Err(refusal) if Instant::now() >= deadline => return Err(refusal),
                Err(refusal) => tokio::select! {
                    () = tokio::time::sleep(RETRY_PAUSE) => {}
                    () = self.drain.cancelled() => return Err(refusal),
                },
            }
        }
    }
}
