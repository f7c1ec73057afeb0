//! Edge cells in the making: nodes as numbers, cells by number and minute. Not here: which spans make an edge.

use std::collections::HashMap;
use std::num::NonZeroU32;

use foldhash::fast::RandomState;

use super::node::cut;
use super::{Call, Connection, EdgeCell, EdgeKey, NODES_MAX, Node, NodeKind};
use crate::batch::Dictionary;
use crate::red::LatencyLog;
use crate::rollup::EdgeCells;

/// A node as a number: its kind plus one in the upper byte, the number of its name among that kind below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeId(NonZeroU32);

/// An edge in one minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CellKey {
    pub(super) client: NodeId,
    pub(super) server: NodeId,
    pub(super) connection: Connection,
    pub(super) minute: u32,
}

/// The names of nodes, by kind and number.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    names: [Dictionary; NodeKind::ALL.len()],
}

/// Cells by edge and minute.
#[derive(Clone, Debug, Default)]
pub(super) struct Cells {
    cells: HashMap<CellKey, Making, RandomState>,
}

/// A cell, and what its histograms are owed.
#[derive(Clone, Debug, Default)]
struct Making {
    cell: EdgeCell,
    client: LatencyLog,
    server: LatencyLog,
}

/// Number of the name [`Node::OTHER`] in every kind.
const OTHER: u32 = 0x00ff_ffff;

// === impl NodeId ===

impl NodeId {
    pub(super) const USER: NodeId = NodeId::new(NodeKind::User, 0);
    pub(super) const UNKNOWN: NodeId = NodeId::new(NodeKind::Unknown, 0);

    const fn new(kind: NodeKind, number: u32) -> NodeId {
        NodeId(NonZeroU32::new((kind as u32 + 1) << 24 | number).expect("the upper byte is not zero"))
    }

    pub(super) fn kind(self) -> NodeKind {
        NodeKind::from_number((self.0.get() >> 24) as u8 - 1).expect("NodeId::new took it from a kind")
    }

    fn number(self) -> u32 {
        self.0.get() & OTHER
    }
}

// === impl Nodes ===

impl Nodes {
    /// The number of a node; that of [`Node::OTHER`] of its kind when there are too many.
    pub(super) fn id(&mut self, kind: NodeKind, name: &str) -> NodeId {
        let names = &mut self.names[kind as usize];
        let mut number = if name == Node::OTHER { OTHER } else { names.intern(cut(name)) };
        if number != OTHER && number as usize >= NODES_MAX {
            names.truncate(NODES_MAX);
            number = OTHER;
        }
        NodeId::new(kind, number)
    }

    pub(super) fn name(&self, id: NodeId) -> &str {
        match (id.kind(), id.number()) {
            (NodeKind::User, _) => Node::USER,
            (NodeKind::Unknown, _) => Node::UNKNOWN,
            (_, OTHER) => Node::OTHER,
            (kind, number) => self.names[kind as usize].get(number).expect("only Nodes::id makes it"),
        }
    }

    pub(super) fn node(&self, id: NodeId) -> Node {
        Node::new(id.kind(), self.name(id))
    }
}

// === impl Cells ===

impl Cells {
    pub(super) fn add(&mut self, key: CellKey, call: &Call) {
        self.cells.entry(key).or_default().add(call);
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Calls `count` with each cell, in no order.
    pub(super) fn for_each(&mut self, nodes: &Nodes, mut count: impl FnMut(&EdgeKey, u32, &EdgeCell)) {
        #[expect(clippy::iter_over_hash_type, reason = "whoever counts adds up, in whatever order")]
        for (key, making) in &mut self.cells {
            making.settle();
            let (client, server) = (nodes.node(key.client), nodes.node(key.server));
            count(&EdgeKey { client, server, connection: key.connection }, key.minute, &making.cell);
        }
    }

    /// With names instead of numbers.
    pub(super) fn named(self, nodes: &Nodes) -> EdgeCells {
        let mut named = EdgeCells::default();
        #[expect(clippy::iter_over_hash_type, reason = "each key once, into a sorted map")]
        for (key, mut making) in self.cells {
            making.settle();
            let (client, server) = (nodes.node(key.client), nodes.node(key.server));
            named.add(EdgeKey { client, server, connection: key.connection }, key.minute, making.cell);
        }
        named
    }
}

// === impl Making ===

impl Making {
    fn add(&mut self, call: &Call) {
        self.cell.count(call);
        if let Some(duration) = call.client {
            self.client.add(duration, &mut self.cell.client);
        }
        if let Some(duration) = call.server {
            self.server.add(duration, &mut self.cell.server);
        }
    }

    fn settle(&mut self) {
        self.client.settle(&mut self.cell.client);
        self.server.settle(&mut self.cell.server);
    }
}
