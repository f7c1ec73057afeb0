//! Datagrams between socket and worker: bounded in bytes and in number. What finds no place is dropped and counted.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use wire::jaeger::Envelope;

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
        let put = |bytes: &[u8]| queue.put(Envelope::Compact, SENDER, bytes);
        put(&[1; 2 * PIECE_BYTES]);
        put(b"2");
        put(b"one too many");
        assert_eq!((counters.datagrams.received_total(), counters.datagrams.dropped_total("queue_full")), (3, 1));
        assert_eq!(out.recv().await.unwrap().bytes.len(), 2 * PIECE_BYTES);
        put(&[3; PIECE_BYTES + 1]);
        assert_eq!((&out.recv().await.unwrap().bytes[..], out.recv().await.unwrap().bytes[0]), (&b"2"[..], 3));
        assert_eq!(counters.datagrams.dropped_total("queue_full"), 1);
    }
}
