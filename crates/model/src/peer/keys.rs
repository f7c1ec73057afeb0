//! The attributes that tell of a peer: what each says, and which of two that say the same is believed.

use crate::span::SpanKind;

/// What an attribute says about a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Slot {
    MessagingSystem,
    Destination,
    DestinationTemporary,
    MessagingAction,
    DbSystem,
    DbNamespace,
    CloudSystem,
    CloudResource,
    GenAiProvider,
    GenAiModel,
    FunctionProvider,
    FunctionName,
    ServiceName,
    RpcSystem,
    RpcService,
    RpcMethod,
    HttpMethod,
    Url,
    ServerAddress,
    ServerPort,
    NetPeerName,
    NetPeerPort,
    PeerAddress,
    PeerPort,
    NetworkAddress,
}

/// Number of slots.
pub(super) const SLOTS: usize = Slot::NetworkAddress as usize + 1;

/// One known attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PeerKey {
    /// What it says.
    pub(super) slot: Slot,
    /// Of two attributes for one slot the lower rank is believed: the newer convention.
    pub(super) rank: u8,
}

impl PeerKey {
    /// What the attribute with this name says; `None` for one that tells nothing of a peer.
    pub(crate) fn from_text(key: &str) -> Option<PeerKey> {
        // All but a few hundred names of the world end here, without being compared.
        let known = key.starts_with("messaging.")
            || ["db.", "net", "server.", "rpc.", "peer.", "url.", "http."].iter().any(|start| key.starts_with(start))
            || ["service.peer", "message_bus", "faas.", "gen_ai", "aws.", "gcp.", "az", "cloud."]
                .iter()
                .any(|start| key.starts_with(start));
        if !known {
            return None;
        }
        let (slot, rank) = slot_of(key).or_else(|| cloud_slot_of(key))?;
        Some(PeerKey { slot, rank })
    }

    /// Whether it has a say in the kind and name of the peer of a span of this kind.
    pub(crate) fn names_peer_of(self, kind: SpanKind) -> bool {
        let is_messaging = (self.slot as u8) <= Slot::MessagingAction as u8;
        match kind {
            SpanKind::Internal => false,
            SpanKind::Server => self.slot == Slot::ServiceName,
            SpanKind::Consumer => is_messaging || self.slot == Slot::ServiceName,
            SpanKind::Client | SpanKind::Producer => true,
        }
    }

    /// Whether it is an address of the connection, which counts only without [`PeerKey::is_address`].
    pub(crate) fn is_network_address(self) -> bool {
        self.slot == Slot::NetworkAddress
    }

    /// Whether it is the address of the peer, when it is a text.
    pub(crate) fn is_address(self) -> bool {
        matches!(self.slot, Slot::ServerAddress | Slot::NetPeerName | Slot::PeerAddress)
    }
}

fn slot_of(key: &str) -> Option<(Slot, u8)> {
    Some(match key {
        "messaging.system" => (Slot::MessagingSystem, 0),
        "messaging.destination.template" => (Slot::Destination, 0),
        "messaging.destination.name" => (Slot::Destination, 1),
        "messaging.destination" => (Slot::Destination, 2),
        "message_bus.destination" => (Slot::Destination, 3),
        "messaging.destination.temporary" => (Slot::DestinationTemporary, 0),
        "messaging.temp_destination" => (Slot::DestinationTemporary, 1),
        "messaging.operation.type" => (Slot::MessagingAction, 0),
        "messaging.operation" => (Slot::MessagingAction, 1),
        "db.system.name" => (Slot::DbSystem, 0),
        "db.system" => (Slot::DbSystem, 1),
        "db.type" => (Slot::DbSystem, 2),
        "db.namespace" => (Slot::DbNamespace, 0),
        "db.name" => (Slot::DbNamespace, 1),
        "db.instance" => (Slot::DbNamespace, 2),
        "db.redis.database_index" => (Slot::DbNamespace, 3),
        "gen_ai.provider.name" => (Slot::GenAiProvider, 0),
        "gen_ai.system" => (Slot::GenAiProvider, 1),
        "gen_ai.request.model" => (Slot::GenAiModel, 0),
        "faas.invoked_provider" => (Slot::FunctionProvider, 0),
        "faas.invoked_name" => (Slot::FunctionName, 0),
        "service.peer.name" => (Slot::ServiceName, 0),
        "peer.service" => (Slot::ServiceName, 1),
        "rpc.system.name" => (Slot::RpcSystem, 0),
        "rpc.system" => (Slot::RpcSystem, 1),
        "rpc.service" => (Slot::RpcService, 0),
        "rpc.method" => (Slot::RpcMethod, 0),
        "http.request.method" => (Slot::HttpMethod, 0),
        "http.method" => (Slot::HttpMethod, 1),
        "url.full" => (Slot::Url, 0),
        "http.url" => (Slot::Url, 1),
        "server.address" => (Slot::ServerAddress, 0),
        "server.port" => (Slot::ServerPort, 0),
        "net.peer.name" => (Slot::NetPeerName, 0),
        "http.host" => (Slot::NetPeerName, 1),
        "net.peer.ip" => (Slot::NetPeerName, 2),
        "net.peer.port" => (Slot::NetPeerPort, 0),
        "peer.hostname" => (Slot::PeerAddress, 0),
        "peer.address" => (Slot::PeerAddress, 1),
        "peer.ipv4" => (Slot::PeerAddress, 2),
        "peer.ipv6" => (Slot::PeerAddress, 3),
        "peer.port" => (Slot::PeerPort, 0),
        "network.peer.address" => (Slot::NetworkAddress, 0),
        "net.sock.peer.name" => (Slot::NetworkAddress, 1),
        "net.sock.peer.addr" => (Slot::NetworkAddress, 2),
        _ => return None,
    })
}

/// Attributes that name a resource of a cloud, the most telling first, and the product whose resource it is.
/// The last names resources of any product; `cloud.platform` tells which.
pub(super) const CLOUD_RESOURCES: [(&str, &str); 10] = [
    ("aws.s3.bucket", "aws.s3"),
    ("aws.dynamodb.table_names", "aws.dynamodb"),
    ("aws.sqs.queue.url", "aws.sqs"),
    ("aws.sns.topic.arn", "aws.sns"),
    ("aws.kinesis.stream_name", "aws.kinesis"),
    ("aws.lambda.resource_mapping.id", "aws.lambda"),
    ("gcp.client.service", "gcp"),
    ("azure.resource_provider.namespace", "azure"),
    ("az.namespace", "azure"),
    ("cloud.resource_id", ""),
];

fn cloud_slot_of(key: &str) -> Option<(Slot, u8)> {
    if key == "cloud.platform" {
        return Some((Slot::CloudSystem, 0));
    }
    let rank = CLOUD_RESOURCES.iter().position(|(known, _)| *known == key)?;
    Some((Slot::CloudResource, rank as u8))
}
