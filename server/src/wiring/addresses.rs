//! Where a server listens: for pages, for the line at its start, and for tests.

use std::net::SocketAddr;

use crate::config::{Door, PerDoor};
use crate::receivers;

/// The addresses really bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// Pages and APIs.
    pub http: Option<SocketAddr>,
    /// Spans.
    pub otlp_grpc: Option<SocketAddr>,
    /// Spans.
    pub otlp_http: Option<SocketAddr>,
    /// What clients of other tools speak to.
    pub others: PerDoor<Option<SocketAddr>>,
}

// === impl Addresses ===

impl Addresses {
    /// The address of a door for clients of other tools.
    pub fn of(&self, door: Door) -> Option<SocketAddr> {
        *self.others.get(door)
    }

    /// As pages show them; of the doors for other tools those that are open.
    pub(super) fn shown(&self) -> Vec<api::Door> {
        let door = |protocol: &str, address: Option<SocketAddr>| api::Door {
            protocol: protocol.to_owned(),
            address: address.map(|address| address.to_string()),
        };
        let ours = [door("OTLP gRPC", self.otlp_grpc), door("OTLP HTTP", self.otlp_http)];
        ours.into_iter().chain(self.open().map(|(title, address)| door(title.title(), Some(address)))).collect()
    }

    fn open(&self) -> impl Iterator<Item = (Door, SocketAddr)> {
        self.others.iter().filter_map(|(door, address)| Some((door, (*address)?)))
    }
}

/// The one line that people read and tools take the addresses from.
impl std::fmt::Display for Addresses {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let web = |address: Option<SocketAddr>, path: &str| match address {
            Some(address) => format!("http://{address}{path}"),
            None => "off".to_owned(),
        };
        let grpc = self.otlp_grpc.map_or_else(|| "off".to_owned(), |address| address.to_string());
        let (pages, otlp_http) = (web(self.http, ""), web(self.otlp_http, receivers::otlp_http::PATH));
        write!(f, "tracewell is ready: {pages}  ·  send spans: OTLP gRPC {grpc}, OTLP HTTP {otlp_http}")?;
        for (door, address) in self.open() {
            match door.path() {
                Some(path) => write!(f, ", {} http://{address}{path}", door.title())?,
                None => write!(f, ", {} {address}", door.title())?,
            }
        }
        Ok(())
    }
}
