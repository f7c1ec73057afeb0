//! The trace page: header, timeline, details of a span.

pub mod address;
pub mod details;
pub mod timeline;

#[cfg(test)]
mod testing;
