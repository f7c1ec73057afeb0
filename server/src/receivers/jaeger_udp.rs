//! Jaeger over UDP: a batch in each datagram, in Thrift's compact or binary form. There is no answer: what is not kept is counted.
//!
//! The socket's reader only copies and counts, so that the kernel's buffer stays empty; a worker decodes in the order
//! of arrival and waits for the store. Not here: what bytes mean (`wire`), and what clients say they lost (`telemetry`).

mod queue;
mod worker;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt;
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use wire::jaeger::Envelope;

use self::queue::{Queue, queue};
use self::worker::Worker;
use crate::config::UdpLimits;
use crate::ingest::Ingest;
use crate::shutdown::Shutdown;
use crate::telemetry::Counters;

/// More than any datagram has.
const DATAGRAM_BYTES_MAX: usize = 65_536;
/// Asked of the kernel for each socket; it gives what it may.
const KERNEL_BUFFER_BYTES: usize = 16 << 20;
/// After a failed read, the next try.
const READ_PAUSE: Duration = Duration::from_millis(100);
/// Read at most at the end, of what the kernel has taken in before.
const LAST_DATAGRAMS_MAX: usize = 10_000;

/// A bound address.
pub struct Socket {
    socket: UdpSocket,
    envelope: Envelope,
}

/// Tells when everything that came in is stored or dropped.
pub struct Datagrams {
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

// === impl Socket ===

impl Socket {
    /// Takes the address, with a receive buffer as large as the kernel gives. Datagrams wait in it from now on.
    pub async fn bind(address: SocketAddr, envelope: Envelope) -> io::Result<Socket> {
        let socket = UdpSocket::bind(address).await?;
        // The first asks for more than the limit of the system, which takes a right that we seldom have.
        if sockopt::set_socket_recv_buffer_size_force(&socket, KERNEL_BUFFER_BYTES).is_err() {
            sockopt::set_socket_recv_buffer_size(&socket, KERNEL_BUFFER_BYTES)?;
        }
        Ok(Socket { socket, envelope })
    }

    /// The address really taken.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    async fn read(self, queue: Queue, shutdown: Shutdown) {
        let mut place = vec![0; DATAGRAM_BYTES_MAX];
        loop {
            let received = tokio::select! {
                received = self.socket.recv_from(&mut place) => received,
                () = shutdown.drain.cancelled() => break,
            };
            match received {
                Ok((length, sender)) => queue.put(self.envelope, sender, &place[..length]),
                Err(error) => {
                    tracing::warn!(event = "receive_failed", "cannot receive a datagram: {error}");
                    tokio::time::sleep(READ_PAUSE).await;
                }
            }
        }
        // Of the socket itself: the runtime may not have heard yet that there is something in it.
        let Ok(socket) = self.socket.into_std() else { return };
        for _ in 0..LAST_DATAGRAMS_MAX {
            let Ok((length, sender)) = socket.recv_from(&mut place) else { return };
            queue.put(self.envelope, sender, &place[..length]);
        }
    }
}

// === impl Datagrams ===

impl Datagrams {
    /// Reads all `sockets` into one queue from now on, until the drain begins.
    pub fn start(
        sockets: Vec<Socket>,
        limits: &UdpLimits,
        ingest: Arc<Ingest>,
        counters: Arc<Counters>,
        shutdown: &Shutdown,
    ) -> Datagrams {
        let (into, out) = queue(limits.queue_bytes_max, Arc::clone(&counters));
        let mut tasks = JoinSet::new();
        for socket in sockets {
            tasks.spawn(socket.read(into.clone(), shutdown.clone()));
        }
        // The worker ends when the last reader has.
        drop(into);
        tasks.spawn(Worker::new(ingest, counters, limits.store_wait, shutdown.drain.clone()).run(out));
        Datagrams { tasks: tokio::sync::Mutex::new(tasks) }
    }

    /// Returns when everything that came in before the drain is stored or dropped.
    pub async fn ended(&self) {
        let mut tasks = self.tasks.lock().await;
        while tasks.join_next().await.is_some() {}
    }
}
