//! The embedded keeper: spans in partitions of sled, acknowledged when they are on disk, found through an index in memory.
//!
//! Not here: HTTP, protocols, credentials. Only `sled_db` names sled. What is on disk is drawn in `docs/formats/store.md`.
#![warn(missing_docs)]

mod assemble;
pub mod block;
mod cache;
mod caretaker;
mod committer;
mod content;
mod disk;
mod durable;
mod error;
mod format;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod group;
mod handles;
mod index;
mod keys;
mod lock;
mod opening;
mod page;
mod partition;
mod quarantine;
mod queue;
mod read;
mod readers;
mod recovery;
mod repair;
mod reply;
mod retention;
mod settings;
mod shared;
mod sled_db;
mod store;

pub use disk::{DiskSpace, FreeSpace, RealDisk};
pub use error::OpenError;
pub use settings::Settings;
pub use store::SledStore;
