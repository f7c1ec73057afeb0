//! Jaeger's two languages for reporting spans, into one model. Not here: UDP, HTTP, gRPC, and Jaeger's answers to questions.

pub mod proto;
pub mod thrift;

mod draft;
mod peer;
#[cfg(test)]
mod tests;
mod translate;

pub use thrift::{Batch, ClientReport, ClientStats, Envelope};
