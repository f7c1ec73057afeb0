//! From the bytes of a request to durable spans: room, decode into a batch, sanitise, store, answer. Not here: sockets and sled.

pub mod admit;
pub mod decode;
pub mod decompress;
pub mod outcome;
mod pool;
pub mod sanitize;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use model::SpanBatch;
use storage::clock::Clock;
use storage::{Committed, Store};
use wire::jaeger::ClientReport;
use wire::{Limits, Rejected};

pub use admit::{Admission, Room};
pub use decode::Format;
pub use decompress::Compression;
pub use outcome::Refusal;

use crate::config::IngestLimits;
use crate::telemetry::Counters;
use pool::DecodePool;

/// Longest wait for the store; the client is told to come back, a repeated span is stored once.
const STORE_WAIT: Duration = Duration::from_secs(30);

/// Everything between a receiver and the store.
pub struct Ingest {
    clock: Arc<dyn Clock>,
    store: Arc<dyn Store>,
    counters: Arc<Counters>,
    admission: Admission,
    pool: DecodePool,
    limits: IngestLimits,
    wire_limits: Limits,
    /// Whether the last write was given up. A store that hangs is worth a restart.
    store_hangs: AtomicBool,
}

/// A request as it came in.
#[derive(Debug)]
pub struct Payload {
    /// Its language.
    pub format: Format,
    /// How it is packed.
    pub compression: Compression,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A request that was read, on its way to the store.
#[derive(Debug)]
pub struct Prepared {
    batch: Option<Arc<SpanBatch>>,
    rejected: Rejected,
    /// Held until the spans are durable or given up.
    _room: Room,
    /// What the client says of itself, in languages that have words for that.
    pub client: Option<ClientReport>,
}

/// The good news: everything in the request was either stored or rejected by name.
#[derive(Debug, PartialEq, Eq)]
pub struct Receipt {
    /// What was not stored, and why.
    pub rejected: Rejected,
}

// === impl Ingest ===

impl Ingest {
    /// Ready to take requests.
    pub fn new(limits: IngestLimits, clock: Arc<dyn Clock>, store: Arc<dyn Store>, counters: Arc<Counters>) -> Ingest {
        Ingest {
            clock,
            store,
            counters,
            admission: Admission::new(limits.in_flight_bytes_max, limits.in_flight_wait),
            pool: DecodePool::new(limits.decode_threads),
            wire_limits: Limits { spans_max: limits.spans_per_request_max, ..Limits::default() },
            limits,
            store_hangs: AtomicBool::new(false),
        }
    }

    /// Room for requests in flight; receivers take it before they read.
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// Bounds of one request.
    pub fn limits(&self) -> &IngestLimits {
        &self.limits
    }

    /// Whether the store failed to answer a write in time, and has not answered one since.
    pub fn store_hangs(&self) -> bool {
        self.store_hangs.load(Relaxed)
    }

    /// Counts a refusal that a receiver found by itself.
    pub fn note_refusal(&self, refusal: &Refusal) {
        self.counters.refused(refusal.reason());
    }

    /// Stores what is good in `payload` and says what is not. `Ok` means durable.
    ///
    /// The work is a task of its own: a client that hangs up half way does not stop it half way.
    pub async fn accept(self: &Arc<Self>, payload: Payload, room: Room) -> Result<Receipt, Refusal> {
        let ingest = Arc::clone(self);
        let settled = tokio::spawn(async move { ingest.settle(payload, room).await }).await;
        settled.unwrap_or_else(|_panicked_or_stopped| Err(Refusal::fault()))
    }

    async fn settle(&self, payload: Payload, room: Room) -> Result<Receipt, Refusal> {
        // Decoding for nothing would take the processor from what makes room.
        if let Some(refusal) = self.store.refusal() {
            return Err(Refusal::from(refusal));
        }
        let prepared = self.prepare(payload, room).await?;
        if let Some(client) = &prepared.client {
            self.counters.clients.heard(None, client);
        }
        self.keep(&prepared).await?;
        Ok(Receipt { rejected: prepared.rejected })
    }

    /// Reads `payload`, and stores nothing yet.
    pub async fn prepare(&self, payload: Payload, room: Room) -> Result<Prepared, Refusal> {
        let received = self.clock.now();
        let (wire_limits, bytes_max) = (self.wire_limits.clone(), self.limits.request_bytes_max);
        let work = move || {
            let mut room = room;
            let bytes = decompress::decompress(payload.compression, payload.bytes, bytes_max, &mut room)?;
            let (decoded, client) = decode::decode(payload.format, &bytes, &wire_limits)?;
            let mut batch = decoded.batch;
            if let Some(batch) = &mut batch {
                sanitize::sanitize(batch, received);
            }
            // The room goes on with the batch: it is given back when the spans are durable.
            Ok::<_, Refusal>(Prepared { batch: batch.map(Arc::new), rejected: decoded.rejected, _room: room, client })
        };
        self.pool.run(work).await?
    }

    /// Stores what was read; a second try after a refusal is a first one. `Ok` means durable.
    pub async fn keep(&self, prepared: &Prepared) -> Result<(), Refusal> {
        let committed = match &prepared.batch {
            Some(batch) => Some(self.store(Arc::clone(batch)).await?),
            None => None,
        };
        self.counters.settled(committed, &prepared.rejected);
        Ok(())
    }

    async fn store(&self, batch: Arc<SpanBatch>) -> Result<Committed, Refusal> {
        let written = tokio::time::timeout(STORE_WAIT, self.store.write(batch)).await;
        self.store_hangs.store(written.is_err(), Relaxed);
        match written {
            Ok(written) => written.map_err(Refusal::from),
            Err(_elapsed) => Err(Refusal::Unavailable("the store did not answer in time".to_owned())),
        }
    }
}
