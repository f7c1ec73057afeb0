//! OpenTelemetry's protocol for traces, both ways. Not here: HTTP, gRPC, compression.

pub mod encode;
pub mod json;
pub mod proto;
pub mod status;
pub mod walk;

mod salvage;
#[cfg(test)]
mod tests;
