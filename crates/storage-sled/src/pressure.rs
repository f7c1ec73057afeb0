//! Whether the store is asked for more than it can do: memory of the process, and how long batches wait to be durable.
//!
//! Not here: free space (`disk`), the bounds of the queue and of memtables, which are asked where they fill.

use std::collections::VecDeque;
use std::fs;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Memory is looked at so often at most: it costs some microseconds, and megabytes come in less.
const LOOK_WAIT: Duration = Duration::from_millis(100);

/// What waited longer than this was slow.
const COMMIT_WAIT_MAX: Duration = Duration::from_secs(1);

/// Commits count for so long; nothing else ends a refusal that lets no commit happen. It is what clients are told to wait.
const COMMITS_KEPT: Duration = Duration::from_secs(5);

/// And so many of them at most.
const COMMITS_MAX: usize = 4_096;

/// Fewer slow commits are no load but a hiccup.
const SLOW_MIN: usize = 8;

/// One in so many may be slow.
const SLOW_SHARE: usize = 100;

/// Measures the process.
pub trait ProcessMemory: Send + Sync {
    /// Bytes that it has in memory.
    fn resident_bytes(&self) -> io::Result<u64>;
}

/// Asks the operating system.
#[derive(Clone, Copy, Debug)]
pub struct RealMemory;

impl ProcessMemory for RealMemory {
    fn resident_bytes(&self) -> io::Result<u64> {
        let status = fs::read_to_string("/proc/self/status")?;
        resident(&status).ok_or_else(|| io::Error::other("/proc/self/status has no line VmRSS"))
    }
}

/// `VmRSS:     4636 kB`.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1_024)
}

/// What was seen lately.
pub(crate) struct Pressure {
    memory: Arc<dyn ProcessMemory>,
    resident_bytes_max: Option<u64>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    looked: Option<Instant>,
    /// As of then; `None` when it cannot be known.
    resident: Option<u64>,
    /// When, and whether it was slow.
    commits: VecDeque<(Instant, bool)>,
    /// Invariant: how many of `commits` were slow.
    slow: usize,
}

// === impl Pressure ===

impl Pressure {
    pub(crate) fn new(memory: Arc<dyn ProcessMemory>, resident_bytes_max: Option<u64>) -> Pressure {
        Pressure { memory, resident_bytes_max, seen: Mutex::default() }
    }

    /// A batch became durable after it had waited so long.
    pub(crate) fn note_commit(&self, now: Instant, waited: Duration) {
        let is_slow = waited > COMMIT_WAIT_MAX;
        let mut seen = self.seen();
        seen.forget(now, COMMITS_MAX - 1);
        seen.commits.push_back((now, is_slow));
        seen.slow += usize::from(is_slow);
    }

    /// Why nothing should be added for a while, because commits take too long.
    pub(crate) fn is_slow(&self, now: Instant) -> Option<String> {
        let mut seen = self.seen();
        seen.forget(now, COMMITS_MAX);
        let (slow, all) = (seen.slow, seen.commits.len());
        let is_slow = slow >= SLOW_MIN && slow * SLOW_SHARE > all;
        is_slow.then(|| format!("{slow} of the last {all} batches took over {COMMIT_WAIT_MAX:?} to become durable"))
    }

    /// How full memory is, when it is too full.
    pub(crate) fn is_full(&self, now: Instant) -> Option<String> {
        let bytes_max = self.resident_bytes_max?;
        let mut seen = self.seen();
        if seen.looked.is_none_or(|looked| now.saturating_duration_since(looked) >= LOOK_WAIT) {
            seen.looked = Some(now);
            seen.resident = self.memory.resident_bytes().ok();
        }
        let resident = seen.resident.filter(|bytes| *bytes > bytes_max)?;
        Some(format!("the process has {resident} bytes in memory, {bytes_max} are planned"))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Seen ===

impl Seen {
    /// Lets go of commits that are too old, and of more than `commits_max`.
    fn forget(&mut self, now: Instant, commits_max: usize) {
        while let Some((when, is_slow)) = self.commits.front().copied() {
            if self.commits.len() <= commits_max && now.saturating_duration_since(when) < COMMITS_KEPT {
                return;
            }
            self.commits.pop_front();
            self.slow -= usize::from(is_slow);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct TestMemory(AtomicU64);

    impl ProcessMemory for TestMemory {
        fn resident_bytes(&self) -> io::Result<u64> {
            Ok(self.0.load(Ordering::SeqCst))
        }
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn memory_is_full_above_its_bound_and_not_any_more_when_it_comes_back() {
        let memory = Arc::new(TestMemory(AtomicU64::new(100)));
        let pressure = Pressure::new(Arc::clone(&memory) as Arc<dyn ProcessMemory>, Some(100));
        let begin = Instant::now();
        assert_eq!(pressure.is_full(begin), None);
        memory.0.store(101, Ordering::SeqCst);
        assert_eq!(pressure.is_full(begin + LOOK_WAIT - MS), None, "not looked at again so soon");
        let told = pressure.is_full(begin + LOOK_WAIT);
        assert_eq!(told.as_deref(), Some("the process has 101 bytes in memory, 100 are planned"));
        memory.0.store(99, Ordering::SeqCst);
        assert!(pressure.is_full(begin + LOOK_WAIT + MS).is_some());
        assert_eq!(pressure.is_full(begin + 2 * LOOK_WAIT), None);
        assert_eq!(Pressure::new(memory, None).is_full(begin), None, "no bound, no refusal");
    }

    #[test]
    fn commits_are_slow_when_more_than_one_in_a_hundred_is_and_only_for_a_while() {
        let pressure = Pressure::new(Arc::new(RealMemory), None);
        let begin = Instant::now();
        let commits = |count: usize, waited: Duration| (0..count).for_each(|_| pressure.note_commit(begin, waited));
        commits(SLOW_MIN - 1, COMMIT_WAIT_MAX + MS);
        assert_eq!(pressure.is_slow(begin), None, "a hiccup");
        commits(1, COMMIT_WAIT_MAX + MS);
        assert!(pressure.is_slow(begin).is_some_and(|told| told.starts_with("8 of the last 8 batches")));
        commits(SLOW_MIN * (SLOW_SHARE - 1), COMMIT_WAIT_MAX);
        assert_eq!(pressure.is_slow(begin), None, "one in a hundred");
        commits(1, COMMIT_WAIT_MAX + MS);
        assert!(pressure.is_slow(begin + COMMITS_KEPT - MS).is_some());
        assert_eq!(pressure.is_slow(begin + COMMITS_KEPT), None, "else no commit would ever end it");
    }

    #[test]
    fn what_is_noted_of_commits_is_bounded() {
        let pressure = Pressure::new(Arc::new(RealMemory), None);
        let begin = Instant::now();
        (0..COMMITS_MAX + 10).for_each(|_| pressure.note_commit(begin, COMMIT_WAIT_MAX + MS));
        let seen = pressure.seen();
        assert_eq!((seen.commits.len(), seen.slow), (COMMITS_MAX, COMMITS_MAX));
    }

    #[test]
    fn the_process_tells_how_large_it_is() {
        assert_eq!(resident("VmHWM:\t 99 kB\nVmRSS:\t    4636 kB\nThreads:\t1\n"), Some(4_636 * 1_024));
        assert_eq!(resident("VmRSS:\t x kB"), None);
        assert!(RealMemory.resident_bytes().expect("tests run where there is /proc") > 100_000);
    }
}
