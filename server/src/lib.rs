//! The process: sockets, ingest, queries, live feed and pages. It alone knows all rooms.
//!
//! Not here: what bytes mean (`wire`), how spans are kept (`storage-sled`), what pages look like (`app`).

pub mod allocator;
pub mod clock;
pub mod config;
pub mod connections;
pub mod demo;
pub mod descriptors;
pub mod health;
pub mod http;
pub mod ingest;
pub mod live;
pub mod opening;
pub mod query;
pub mod receivers;
pub mod sampling;
pub mod shutdown;
pub mod telemetry;
pub mod wiring;
