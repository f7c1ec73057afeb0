//! Questions about stored traces, the same for every API and page. Not here: HTTP, and how spans are kept.

pub mod adjust;
pub mod base64;
pub mod cursor;
pub mod details;
pub mod duration;
pub mod edges;
pub mod filter;
pub mod pages;
pub mod search;
pub mod service;
pub mod services;

mod cache;
mod turnstile;

pub(crate) use turnstile::compute;

pub use adjust::Arranged;
pub use pages::PageClient;
pub use service::{QueryLimits, QueryService};
