//! Reporting to a whole server over real sockets: what each door answers, and what is stored then.
//!
//! Not here: how single parts compute; their tests stand beside them.
#![expect(clippy::unwrap_used, reason = "helpers of tests may do what tests may")]

mod bad_input;
mod configuration;
mod connections;
mod edges;
mod good_input;
mod grpc;
mod grpc_call;
mod harness;
mod hostile_store;
mod jaeger;
mod jaeger_grpc;
mod jaeger_udp;
mod overload;
mod process;
mod sampling;
mod thrift;
mod zipkin;
