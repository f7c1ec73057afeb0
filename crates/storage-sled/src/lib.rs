//! The embedded keeper: spans are acknowledged when a journal holds them, and become columnar blocks a little later; both in sled.
//!
//! Not here: HTTP, protocols, credentials. Only `sled_db` names sled. What is on disk is drawn in `docs/formats/store.md`.
#![warn(missing_docs)]

mod assemble;
mod backlog;
pub mod block;
mod blocks;
mod build;
mod builder;
mod cache;
mod caretaker;
mod catalog;
mod committer;
mod company;
mod content;
mod damage;
mod disk;
mod durable;
mod error;
mod failpoint;
mod format;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod group;
mod guard;
mod handles;
mod home;
mod hot;
mod index;
mod keys;
mod known;
mod lock;
mod meta;
mod opening;
mod page;
mod pages;
mod partition;
mod patience;
mod pressure;
mod quarantine;
mod queue;
mod read;
mod readers;
mod recovery;
mod repair;
mod reply;
mod retention;
mod rollup;
mod segment;
mod settings;
mod shared;
mod sled_db;
mod store;
mod unopened;
mod witness;

pub use disk::{DiskSpace, FreeSpace, RealDisk};
pub use error::OpenError;
#[cfg(feature = "failpoints")]
pub use failpoint::NAMES as FAILPOINTS;
pub use pressure::{ProcessMemory, RealMemory};
pub use settings::{MEMORY_SMALL, Settings};
pub use store::SledStore;
