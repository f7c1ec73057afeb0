//! Things that readers used last, bounded by bytes. Not here: how they are read.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Values by key; those used longest ago go first.
pub(crate) struct Cache<K, V> {
    entries: Mutex<Entries<K, V>>,
    bytes_max: usize,
}

struct Entries<K, V> {
    by_key: HashMap<K, Entry<V>>,
    /// Invariant: one line per entry, by the tick of its last use.
    by_use: BTreeMap<u64, K>,
    tick: u64,
    bytes: usize,
}

struct Entry<V> {
    value: V,
    bytes: usize,
    used: u64,
}

impl<K: Copy + Eq + Hash, V: Clone> Cache<K, V> {
    pub(crate) fn new(bytes_max: usize) -> Cache<K, V> {
        let entries = Entries { by_key: HashMap::new(), by_use: BTreeMap::new(), tick: 0, bytes: 0 };
        Cache { entries: Mutex::new(entries), bytes_max }
    }

    pub(crate) fn get(&self, key: K) -> Option<V> {
        let mut entries = self.entries();
        entries.tick += 1;
        let tick = entries.tick;
        let entry = entries.by_key.get_mut(&key)?;
        let before = std::mem::replace(&mut entry.used, tick);
        let value = entry.value.clone();
        entries.by_use.remove(&before);
        entries.by_use.insert(tick, key);
        Some(value)
    }

    /// Keeps a value of about `bytes`, and lets go of those used longest ago. One larger than the cache is not kept.
    pub(crate) fn put(&self, key: K, value: V, bytes: usize) {
        let mut entries = self.entries();
        if bytes > self.bytes_max || entries.by_key.contains_key(&key) {
            return;
        }
        while entries.bytes + bytes > self.bytes_max {
            let Some((_, oldest)) = entries.by_use.pop_first() else { break };
            let gone = entries.by_key.remove(&oldest).map_or(0, |entry| entry.bytes);
            entries.bytes -= gone;
        }
        entries.tick += 1;
        let used = entries.tick;
        entries.bytes += bytes;
        entries.by_use.insert(used, key);
        entries.by_key.insert(key, Entry { value, bytes, used });
    }

    /// Lets go of everything whose key is not wanted any more.
    pub(crate) fn retain(&self, mut is_wanted: impl FnMut(&K) -> bool) {
        let mut entries = self.entries();
        let gone: Vec<u64> = entries.by_use.iter().filter(|(_, key)| !is_wanted(key)).map(|(used, _)| *used).collect();
        for used in gone {
            let entry = entries.by_use.remove(&used).and_then(|key| entries.by_key.remove(&key));
            entries.bytes -= entry.map_or(0, |entry| entry.bytes);
        }
    }

    fn entries(&self) -> MutexGuard<'_, Entries<K, V>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_used_longest_ago_goes_first() {
        let cache = Cache::new(20);
        cache.put(1, "one", 10);
        cache.put(2, "two", 10);
        assert!(cache.get(1).is_some());
        cache.put(3, "three", 10);
        cache.put(4, "giant", 21);
        assert_eq!([1, 2, 3, 4].map(|key| cache.get(key)), [Some("one"), None, Some("three"), None]);
    }

    #[test]
    fn what_is_not_wanted_makes_room() {
        let cache = Cache::new(20);
        cache.put(1, "one", 10);
        cache.put(2, "two", 10);
        cache.retain(|key| *key == 2);
        cache.put(3, "three", 10);
        assert_eq!([1, 2, 3].map(|key| cache.get(key).is_some()), [false, true, true]);
    }
}
