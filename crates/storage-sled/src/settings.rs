//! Every bound of this engine, with its default and the reason for it. Not here: where the values come from.

use std::sync::Arc;
use std::time::Duration;

use model::SpanDuration;
use model::edge::SPANS_MAX;

use crate::disk::{DiskSpace, RealDisk};
use crate::pressure::{ProcessMemory, RealMemory};

/// Bounds and policies of a store. Bounds that follow the memory of the process are said for 256 MiB and for 1.5 GiB.
#[derive(Clone)]
pub struct Settings {
    /// Batches waiting for the committer, in bytes of memory. More is refused as overloaded. 8 to 32 MiB.
    pub queue_bytes_max: usize,
    /// A group takes batches up to this many bytes of memory; a larger batch is a group alone. Default 1 MiB: one flush of about 4 ms.
    pub group_bytes_max: usize,
    /// How long a batch waits for company when the committer is idle, a quarter of it when company seldom comes. Default 8 ms: a
    /// flush takes about a millisecond of processor time, however little it writes, which is as much as 200 spans take in all.
    pub group_wait: Duration,
    /// A memtable becomes a block at this many spans. 131,072 to 524,288, what fits into one block.
    pub generation_spans_max: usize,
    /// Or when it takes about this many bytes of memory. 24 to 128 MiB.
    pub generation_bytes_max: usize,
    /// Spans are refused as overloaded while all memtables take more than this. 48 MiB, one that fills and one that becomes
    /// a block, to 384 MiB, with one that waits between them.
    pub memtables_bytes_max: usize,
    /// Or when it is so old and has at least `generation_age_spans_min` spans. Default 5 min: else what comes slowly would stay in
    /// its journal, which takes four times the room of a block, and be replayed at each start.
    pub generation_age_max: Duration,
    /// Default 65,536: from there on a block takes hardly more bytes per span than a full one.
    pub generation_age_spans_min: u64,
    /// Or when it is so old, however few spans it has. Default 1 h: a block costs an fsync or two, and each reader a look.
    pub generation_age_few_max: Duration,
    /// Or when its journal has this many bytes. 16 to 64 MiB: what was written stays in memory until the journal is closed.
    pub journal_bytes_max: u64,
    /// A span that comes again is known while it is in one of so many newest blocks, as long as it may take to come. 16, two
    /// million spans in full blocks of the small profile, to 64, which is 33 million; each keeps a little more than a byte per trace in
    /// memory for it.
    pub known_blocks_max: usize,
    /// Services and names of spans in memtables are numbered, which makes searching for them quick, while this takes no more bytes.
    /// Further ones are looked up in the batches of their spans. 8 to 64 MiB,
    /// half a million names of 30 bytes.
    pub interner_bytes_max: usize,
    /// Whether memtables become blocks at all. Default true; without, everything stays in journals and in memory.
    pub builds_blocks: bool,
    /// A partition gets no more blocks at this many bytes, or on another day. Default 8 GiB.
    pub partition_bytes_max: u64,
    /// The partition that gets blocks is opened anew after so many bytes, which frees the memory that they took. 16 to 32 MiB.
    pub recycle_bytes: u64,
    /// Partitions open for reading at once. 3 to 8: each holds about 83 descriptors.
    pub partitions_open_max: usize,
    /// What is kept for readers, in bytes of memory: hot columns and cells half, open blocks three eighths, pages the rest.
    /// 32 to 256 MiB: about 60 MB of hot columns and 80 MB of open blocks for ten million spans.
    pub cache_bytes_max: usize,
    /// Decoded cells of rollups kept for readers, in bytes of memory. 4 to 32 MiB, a day of twenty services.
    pub cells_bytes_max: usize,
    /// Cells of counts that a memtable may have: at so many it becomes a block, so that odd times cannot fill the memory.
    /// 32,768, some 12 MB, to 131,072.
    pub counted_cells_max: usize,
    /// Spans remembered to find the other half of a call, about 120 bytes each. 131,072 to 262,144, what 50,000 a second are in
    /// some five seconds.
    pub matched_spans_max: usize,
    /// Spans in blocks whose fingerprints are kept, to know them when they come again; less than 9 bytes each. 327,680, the last two
    /// memtables and more, to 2,097,152.
    pub remembered_spans_max: usize,
    /// The last groups kept for followers, in bytes of memory. 2 to 16 MiB.
    pub feed_bytes_max: usize,
    /// Spans are refused as overloaded, and memtables become blocks early, while the process has more than this many bytes in
    /// memory. For a given memory 70 % of it; by default there is no bound.
    pub resident_bytes_max: Option<u64>,
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
    /// How the memory of the process is measured.
    pub memory: Arc<dyn ProcessMemory>,
}

const MIB: usize = 1 << 20;

/// Memory of the small profile, bytes; a store does not work with less.
pub const MEMORY_SMALL: u64 = 256 << 20;

/// From here on the bounds do not grow any more.
const MEMORY_DEFAULT: u64 = 1_536 << 20;

/// The part of the memory above which spans are refused.
const RESIDENT_TENTHS: u64 = 7;

// === impl Settings ===

