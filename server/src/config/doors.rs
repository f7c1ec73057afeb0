//! The doors for clients of other tools: which there are, and at which address each one is. Not here: what stands behind them.

use std::net::SocketAddr;

use super::layers::Origin;
use super::{ConfigError, Layers};

/// A door beside the pages and the two of OpenTelemetry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Door {
    /// Jaeger's batches in datagrams, in Thrift's compact form.
    JaegerUdpCompact,
    /// The same in the binary form.
    JaegerUdpBinary,
    /// Jaeger's batches in HTTP requests.
    JaegerHttp,
    /// Jaeger's batches in calls of gRPC.
    JaegerGrpc,
    /// What Jaeger's clients ask about sampling.
    Sampling,
    /// Zipkin's spans in HTTP requests.
    Zipkin,
}

/// Where a door is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorAddress {
    /// The address; port 0 is a free one.
    pub address: SocketAddr,
    /// Whether somebody asked for it. One that nobody asked for may stay closed when another process has its port.
    pub is_named: bool,
}

/// One value for each door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerDoor<T>([T; Door::ALL.len()]);

// === impl Door ===

impl Door {
    /// All, in the order in which they are told.
    pub const ALL: [Door; 6] = [
        Door::JaegerUdpCompact,
        Door::JaegerUdpBinary,
        Door::JaegerHttp,
        Door::JaegerGrpc,
        Door::Sampling,
        Door::Zipkin,
    ];

    /// The setting of its address.
    pub fn setting(self) -> &'static str {
        match self {
            Door::JaegerUdpCompact => "jaeger_udp_compact",
            Door::JaegerUdpBinary => "jaeger_udp_binary",
            Door::JaegerHttp => "jaeger_http",
            Door::JaegerGrpc => "jaeger_grpc",
            Door::Sampling => "sampling",
            Door::Zipkin => "zipkin",
        }
    }

    /// Where clients go to, at doors that speak HTTP.
    pub fn path(self) -> Option<&'static str> {
        match self {
            Door::JaegerUdpCompact | Door::JaegerUdpBinary | Door::JaegerGrpc => None,
            Door::JaegerHttp => Some("/api/traces"),
            Door::Sampling => Some("/sampling"),
            Door::Zipkin => Some("/api/v2/spans"),
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Door::JaegerUdpCompact => "Jaeger UDP compact",
            Door::JaegerUdpBinary => "Jaeger UDP binary",
            Door::JaegerHttp => "Jaeger HTTP",
            Door::JaegerGrpc => "Jaeger gRPC",
            Door::Sampling => "Jaeger sampling",
            Door::Zipkin => "Zipkin",
        }
    }
}

// === impl PerDoor ===

impl<T> PerDoor<T> {
    /// The value of `make` for each door.
    pub fn of(make: impl FnMut(Door) -> T) -> PerDoor<T> {
        PerDoor(Door::ALL.map(make))
    }

    /// The value of one door.
    pub fn get(&self, door: Door) -> &T {
        let place = Door::ALL.iter().position(|known| *known == door).expect("all doors are in the list");
        &self.0[place]
    }

    /// Sets the value of one door.
    pub fn set(&mut self, door: Door, value: T) {
        let place = Door::ALL.iter().position(|known| *known == door).expect("all doors are in the list");
        self.0[place] = value;
    }

    /// Door and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (Door, &T)> {
        Door::ALL.into_iter().zip(&self.0)
    }
}

impl<T, E> PerDoor<Result<T, E>> {
    /// All values, or the first error.
    pub fn transpose(self) -> Result<PerDoor<T>, E> {
        let values: Result<Vec<T>, E> = self.0.into_iter().collect();
        let values = values?.try_into().unwrap_or_else(|_| unreachable!("as many values as there are doors"));
        Ok(PerDoor(values))
    }
}

// === impl Layers ===

impl Layers {
    /// Where each door is wanted; `None` for those that are off.
    pub(super) fn doors(&self) -> Result<PerDoor<Option<DoorAddress>>, ConfigError> {
        let only_named = self.one_of("doors", &[("all", false), ("named", true)])?;
        let wanted = PerDoor::of(|door| {
            let is_named = self.find(door.setting()).2 != Origin::Default;
            let address = self.address(door.setting())?.filter(|_| is_named || !only_named);
            Ok(address.map(|address| DoorAddress { address, is_named }))
        });
        wanted.transpose()
    }
}
