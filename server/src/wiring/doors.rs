//! Addresses taken before the store opens: a taken port is said at once, and the HTTP address answers "not yet".
//! Clients of the other addresses are not refused meanwhile: their connections wait to be accepted.
//!
//! Not here: what is behind a door once it is open.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context;
use wire::jaeger::Envelope;

use super::Addresses;
use crate::config::{Config, Door, DoorAddress, PerDoor};
use crate::connections::{Connections, Listener};
use crate::opening::Gate;
use crate::receivers::Protocol;
use crate::receivers::jaeger_udp::Socket;
use crate::shutdown::Shutdown;
use crate::telemetry::Counters;

/// Everything that was bound.
pub(super) struct Doors {
    pub(super) addresses: Addresses,
    pub(super) gate: Gate,
    pub(super) http: Option<Connections>,
    pub(super) otlp: Vec<Listener>,
    pub(super) others: Vec<(Protocol, Listener)>,
    /// Those of them that take datagrams.
    pub(super) sockets: Vec<Socket>,
    /// Doors that nobody turned off and that are closed nevertheless, each with the reason.
    pub(super) closed: Vec<String>,
    pub(super) counters: Arc<Counters>,
    pub(super) shutdown: Shutdown,
}

/// A door for other tools that is bound and not open yet.
enum Bound {
    Requests(Protocol, Listener),
    Datagrams(Socket),
}

/// What every listener is made with.
struct Binder<'a> {
    config: &'a Config,
    counters: &'a Arc<Counters>,
    shutdown: &'a Shutdown,
}

// === impl Doors ===

impl Doors {
    pub(super) async fn bind(config: &Config) -> anyhow::Result<Doors> {
        let (shutdown, counters) = (Shutdown::default(), Arc::new(Counters::default()));
        let binder = Binder { config, counters: &counters, shutdown: &shutdown };
        let http = binder.ours("http", config.http).await?;
        let otlp_grpc = binder.ours("otlp_grpc", config.otlp_grpc).await?;
        let otlp_http = binder.ours("otlp_http", config.otlp_http).await?;
        let mut addresses = Addresses {
            http: address_of(http.as_ref())?,
            otlp_grpc: address_of(otlp_grpc.as_ref())?,
            otlp_http: address_of(otlp_http.as_ref())?,
            others: PerDoor::default(),
        };
        let (mut others, mut sockets, mut closed) = (Vec::new(), Vec::new(), Vec::new());
        for (door, wanted) in config.doors.iter() {
            let Some(wanted) = *wanted else { continue };
            match binder.other(door, wanted).await? {
                Ok(Bound::Requests(protocol, listener)) => {
                    addresses.others.set(door, Some(listener.address()?));
                    others.push((protocol, listener));
                }
                Ok(Bound::Datagrams(socket)) => {
                    addresses.others.set(door, Some(socket.address()?));
                    sockets.push(socket);
                }
                Err(reason) => {
                    tracing::warn!(event = "door_closed", "not listening for {}: {reason}", door.title());
                    closed.push(reason);
                }
            }
        }
        let gate = Gate::new(closed.clone());
        let http = http.map(|listener| listener.start(gate.router()));
        let otlp = [otlp_grpc, otlp_http].into_iter().flatten().collect();
        Ok(Doors { addresses, gate, http, otlp, others, sockets, closed, counters, shutdown })
    }
}

fn address_of(listener: Option<&Listener>) -> io::Result<Option<SocketAddr>> {
    listener.map(Listener::address).transpose()
}

// === impl Binder ===

impl Binder<'_> {
    async fn ours(&self, name: &str, address: Option<SocketAddr>) -> anyhow::Result<Option<Listener>> {
        let Some(address) = address else { return Ok(None) };
        self.bind(address).await.map(Some).with_context(|| refusal(name, address))
    }

    /// A door that somebody asked for must open; one of which nobody spoke may stay closed, with a reason.
    async fn other(&self, door: Door, wanted: DoorAddress) -> anyhow::Result<Result<Bound, String>> {
        let DoorAddress { address, is_named } = wanted;
        let socket = async |envelope| Socket::bind(address, envelope).await.map(Bound::Datagrams);
        let listener = async |protocol| Ok(Bound::Requests(protocol, self.bind(address).await?));
        let bound = match door {
            Door::JaegerUdpCompact => socket(Envelope::Compact).await,
            Door::JaegerUdpBinary => socket(Envelope::Binary).await,
            Door::JaegerHttp => listener(Protocol::JaegerHttp).await,
            Door::JaegerGrpc => listener(Protocol::JaegerGrpc).await,
            Door::Sampling => listener(Protocol::Sampling).await,
            Door::Zipkin => listener(Protocol::Zipkin).await,
        };
        match bound {
            Ok(bound) => Ok(Ok(bound)),
            Err(error) if is_named => Err(error).with_context(|| refusal(door.setting(), address)),
            Err(error) => Ok(Err(format!("{}: {error}", refusal(door.setting(), address)))),
        }
    }

    async fn bind(&self, address: SocketAddr) -> io::Result<Listener> {
        let limits = self.config.connections.clone();
        Listener::bind(address, limits, Arc::clone(self.counters), self.shutdown.clone()).await
    }
}

fn refusal(name: &str, address: SocketAddr) -> String {
    let flag = name.replace('_', "-");
    format!("cannot listen on {address} for {name}: choose another address with --{flag}, or --{flag} off")
}
