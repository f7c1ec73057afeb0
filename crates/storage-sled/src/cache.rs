//! Decoded batches that readers used last, bounded by bytes. Not here: how they are read.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::SpanBatch;

/// Batches by their number in the index.
pub(crate) struct BatchCache {
    entries: Mutex<Entries>,
    bytes_max: usize,
}

#[derive(Default)]
struct Entries {
    by_batch: HashMap<u32, Entry>,
    /// Invariant: one line per entry, by the tick of its last use.
    by_use: BTreeMap<u64, u32>,
    tick: u64,
    bytes: usize,
}

struct Entry {
    batch: Arc<SpanBatch>,
    bytes: usize,
    used: u64,
}

impl BatchCache {
    pub(crate) fn new(bytes_max: usize) -> BatchCache {
        BatchCache { entries: Mutex::default(), bytes_max }
    }

    pub(crate) fn get(&self, number: u32) -> Option<Arc<SpanBatch>> {
        let mut entries = self.entries();
        entries.tick += 1;
        let tick = entries.tick;
        let entry = entries.by_batch.get_mut(&number)?;
        let before = std::mem::replace(&mut entry.used, tick);
        let batch = Arc::clone(&entry.batch);
        entries.by_use.remove(&before);
        entries.by_use.insert(tick, number);
        Some(batch)
    }

    /// Keeps a batch, and lets go of those used longest ago. A batch larger than the cache is not kept.
    pub(crate) fn put(&self, number: u32, batch: Arc<SpanBatch>) {
        let bytes = batch.memory_bytes();
        let mut entries = self.entries();
        if bytes > self.bytes_max || entries.by_batch.contains_key(&number) {
            return;
        }
        while entries.bytes + bytes > self.bytes_max {
            let Some((_, oldest)) = entries.by_use.pop_first() else { break };
            let gone = entries.by_batch.remove(&oldest).map_or(0, |entry| entry.bytes);
            entries.bytes -= gone;
        }
        entries.tick += 1;
        let used = entries.tick;
        entries.bytes += bytes;
        entries.by_use.insert(used, number);
        entries.by_batch.insert(number, Entry { batch, bytes, used });
    }

    fn entries(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::BatchBuilder;
    use model::testing::span;

    #[test]
    fn the_batch_used_longest_ago_goes_first() {
        let mut builder = BatchBuilder::new();
        builder.push(&span(1, 1, None));
        let batch = Arc::new(builder.finish().expect("one span"));
        let cache = BatchCache::new(2 * batch.memory_bytes());
        cache.put(1, Arc::clone(&batch));
        cache.put(2, Arc::clone(&batch));
        assert!(cache.get(1).is_some());
        cache.put(3, batch);
        assert_eq!([1, 2, 3].map(|number| cache.get(number).is_some()), [true, false, true]);
    }
}