impl Settings {
    /// The bounds for a process that may use `bytes` of memory: the small profile, the default one, or between them by proportion.
    pub fn for_memory(bytes: u64) -> Settings {
        let share = bytes.clamp(MEMORY_SMALL, MEMORY_DEFAULT) - MEMORY_SMALL;
        let between = |small: usize, default: usize| {
            let more = (default - small) as u128 * u128::from(share) / u128::from(MEMORY_DEFAULT - MEMORY_SMALL);
            small + usize::try_from(more).expect("a part of a difference of two of these")
        };
        Settings {
            queue_bytes_max: between(8 * MIB, 32 * MIB),
            generation_spans_max: between(131_072, crate::block::BLOCK_ROWS_MAX),
            generation_bytes_max: between(24 * MIB, 128 * MIB),
            memtables_bytes_max: between(48 * MIB, 384 * MIB),
            journal_bytes_max: between(16 * MIB, 64 * MIB) as u64,
            known_blocks_max: between(16, 64),
            interner_bytes_max: between(8 * MIB, 64 * MIB),
            recycle_bytes: between(16 * MIB, 32 * MIB) as u64,
            partitions_open_max: between(3, 8),
            cache_bytes_max: between(32 * MIB, 256 * MIB),
            cells_bytes_max: between(4 * MIB, 32 * MIB),
            counted_cells_max: between(32_768, 131_072),
            matched_spans_max: between(131_072, SPANS_MAX),
            remembered_spans_max: between(327_680, 2_097_152),
            feed_bytes_max: between(2 * MIB, 16 * MIB),
            ballast_bytes: between(16 * MIB, 64 * MIB) as u64,
            resident_bytes_max: Some(bytes.max(MEMORY_SMALL) / 10 * RESIDENT_TENTHS),
            read_queue_max: between(64, 256),
            ..Settings::default()
        }
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            queue_bytes_max: 32 * MIB,
            group_bytes_max: MIB,
            group_wait: Duration::from_millis(8),
            generation_spans_max: crate::block::BLOCK_ROWS_MAX,
            generation_bytes_max: 128 * MIB,
            memtables_bytes_max: 384 * MIB,
            journal_bytes_max: 64 * MIB as u64,
            known_blocks_max: 64,
            interner_bytes_max: 64 * MIB,
            generation_age_max: Duration::from_secs(300),
            generation_age_spans_min: 65_536,
            generation_age_few_max: Duration::from_secs(3_600),
            builds_blocks: true,
            partition_bytes_max: 8 << 30,
            recycle_bytes: 32 * MIB as u64,
            partitions_open_max: 8,
            cache_bytes_max: 256 * MIB,
            cells_bytes_max: 32 * MIB,
            counted_cells_max: 131_072,
            matched_spans_max: SPANS_MAX,
            remembered_spans_max: 2_097_152,
            feed_bytes_max: 16 * MIB,
            resident_bytes_max: None,
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
            memory: Arc::new(RealMemory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that follows the memory.
    fn bounds(settings: &Settings) -> [u64; 16] {
        [
            settings.known_blocks_max as u64,
            settings.interner_bytes_max as u64,
            settings.feed_bytes_max as u64,
            settings.queue_bytes_max as u64,
            settings.generation_spans_max as u64,
            settings.generation_bytes_max as u64,
            settings.memtables_bytes_max as u64,
            settings.journal_bytes_max,
            settings.recycle_bytes,
            settings.partitions_open_max as u64,
            settings.cache_bytes_max as u64,
            settings.remembered_spans_max as u64,
            settings.read_queue_max as u64,
            settings.cells_bytes_max as u64,
            settings.counted_cells_max as u64,
            settings.matched_spans_max as u64,
        ]
    }

    fn bounds_for(memory: u64) -> [u64; 16] {
        bounds(&Settings::for_memory(memory))
    }

    #[test]
    fn no_bound_falls_when_memory_rises() {
        let small = bounds_for(MEMORY_SMALL);
        assert_eq!(bounds_for(0), small, "less than the small profile is not planned with");
        let mut before = small;
        for memory in (MEMORY_SMALL..=MEMORY_DEFAULT).step_by(10 << 20) {
            let now = bounds_for(memory);
            assert!(before.iter().zip(&now).all(|(before, now)| before <= now), "{memory}: {before:?}, then {now:?}");
            before = now;
        }
        assert!(small.iter().zip(bounds_for(MEMORY_DEFAULT)).all(|(small, default)| *small < default));
    }

    #[test]
    fn plenty_of_memory_gives_the_defaults() {
        assert_eq!(bounds_for(MEMORY_DEFAULT), bounds(&Settings::default()));
        assert_eq!(bounds_for(u64::MAX), bounds(&Settings::default()));
    }

    #[test]
    fn what_the_small_profile_plans_with_leaves_a_quarter_of_its_memory_for_the_rest() {
        let small = Settings::for_memory(MEMORY_SMALL);
        let journals = 2 * small.journal_bytes_max;
        let bytes = small.queue_bytes_max + small.memtables_bytes_max + small.cache_bytes_max;
        assert!(bytes as u64 + journals + small.recycle_bytes <= MEMORY_SMALL * 3 / 4);
    }
}
