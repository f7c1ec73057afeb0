//! Every bound of this engine, with its default and the reason for it. Not here: where the values come from.

use std::sync::Arc;
use std::time::Duration;

use model::SpanDuration;

use crate::disk::{DiskSpace, RealDisk};

/// Bounds and policies of a store.
#[derive(Clone)]
pub struct Settings {
    /// Batches waiting for the committer, in bytes of memory. More is refused as overloaded. Default 32 MiB.
    pub queue_bytes_max: usize,
    /// A group takes batches up to this many bytes of memory; a larger batch is a group alone. Default 1 MiB: one flush of about 4 ms.
    pub group_bytes_max: usize,
    /// How long a lone batch waits for company. Default 2 ms, about what a flush costs.
    pub group_wait: Duration,
    /// A partition rolls after this many bytes of pages. Default 128 MiB: what was written stays in memory until its handle is dropped.
    pub partition_bytes_max: u64,
    /// Partitions open for reading at once. Default 8: each holds about 83 descriptors.
    pub partitions_open_max: usize,
    /// Decoded batches kept for readers, in bytes of memory. Default 64 MiB.
    pub cache_bytes_max: usize,
    /// Threads that read. Default 2.
    pub reader_threads: usize,
    /// Questions waiting for a reader. More is refused as overloaded. Default 256.
    pub read_queue_max: usize,
    /// How long opening a partition may take before it is set aside. Default 60 s.
    pub open_wait_max: Duration,
    /// Writes are refused below this many free bytes. Default: the larger of 1 GiB and 2 % of the disk, because sled must never meet a full disk.
    pub disk_free_min: Option<u64>,
    /// Partitions whose last span arrived longer ago are dropped. Default: none are.
    pub retention_age: Option<SpanDuration>,
    /// The oldest partitions are dropped while the store is larger. Default: none are.
    pub retention_bytes: Option<u64>,
    /// How often retention looks. Default 10 min: a clock that jumps costs one partition until then.
    pub retention_wait: Duration,
    /// How free space is measured.
    pub disk: Arc<dyn DiskSpace>,
}

const MIB: usize = 1 << 20;

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            queue_bytes_max: 32 * MIB,
            group_bytes_max: MIB,
            group_wait: Duration::from_millis(2),
            partition_bytes_max: 128 * MIB as u64,
            partitions_open_max: 8,
            cache_bytes_max: 64 * MIB,
            reader_threads: 2,
            read_queue_max: 256,
            open_wait_max: Duration::from_secs(60),
            disk_free_min: None,
            retention_age: None,
            retention_bytes: None,
            retention_wait: Duration::from_secs(600),
            disk: Arc::new(RealDisk),
        }
    }
}
