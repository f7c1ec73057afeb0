//! What the numbers of one batch mean to the matcher: each resource, each key and each description of a peer is
//! understood once per batch, not once per span. Not here: what follows from it.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::super::NodeKind;
use super::super::fold::{NodeId, Nodes};
use crate::batch::{AttributeCell, Columns, RowView, SpanBatch, StringId, ValueCell};
use crate::peer::{Flow, PeerKey, peer};
use crate::span::SpanKind;

/// Kept between batches for its allocations.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// By resource: its service.
    services: Vec<Option<NodeId>>,
    /// By text, when it is the key of an attribute: what that says of a peer.
    keys: Vec<KnownKey>,
    /// The description that is being looked up.
    sought: Vec<Said>,
    peers: HashMap<Vec<Said>, Option<(NodeId, Flow)>, RandomState>,
}

#[derive(Clone, Copy, Debug, Default)]
enum KnownKey {
    /// Not met yet.
    #[default]
    New,
    /// Says nothing of a peer.
    Other,
    Peer(PeerKey),
}

/// One attribute as numbers of the batch; equal numbers are equal attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Said {
    key: StringId,
    sort: u32,
    value: u64,
}

impl Numbers {
    /// Forgets the batch before.
    pub(super) fn begin(&mut self, batch: &SpanBatch) {
        self.services.clear();
        self.services.resize(batch.columns().resources.len(), None);
        self.keys.clear();
        self.keys.resize(batch.columns().strings.len(), KnownKey::New);
        self.peers.clear();
    }

    pub(super) fn service(&mut self, row: &RowView<'_>, nodes: &mut Nodes) -> NodeId {
        let known = &mut self.services[row.resource_index()];
        *known.get_or_insert_with(|| nodes.id(NodeKind::Service, row.service()))
    }

    /// The node and flow that `peer::peer` names.
    pub(super) fn peer(&mut self, batch: &SpanBatch, row: &RowView<'_>, nodes: &mut Nodes) -> Option<(NodeId, Flow)> {
        if row.kind() == SpanKind::Internal {
            return None;
        }
        let columns = batch.columns();
        self.seek(columns, &columns.attributes[columns.span_attributes[row.index()].range()], row.kind());
        if self.sought.len() == 1 {
            return None;
        }
        if let Some(known) = self.peers.get(&self.sought) {
            return *known;
        }
        let found = peer(row).map(|peer| (nodes.id(peer.kind, &peer.name), peer.flow));
        self.peers.insert(self.sought.clone(), found);
        found
    }

    /// Notes what the peer depends on: the kind of the span, and those attributes that have a say in it.
    fn seek(&mut self, columns: &Columns, attributes: &[AttributeCell], kind: SpanKind) {
        self.sought.clear();
        self.sought.push(Said { key: StringId::MAX, sort: 0, value: kind as u64 });
        let (mut has_address, mut has_network_address) = (false, false);
        for cell in attributes {
            let Some(key) = self.key(columns, cell.key()).filter(|key| key.names_peer_of(kind)) else { continue };
            has_network_address |= key.is_network_address();
            has_address |= key.is_address() && is_text(columns, cell.value());
            self.sought.push(said(cell));
        }
        if has_address && has_network_address {
            // Has no say then, and changes with every connection: it would make each description a new one.
            let keys = &self.keys;
            self.sought.retain(
                |said| !matches!(keys.get(said.key as usize), Some(KnownKey::Peer(key)) if key.is_network_address()),
            );
        }
    }

    #[inline]
    fn key(&mut self, columns: &Columns, id: StringId) -> Option<PeerKey> {
        match self.keys[id as usize] {
            KnownKey::Peer(key) => Some(key),
            KnownKey::Other => None,
            KnownKey::New => {
                let key = PeerKey::from_text(&columns.strings[id as usize]);
                self.keys[id as usize] = key.map_or(KnownKey::Other, KnownKey::Peer);
                key
            }
        }
    }
}

fn is_text(columns: &Columns, value: ValueCell) -> bool {
    matches!(value, ValueCell::String(id) if !columns.strings[id as usize].is_empty())
}

fn said(cell: &AttributeCell) -> Said {
    let (sort, value) = match cell.value() {
        ValueCell::Empty => (0, 0),
        ValueCell::String(id) => (1, id.into()),
        ValueCell::Bool(value) => (2, value.into()),
        ValueCell::Int(value) => (3, value as u64),
        ValueCell::Double(value) => (4, value.to_bits()),
        ValueCell::Other(index) => (5, index.into()),
    };
    Said { key: cell.key(), sort, value }
}
