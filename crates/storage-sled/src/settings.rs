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
    /// A memtable becomes a block at this many spans. Default 524,288, what fits into one block.
    pub generation_spans_max: usize,
    /// Or when its batches take about this many bytes of memory. Default 128 MiB.
    pub generation_bytes_max: usize,
    /// Spans are refused as overloaded while the batches of all memtables take more than this. Default 384 MiB: one memtable
    /// that fills, one that waits and one that becomes a block.
    pub memtables_bytes_max: usize,
    /// Or when its journal has this many bytes. Default 64 MiB: what was written stays in memory until the journal is closed.
    pub journal_bytes_max: u64,
    /// A span that comes again is known while it is in one of so many newest blocks, as long as it may take to come. Default 64, 33
    /// million spans in full blocks; each keeps a little more than a byte per trace in memory for it.
    pub known_blocks_max: usize,
    /// Whether memtables become blocks at all. Default true; without, everything stays in journals and in memory.
    pub builds_blocks: bool,
    /// A partition gets no more blocks at this many bytes, or on another day. Default 8 GiB.
    pub partition_bytes_max: u64,
    /// The partition that gets blocks is opened anew after so many bytes, which frees the memory that they took. Default 128 MiB.
    pub recycle_bytes: u64,
    /// Partitions open for reading at once. Default 8: each holds about 83 descriptors.
    pub partitions_open_max: usize,
    /// What is kept for readers, in bytes of memory: hot columns half, open blocks three eighths, pages the rest. Default 256 MiB:
    /// about 60 MB of hot columns and 80 MB of open blocks for ten million spans.
    pub cache_bytes_max: usize,
    /// Decoded cells of rollups kept for readers, in bytes of memory. Default 32 MiB: a day of twenty services.
    pub cells_bytes_max: usize,
    /// Threads that read. Default 2.
    pub reader_threads: usize,
    /// Questions waiting for a reader. More is refused as overloaded. Default 256.
    pub read_queue_max: usize,
    /// How long a search, or counting names of attributes, may take before the answer is what was found until then. Default 30 s.
    pub search_wait_max: Duration,
    /// How long opening a Db may take before it is set aside. Default 60 s.
    pub open_wait_max: Duration,
    /// Writes are refused below this many free bytes. Default: the larger of 1 GiB and 2 % of the disk, because sled must never meet a full disk.
    pub disk_free_min: Option<u64>,
    /// Space held for the day when the disk is full, so that the store can still be opened and read. Default 64 MiB; 0 holds none.
    pub ballast_bytes: u64,
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
            generation_spans_max: crate::block::BLOCK_ROWS_MAX,
            generation_bytes_max: 128 * MIB,
            memtables_bytes_max: 384 * MIB,
            journal_bytes_max: 64 * MIB as u64,
            known_blocks_max: 64,
            builds_blocks: true,
            partition_bytes_max: 8 << 30,
            recycle_bytes: 128 * MIB as u64,
            partitions_open_max: 8,
            cache_bytes_max: 256 * MIB,
            cells_bytes_max: 32 * MIB,
            reader_threads: 2,
            read_queue_max: 256,
            search_wait_max: Duration::from_secs(30),
            open_wait_max: Duration::from_secs(60),
            disk_free_min: None,
            ballast_bytes: 64 * MIB as u64,
            retention_age: None,
            retention_bytes: None,
            retention_wait: Duration::from_secs(600),
            disk: Arc::new(RealDisk),
        }
    }
}
