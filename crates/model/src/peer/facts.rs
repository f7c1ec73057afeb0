//! From what a span's attributes say to one peer: the most telling description wins. Not here: the names of attributes.

use std::borrow::Cow;
use std::fmt::Write;

use super::keys::{CLOUD_RESOURCES, PeerKey, SLOTS, Slot};
use super::{Flow, Peer};
use crate::attribute::Value;
use crate::batch::AttributeView;
use crate::edge::NodeKind;
use crate::span::SpanKind;

/// Database systems that are caches to people.
const CACHES: [&str; 3] = ["redis", "memcached", "valkey"];

/// Stands for destinations whose names are made up for one use.
const TEMPORARY: &str = "(temporary)";

/// What the attributes of one span say about its peer.
#[derive(Clone, Debug)]
pub(crate) struct PeerFacts<'a> {
    /// By [`Slot`]; empty where nothing was said.
    values: [AttributeView<'a>; SLOTS],
    /// Ranks of the values; beyond all ranks where nothing was said.
    ranks: [u8; SLOTS],
}

/// Where nothing was said.
const RANK_NONE: u8 = u8::MAX;

impl Default for PeerFacts<'_> {
    fn default() -> Self {
        PeerFacts { values: [AttributeView::Empty; SLOTS], ranks: [RANK_NONE; SLOTS] }
    }
}

impl<'a> PeerFacts<'a> {
    /// Takes note of one attribute.
    pub(crate) fn take(&mut self, key: PeerKey, value: AttributeView<'a>) {
        if matches!(value, AttributeView::Empty | AttributeView::String("")) {
            return;
        }
        let slot = key.slot as usize;
        if key.rank < self.ranks[slot] {
            (self.ranks[slot], self.values[slot]) = (key.rank, value);
        }
    }

