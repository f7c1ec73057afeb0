//! The contract between server and browser: paths, requests, answers, live frames and `columns v1`.
//!
//! Not here: axum, Leptos and engines. Times are nanoseconds; in JSON they are decimal strings, because JavaScript would round them.
#![warn(missing_docs)]

pub mod binary;
pub mod columns;
pub mod complete;
pub mod edges;
pub mod error;
pub mod live;
pub mod nanos;
pub mod routes;
pub mod search;
pub mod services;
pub mod status;
pub mod time;
pub mod trace;

pub use columns::TraceColumns;
pub use complete::Completeness;
pub use edges::{EdgeItem, EdgeList, EdgeSide, EdgesRequest, NodeItem};
pub use error::{ApiError, ErrorCode};
pub use search::{ResultOrder, SearchRequest, TraceItem, TraceList};
pub use services::{OperationItem, OperationList, ServiceItem, ServiceList, ServicesRequest};
pub use status::{Door, StoreStatus};
pub use time::TimePoint;
pub use trace::{AttributeItem, EventItem, LinkItem, SpanDetails, TraceHead, TypedValue};
