//! The words of Tracewell: spans, resources, links, traces, and pure algorithms over them.
//!
//! Not here: the time of day, disks, sockets, serialisation and Leptos. The same code runs in the server and in the browser.
//! Only `rollup` knows bytes: every engine must store the same counts in the same form.
#![warn(missing_docs)]

pub mod attribute;
pub mod batch;
pub mod edge;
pub mod exemplar;
pub mod id;
pub mod peer;
pub mod red;
pub mod resource;
pub mod rollup;
pub mod skeleton;
pub mod span;
pub mod summary;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
pub mod trace;
pub mod tree;
pub mod warning;

pub use attribute::{Attribute, Attributes, Value};
pub use batch::{BatchBuilder, SpanBatch};
pub use edge::{EdgeCell, EdgeKey, Node, NodeKind};
pub use exemplar::{Exemplar, Exemplars};
pub use id::{SpanId, TraceId};
pub use peer::Peer;
pub use red::{LatencyHistogram, RedCell};
pub use resource::{Resource, Scope};
pub use skeleton::TraceSkeleton;
pub use span::{Event, Link, Span, SpanKind, Status, StatusCode};
pub use summary::{ServiceCount, TraceSummary};
pub use time::{SpanDuration, TimeRange, UnixNanos};
pub use trace::Trace;
pub use tree::TraceTree;
pub use warning::{Warning, Warnings};
