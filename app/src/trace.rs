//! The trace page: header, timeline, details of a span.

pub mod address;
pub mod browser;
pub mod details;
pub mod faces;
pub mod header;
mod history;
pub mod hues;
pub mod key_bar;
pub mod legend;
pub mod loaded;
pub mod minimap;
pub mod page;
pub mod span_panel;
pub mod state;
pub mod timeline;

#[cfg(test)]
mod testing;

pub use page::TracePage;
