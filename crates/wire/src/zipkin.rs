//! Zipkin's languages for reporting spans: v2 in JSON and protobuf, v1 in JSON and Thrift, into one model.
//!
//! Not here: HTTP, and Zipkin's answers to questions.

pub mod v1_json;
pub mod v1_thrift;
pub mod v2_json;
pub mod v2_proto;

mod annotation;
mod draft;
mod json;
#[cfg(test)]
mod tests;
mod translate;
mod v1;
