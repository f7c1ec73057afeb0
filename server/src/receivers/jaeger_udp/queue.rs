//! Datagrams between socket and worker: bounded in bytes and in number. What finds no place is dropped and counted.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use wire::jaeger::Envelope;
use wire::jaeger::thrift::begins_as_batch;

use crate::telemetry::Counters;

/// Room is counted in pieces of so many bytes, and every datagram takes at least one.
const PIECE_BYTES: usize = 1024;

/// A datagram that waits.
pub(super) struct Datagram {
    pub(super) envelope: Envelope,
    pub(super) sender: SocketAddr,
    pub(super) bytes: Bytes,
    /// Its place, given back when it leaves the queue.
    _place: OwnedSemaphorePermit,
}

/// The end at which datagrams come in. Clones are the same queue.
#[derive(Clone)]
pub(super) struct Queue {
    pieces: Arc<Semaphore>,
    into: mpsc::Sender<Datagram>,
    counters: Arc<Counters>,
}

/// A queue of so many bytes, and the end at which they go out.
pub(super) fn queue(bytes_max: usize, counters: Arc<Counters>) -> (Queue, mpsc::Receiver<Datagram>) {
    let pieces = (bytes_max / PIECE_BYTES).clamp(1, Semaphore::MAX_PERMITS);
    // Never more datagrams than pieces, so the channel is never the one that is full.
    let (into, out) = mpsc::channel(pieces);
    (Queue { pieces: Arc::new(Semaphore::new(pieces)), into, counters }, out)
}

// === impl Queue ===

impl Queue {
    /// Takes a copy in, or counts it as dropped. Never waits.
    pub(super) fn put(&self, envelope: Envelope, sender: SocketAddr, bytes: &[u8]) {
        self.counters.datagrams.received();
        // Noise must not take places from batches.
        if !begins_as_batch(envelope, bytes) {
            self.counters.datagrams.dropped("malformed");
            return;
        }
        let pieces = u32::try_from(bytes.len().div_ceil(PIECE_BYTES).max(1)).unwrap_or(u32::MAX);
        let put = Arc::clone(&self.pieces).try_acquire_many_owned(pieces).ok().and_then(|place| {
            let bytes = Bytes::copy_from_slice(bytes);
            self.into.try_send(Datagram { envelope, sender, bytes, _place: place }).ok()
        });
        if put.is_none() {
            self.counters.datagrams.dropped("queue_full");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENDER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

    #[tokio::test]
    async fn what_finds_no_place_is_counted_and_places_come_back() {
        let counters = Arc::new(Counters::default());
        let (queue, mut out) = queue(3 * PIECE_BYTES, Arc::clone(&counters));
        let of_length = |length: usize| [&b"\x82\x81\x01\x09emitBatch"[..], &vec![7; length - 13]].concat();
        let put = |length: usize| queue.put(Envelope::Compact, SENDER, &of_length(length));
        put(2 * PIECE_BYTES);
        put(20);
        put(20);
        assert_eq!((counters.datagrams.received_total(), counters.datagrams.dropped_total("queue_full")), (3, 1));
        assert_eq!(out.recv().await.unwrap().bytes.len(), 2 * PIECE_BYTES);
        put(PIECE_BYTES + 1);
        let lengths = (out.recv().await.unwrap().bytes.len(), out.recv().await.unwrap().bytes.len());
        assert_eq!(lengths, (20, PIECE_BYTES + 1));
        assert_eq!(counters.datagrams.dropped_total("queue_full"), 1);
    }

    #[tokio::test]
    async fn noise_takes_no_place() {
        let counters = Arc::new(Counters::default());
        let (queue, mut out) = queue(PIECE_BYTES, Arc::clone(&counters));
        for noise in [&b""[..], b"noise", b"\x82\x81\x01\x09emitBatcH", &[0x80, 1, 0, 4, 0, 0, 0, 9], &[0xff; 2_000]] {
            queue.put(Envelope::Compact, SENDER, noise);
            queue.put(Envelope::Binary, SENDER, noise);
        }
        assert_eq!(counters.datagrams.dropped_total("malformed"), 10);
        queue.put(Envelope::Binary, SENDER, b"\x80\x01\0\x04\0\0\0\x09emitBatch\0\0\0\x01");
        assert_eq!(out.recv().await.unwrap().envelope, Envelope::Binary);
        assert_eq!(counters.datagrams.dropped_total("queue_full"), 0);
    }
}
