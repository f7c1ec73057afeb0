//! The promise of every store: what it accepts, when it says yes, and what it answers exactly.
//!
//! Not here: any engine but the in-memory one, and any protocol.
#![warn(missing_docs)]

pub mod batch;
pub mod capabilities;
pub mod clock;
pub mod condition;
#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod error;
pub mod feed;
pub mod lifecycle;
pub mod memory;
pub mod names;
pub mod query;
pub mod read;
pub mod rollup;
pub mod write;

pub use capabilities::SearchCapabilities;
pub use clock::Clock;
pub use condition::{AttributeScope, Comparison, Field, FieldCondition, Literal, Pattern, ValueTest};
pub use error::StorageError;
pub use feed::{CommittedGroup, Feed, News, Subscription};
pub use lifecycle::{Condition, Lifecycle};
pub use memory::MemoryStore;
pub use names::{
    AttributeValue, AttributesWanted, NameOrder, Names, NamesQuery, OperationName, ServiceName, ValueKind,
};
pub use query::{Answer, Completeness, Count, Cursor, Order, TraceList, TraceQuery};
pub use read::{StoredTrace, TraceReader};
pub use rollup::{EdgePoint, EdgeSeries, EdgesQuery, RedPoint, RedQuery, RedSeries, RedSteps};
pub use write::{Committed, SpanWriter};

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A whole engine: the server holds one as `Arc<dyn Store>`.
pub trait Store: SpanWriter + TraceReader + Lifecycle {}

impl<T: SpanWriter + TraceReader + Lifecycle> Store for T {}