    /// The peer of a span of this kind.
    pub(crate) fn peer(&self, kind: SpanKind) -> Option<Peer<'a>> {
        match kind {
            SpanKind::Internal => None,
            SpanKind::Server => self.service(Flow::FromPeer),
            SpanKind::Consumer => self.messaging(kind).or_else(|| self.service(Flow::FromPeer)),
            SpanKind::Client | SpanKind::Producer => self
                .messaging(kind)
                .or_else(|| self.database())
                .or_else(|| self.cloud())
                .or_else(|| self.gen_ai())
                .or_else(|| self.function())
                .or_else(|| self.service(Flow::ToPeer))
                .or_else(|| self.host()),
        }
    }

    fn messaging(&self, kind: SpanKind) -> Option<Peer<'a>> {
        let (system, destination) = (self.text(Slot::MessagingSystem), self.text(Slot::Destination));
        if system.is_none() && destination.is_none() {
            return None;
        }
        let flow = match self.text(Slot::MessagingAction).as_deref() {
            Some("settle") => Flow::Settles,
            Some("receive" | "process" | "deliver") => Flow::FromPeer,
            _ if kind == SpanKind::Consumer => Flow::FromPeer,
            _ => Flow::ToPeer,
        };
        let is_template = self.ranks[Slot::Destination as usize] == 0;
        let is_temporary = self.text(Slot::DestinationTemporary).as_deref() == Some("true") && !is_template;
        let destination = if is_temporary { Some(Cow::Borrowed(TEMPORARY)) } else { destination };
        let system = system.unwrap_or_default();
        Some(Peer { kind: NodeKind::Messaging, name: path(&system, destination), system, flow })
    }

    fn database(&self) -> Option<Peer<'a>> {
        let system = self.text(Slot::DbSystem)?;
        let kind = if CACHES.contains(&&*system) { NodeKind::Cache } else { NodeKind::Database };
        let namespace = self.text(Slot::DbNamespace);
        let name = match (self.address(), namespace) {
            (None, namespace) => path(&system, namespace),
            (Some(address), None) => Cow::Owned([&*system, "@", &address].concat()),
            (Some(address), Some(namespace)) => Cow::Owned([&*system, "/", &namespace, "@", &address].concat()),
        };
        Some(Peer { kind, name, system, flow: Flow::ToPeer })
    }

    fn cloud(&self) -> Option<Peer<'a>> {
        let system = match CLOUD_RESOURCES.get(usize::from(self.ranks[Slot::CloudResource as usize])) {
            Some((_, system)) if !system.is_empty() => Cow::Borrowed(*system),
            _ => self.text(Slot::CloudSystem)?,
        };
        let name = path(&system, self.text(Slot::CloudResource));
        Some(Peer { kind: NodeKind::Cloud, name, system, flow: Flow::ToPeer })
    }

    fn gen_ai(&self) -> Option<Peer<'a>> {
        let (provider, model) = (self.text(Slot::GenAiProvider), self.text(Slot::GenAiModel));
        if provider.is_none() && model.is_none() {
            return None;
        }
        let system = provider.unwrap_or_default();
        Some(Peer { kind: NodeKind::GenAi, name: path(&system, model), system, flow: Flow::ToPeer })
    }

    fn function(&self) -> Option<Peer<'a>> {
        let name = self.text(Slot::FunctionName)?;
        let system = self.text(Slot::FunctionProvider).unwrap_or_default();
        Some(Peer { kind: NodeKind::Function, name, system, flow: Flow::ToPeer })
    }

    fn service(&self, flow: Flow) -> Option<Peer<'a>> {
        let name = self.text(Slot::ServiceName)?;
        let system = self.protocol();
        Some(Peer { kind: NodeKind::Service, name, system, flow })
    }

    fn host(&self) -> Option<Peer<'a>> {
        let system = self.protocol();
        let is_rpc = self.has(Slot::RpcSystem);
        let kind = if is_rpc { NodeKind::Rpc } else { NodeKind::External };
        let name = match self.address() {
            Some(address) => address,
            None if is_rpc => self.rpc_service().unwrap_or_else(|| system.clone()),
            None => return None,
        };
        Some(Peer { kind, name, system, flow: Flow::ToPeer })
    }

    /// The remote service; newer clients write it in front of the method, `shop.Cart/AddItem`.
    fn rpc_service(&self) -> Option<Cow<'a, str>> {
        self.text(Slot::RpcService).or_else(|| match self.text(Slot::RpcMethod)? {
            Cow::Borrowed(method) => Some(Cow::Borrowed(method.rsplit_once('/')?.0)),
            Cow::Owned(_) => None,
        })
    }

    fn protocol(&self) -> Cow<'a, str> {
        let is_http = self.has(Slot::HttpMethod) || self.has(Slot::Url);
        self.text(Slot::RpcSystem).unwrap_or(Cow::Borrowed(if is_http { "http" } else { "" }))
    }

    /// `host[:port]`. A port only counts beside the address of its own convention.
    fn address(&self) -> Option<Cow<'a, str>> {
        let pairs = [
            (Slot::ServerAddress, Slot::ServerPort),
            (Slot::NetPeerName, Slot::NetPeerPort),
            (Slot::PeerAddress, Slot::PeerPort),
        ];
        for (address, port) in pairs {
            if let Some(host) = self.text(address) {
                return Some(with_port(host, self.text(port)));
            }
        }
        if let Some(Cow::Borrowed(url)) = self.text(Slot::Url)
            && let Some(authority) = authority(url)
        {
            return Some(Cow::Borrowed(authority));
        }
        // Of the connection itself: its port may be any, also that of a proxy.
        self.text(Slot::NetworkAddress)
    }

    fn has(&self, slot: Slot) -> bool {
        self.ranks[slot as usize] != RANK_NONE
    }

    fn text(&self, slot: Slot) -> Option<Cow<'a, str>> {
        match self.values[slot as usize] {
            AttributeView::String(text) => Some(Cow::Borrowed(text)),
            AttributeView::Int(number) => Some(Cow::Owned(number.to_string())),
            AttributeView::Bool(true) => Some(Cow::Borrowed("true")),
            AttributeView::Bool(false) => Some(Cow::Borrowed("false")),
            AttributeView::Other(Value::Array(values)) => values.first()?.as_str().map(Cow::Borrowed),
            AttributeView::Other(_) | AttributeView::Double(_) | AttributeView::Empty => None,
        }
    }
}

/// `system/rest`, or the one of them that is there.
fn path<'a>(system: &Cow<'a, str>, rest: Option<Cow<'a, str>>) -> Cow<'a, str> {
    match rest {
        None => system.clone(),
        Some(rest) if system.is_empty() => rest,
        Some(rest) => Cow::Owned([&**system, "/", &*rest].concat()),
    }
}

fn with_port<'a>(host: Cow<'a, str>, port: Option<Cow<'a, str>>) -> Cow<'a, str> {
    let Some(port) = port else { return host };
    let colons = host.bytes().filter(|byte| *byte == b':').count();
    let is_ipv6 = colons > 1 && !host.starts_with('[');
    if !is_ipv6 && colons > 0 && !host.ends_with(']') {
        // It carries a port already: `http.host`, OpenTracing's `peer.address`.
        return host;
    }
    let mut text = String::with_capacity(host.len() + port.len() + 3);
    let written = if is_ipv6 { write!(text, "[{host}]:{port}") } else { write!(text, "{host}:{port}") };
    written.expect("a String takes all that is written to it");
    Cow::Owned(text)
}

/// `host[:port]` of a URL, without user and password.
fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    (!host.is_empty()).then_some(host)
}
