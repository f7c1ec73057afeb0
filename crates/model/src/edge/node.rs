//! What stands on the map: services, and what they depend on without it reporting spans.

/// Longest name of a node in bytes; what clients choose is cut, so that one name cannot fill a page.
pub const NODE_NAME_BYTES_MAX: usize = 256;

/// Distinct nodes of one kind that are told apart between two generations; further ones are counted as [`Node::OTHER`].
pub const NODES_MAX: usize = 4_096;

/// What a node is. The number is stored, so it is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NodeKind {
    /// Reports spans, or is called by its service name.
    Service = 0,
    /// A database.
    Database = 1,
    /// A database that keeps everything in memory: Redis and its relatives.
    Cache = 2,
    /// A queue or topic.
    Messaging = 3,
    /// A product of a cloud: a bucket, a table, a stream.
    Cloud = 4,
    /// A model that generates text, images or sound.
    GenAi = 5,
    /// A function that is invoked by name.
    Function = 6,
    /// Answers remote procedure calls and reports no spans.
    Rpc = 7,
    /// Any other host.
    External = 8,
    /// Where traces begin: people and programs which report nothing.
    User = 9,
    /// A side that did not report and that nothing names.
    Unknown = 10,
}

/// One node of the map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// What it is called, unique within its kind.
    pub name: Box<str>,
}

// === impl NodeKind ===

impl NodeKind {
    /// Every kind, by ascending number.
    pub const ALL: [NodeKind; 11] = [
        NodeKind::Service,
        NodeKind::Database,
        NodeKind::Cache,
        NodeKind::Messaging,
        NodeKind::Cloud,
        NodeKind::GenAi,
        NodeKind::Function,
        NodeKind::Rpc,
        NodeKind::External,
        NodeKind::User,
        NodeKind::Unknown,
    ];

    /// From the stored number.
    pub fn from_number(number: u8) -> Option<NodeKind> {
        NodeKind::ALL.get(usize::from(number)).copied()
    }

    /// Lower-case word, as links and messages write it.
    pub fn word(self) -> &'static str {
        match self {
            NodeKind::Service => "service",
            NodeKind::Database => "database",
            NodeKind::Cache => "cache",
            NodeKind::Messaging => "messaging",
            NodeKind::Cloud => "cloud",
            NodeKind::GenAi => "gen_ai",
            NodeKind::Function => "function",
            NodeKind::Rpc => "rpc",
            NodeKind::External => "external",
            NodeKind::User => "user",
            NodeKind::Unknown => "unknown",
        }
    }

    /// From the lower-case word.
    pub fn from_word(word: &str) -> Option<NodeKind> {
        NodeKind::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a call to it is an edge as soon as the client reported it.
    ///
    /// The rest may turn out to be a service which reports its half later.
    pub fn is_final(self) -> bool {
        matches!(self, NodeKind::Database | NodeKind::Cache | NodeKind::Messaging | NodeKind::Cloud | NodeKind::GenAi)
    }
}

// === impl Node ===

impl Node {
    /// Name of the node where traces begin.
    pub const USER: &str = "user";
    /// Name of a side that nothing names.
    pub const UNKNOWN: &str = "unknown";
    /// Name of the node that stands for all beyond [`NODES_MAX`].
    pub const OTHER: &str = "__other__";

    /// A node; its name is cut at [`NODE_NAME_BYTES_MAX`].
    pub fn new(kind: NodeKind, name: &str) -> Node {
        Node { kind, name: cut(name).into() }
    }

    /// A service.
    pub fn service(name: &str) -> Node {
        Node::new(NodeKind::Service, name)
    }

    /// Where traces begin.
    pub fn user() -> Node {
        Node::new(NodeKind::User, Node::USER)
    }

    /// A side that nothing names.
    pub fn unknown() -> Node {
        Node::new(NodeKind::Unknown, Node::UNKNOWN)
    }
}

/// The longest prefix of whole characters that fits a name.
pub(super) fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(NODE_NAME_BYTES_MAX)]
}
