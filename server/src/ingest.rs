//! From the bytes of a request to durable spans: room, decode into a batch, sanitise, store, answer. Not here: sockets and sled.

pub mod admit;
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
use wire::{DecodedBatch, Limits, Rejected};

pub use admit::{Admission, Room};
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

/// The language of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// OTLP protobuf.
    OtlpProto,
    /// OTLP JSON.
    OtlpJson,
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
        let received = self.clock.now();
        let (wire_limits, bytes_max) = (self.wire_limits.clone(), self.limits.request_bytes_max);
        let work = move || {
            let mut room = room;
            let bytes = decompress::decompress(payload.compression, payload.bytes, bytes_max, &mut room)?;
            let DecodedBatch { mut batch, rejected } = decode(payload.format, &bytes, &wire_limits)?;
            if let Some(batch) = &mut batch {
                sanitize::sanitize(batch, received);
            }
            // The room goes on with the batch: it is given back when the spans are durable.
            Ok::<_, Refusal>((batch, rejected, room))
        };
        let (batch, rejected, room) = self.pool.run(work).await??;
        let committed = match batch {
            Some(batch) => Some(self.store(Arc::new(batch)).await?),
            None => None,
        };
        self.counters.settled(committed, &rejected);
        drop(room);
        Ok(Receipt { rejected })
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

fn decode(format: Format, bytes: &[u8], limits: &Limits) -> Result<DecodedBatch, Refusal> {
    // Some clients announce JSON and send nothing when there is nothing to send.
    if bytes.is_empty() {
        return Ok(DecodedBatch::default());
    }
    let decoded = match format {
        Format::OtlpProto => wire::otlp::walk::decode(bytes, limits),
        Format::OtlpJson => wire::otlp::json::decode(bytes, limits).map(DecodedBatch::from),
    };
    decoded.map_err(|error| Refusal::Malformed(error.to_string()))
}
