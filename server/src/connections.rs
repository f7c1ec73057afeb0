//! Listeners with limits: HTTP/1.1 and HTTP/2 on one port, bounded in number, age, idleness and size of heads.
//!
//! Not here: what requests mean. `axum::serve` sets no timer, so we drive hyper ourselves.

mod activity;
mod address_count;
mod watched;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};

use self::activity::{Activity, Verdict};
use self::address_count::{AddressCount, AddressPlace};
use self::watched::Watched;
use crate::config::ConnectionLimits;
use crate::shutdown::Shutdown;
use crate::telemetry::Counters;

/// After a failed accept, for example without descriptors, the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound address and its open connections.
pub struct Listener {
    listener: TcpListener,
    places: Arc<Semaphore>,
    shared: Arc<Shared>,
}

struct Shared {
    limits: ConnectionLimits,
    addresses: AddressCount,
    counters: Arc<Counters>,
    shutdown: Shutdown,
}

/// Tells when all connections of a listener have ended.
pub struct Connections {
    places: Arc<Semaphore>,
    places_max: u32,
}

// === impl Listener ===

impl Listener {
    /// Takes the address; port 0 takes a free one.
    pub async fn bind(
        address: SocketAddr,
        limits: ConnectionLimits,
        counters: Arc<Counters>,
        shutdown: Shutdown,
    ) -> io::Result<Listener> {
        let listener = TcpListener::bind(address).await?;
        let places = Arc::new(Semaphore::new(places_max(&limits) as usize));
        let addresses = AddressCount::new(limits.connections_per_address_max);
        Ok(Listener { listener, places, shared: Arc::new(Shared { limits, addresses, counters, shutdown }) })
    }

    /// The address really taken.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Accepts from now on, until the drain begins; `router` answers.
    pub fn start(self, router: Router) -> Connections {
        let places_max = places_max(&self.shared.limits);
        let connections = Connections { places: Arc::clone(&self.places), places_max };
        tokio::spawn(self.accept(router));
        connections
    }

    async fn accept(self, router: Router) {
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = self.shared.shutdown.drain.cancelled() => return,
            };
            match accepted {
                Ok((stream, peer)) => self.admit(stream, peer, router.clone()),
                Err(error) => {
                    tracing::warn!(event = "accept_failed", "cannot accept a connection: {error}");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn admit(&self, stream: TcpStream, peer: SocketAddr, router: Router) {
        let place = Arc::clone(&self.places).try_acquire_owned().ok();
        let address = self.shared.addresses.enter(peer.ip());
        let (Some(place), Some(address)) = (place, address) else {
            // Closed without a word: there is no room to say one in.
            self.shared.counters.connection_refused();
            return;
        };
        tokio::spawn(Arc::clone(&self.shared).serve(stream, peer, router, (place, address)));
    }
}

// === impl Connections ===

impl Connections {
    /// Returns when none is open.
    pub async fn ended(&self) {
        // The semaphore is never closed, so this only ever waits.
        drop(self.places.acquire_many(self.places_max).await);
    }
}

// === impl Shared ===

impl Shared {
    async fn serve(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        router: Router,
        _place: (OwnedSemaphorePermit, AddressPlace),
    ) {
        // Small answers must not wait for more bytes; a socket that refuses the option still works.
        drop(stream.set_nodelay(true));
        let activity = Arc::new(Activity::new(&self.limits, peer));
        let service = activity.clone().around(router);
        let mut builder = auto::Builder::new(TokioExecutor::new());
        let header_bytes_max = u32::try_from(self.limits.header_bytes_max).unwrap_or(u32::MAX);
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.header_wait)
            .max_buf_size(self.limits.header_bytes_max.max(HTTP1_BUFFER_BYTES_MIN))
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(header_bytes_max)
            .max_concurrent_streams(self.limits.streams_max)
            .keep_alive_interval(self.limits.idle_wait / 2)
            .keep_alive_timeout(self.limits.write_wait);
        let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity)));
        let mut connection = std::pin::pin!(builder.serve_connection_with_upgrades(io, service));
        let mut draining = false;
        let mut next_look = Instant::now() + self.limits.header_wait;
        loop {
            tokio::select! {
                // How a client ends its connection is its own affair; requests were answered or counted before.
                _ended = &mut connection => return,
                () = self.shutdown.abort.cancelled() => return,
                () = self.shutdown.drain.cancelled(), if !draining => {
                    connection.as_mut().graceful_shutdown();
                    draining = true;
                }
                () = sleep_until(next_look) => match activity.judge(Instant::now()) {
                    Verdict::Keep(until) => next_look = until,
                    Verdict::Close => return,
                    Verdict::Finish => {
                        if !draining {
                            connection.as_mut().graceful_shutdown();
                        }
                        draining = true;
                        next_look = Instant::now() + self.limits.write_wait;
                    }
                },
            }
        }
    }
}

/// hyper refuses to read HTTP/1.1 with a smaller buffer.
const HTTP1_BUFFER_BYTES_MIN: usize = 8192;

fn places_max(limits: &ConnectionLimits) -> u32 {
    u32::try_from(limits.connections_max).unwrap_or(u32::MAX)
}
