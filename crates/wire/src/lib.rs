//! The languages: bytes of foreign protocols to and from `model`, by total functions.
//!
//! No input panics a decoder, and one bad span never loses its neighbours.
//! Not here: sockets, status codes, and what becomes of a span.
#![warn(missing_docs)]

pub mod decoded;
pub mod jaeger;
pub mod limits;
pub mod otlp;
pub mod zipkin;

mod assemble;
mod base64;
mod fault;
mod intake;
mod json;
#[cfg(test)]
mod mutation;
#[cfg(test)]
mod outline;
mod protobuf;
mod tags;
mod thrift;

#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;

pub use decoded::{DecodeError, Decoded, DecodedBatch, Reason, Rejected};
pub use limits::Limits;
