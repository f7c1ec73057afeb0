//! Batches on their way to the committer, bounded by bytes. Not here: what the committer does with them.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use model::SpanBatch;
use storage::{Committed, StorageError};

use crate::reply;

/// A batch and who waits for it.
pub(crate) struct Pending {
    pub(crate) batch: Arc<SpanBatch>,
    /// Its size in memory.
    pub(crate) bytes: usize,
    /// When it came.
    pub(crate) since: Instant,
    pub(crate) sender: reply::Sender<Result<Committed, StorageError>>,
}

/// The queue itself.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    bytes_max: usize,
}

#[derive(Default)]
struct Waiting {
    batches: VecDeque<Pending>,
    /// Invariant: the sum of the bytes of `batches`.
    bytes: usize,
    closed: bool,
}

impl Queue {
    pub(crate) fn new(bytes_max: usize) -> Queue {
        Queue { waiting: Mutex::default(), changed: Condvar::new(), bytes_max }
    }

    /// Hands a batch over, or refuses it at once.
    pub(crate) fn push(&self, pending: Pending) -> Result<(), StorageError> {
        let mut waiting = self.waiting();
        if waiting.closed {
            return Err(closed());
        }
        // A batch larger than the whole queue may pass alone, or it would never.
        if !waiting.batches.is_empty() && waiting.bytes.saturating_add(pending.bytes) > self.bytes_max {
            return Err(full(waiting.bytes));
        }
        waiting.bytes += pending.bytes;
        waiting.batches.push_back(pending);
        drop(waiting);
        // Not one: the builder may be waiting here too, for the end.
        self.changed.notify_all();
        Ok(())
    }

    /// Why nothing fits now, if nothing does.
    pub(crate) fn refusal(&self) -> Option<StorageError> {
        let bytes = self.waiting().bytes;
        (bytes >= self.bytes_max).then(|| full(bytes))
    }

    /// What queued while the last group was written, up to `bytes_max`, a larger batch alone. When it had to wait for the
    /// first one, it waits up to `company` until as many as `expected` are there. Nothing when nothing came for `idle_max`; `None`
    /// when the queue is closed and empty.
    pub(crate) fn take(
        &self,
        bytes_max: usize,
        (company, expected): (Duration, usize),
        idle_max: Option<Duration>,
    ) -> Option<Vec<Pending>> {
        let mut waiting = self.waiting();
        let idle_until = idle_max.map(|idle_max| Instant::now() + idle_max);
        let mut is_idle = false;
        while waiting.batches.is_empty() {
            if waiting.closed {
                return None;
            }
            is_idle = true;
            let Some(until) = idle_until else {
                waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(Vec::new());
            }
            waiting = self.changed.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let until = Instant::now() + company;
        while is_idle && waiting.bytes < bytes_max && waiting.batches.len() < expected && !waiting.closed {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            waiting = self.changed.wait_timeout(waiting, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        let mut group: Vec<Pending> = Vec::new();
        let mut bytes = 0;
        while let Some(next) = waiting.batches.front() {
            if !group.is_empty() && bytes + next.bytes > bytes_max {
                break;
            }
            bytes += next.bytes;
            group.extend(waiting.batches.pop_front());
        }
        waiting.bytes -= bytes;
        Some(group)
    }

    /// Refuses what comes from now on; what waits is still taken.
    pub(crate) fn close(&self) {
        self.waiting().closed = true;
        self.changed.notify_all();
    }

    /// Waits at most so long, less when the queue is closed.
    pub(crate) fn wait_until_closed(&self, wait_max: Duration) {
        let waiting = self.waiting();
        drop(self.changed.wait_timeout_while(waiting, wait_max, |waiting| !waiting.closed));
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.waiting().closed
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn full(bytes: usize) -> StorageError {
    StorageError::Overloaded(format!("{bytes} bytes wait to be written"))
}

pub(crate) fn closed() -> StorageError {
    StorageError::Unavailable("store is closed".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::BatchBuilder;
    use model::testing::span;

    const ALONE: (Duration, usize) = (Duration::ZERO, 1);

    fn pending(bytes: usize) -> Pending {
        let mut builder = BatchBuilder::new();
        builder.push(&span(1, 1, None));
        let batch = Arc::new(builder.finish().expect("one span"));
        Pending { batch, bytes, since: Instant::now(), sender: reply::channel().0 }
    }

    #[test]
    fn a_full_queue_answers_at_once_and_a_giant_passes_alone() {
        let queue = Queue::new(100);
        assert!(queue.push(pending(500)).is_ok());
        assert!(matches!(queue.push(pending(1)), Err(StorageError::Overloaded(_))));
        assert_eq!(queue.take(50, ALONE, None).map(|group| group.len()), Some(1));
        assert!(queue.push(pending(60)).is_ok());
        assert!(queue.push(pending(40)).is_ok());
        assert!(matches!(queue.push(pending(1)), Err(StorageError::Overloaded(_))));
        assert!(matches!(queue.refusal(), Some(StorageError::Overloaded(_))));
        assert!(queue.take(500, ALONE, None).is_some());
        assert!(queue.refusal().is_none());
    }

    #[test]
    fn whoever_waits_on_an_empty_queue_is_let_go_in_time_and_the_queue_stays_open() {
        let queue = Queue::new(100);
        let idle_max = Some(Duration::from_millis(1));
        assert_eq!(queue.take(100, ALONE, idle_max).map(|group| group.len()), Some(0));
        queue.push(pending(1)).expect("fits");
        assert_eq!(queue.take(100, ALONE, idle_max).map(|group| group.len()), Some(1));
        queue.close();
        assert!(queue.take(100, ALONE, idle_max).is_none());
    }

    #[test]
    fn whoever_is_expected_and_there_is_not_waited_for() {
        let queue = Queue::new(1_000);
        std::thread::scope(|scope| {
            // So long that a wait to its end would be noticed.
            const COMPANY: (Duration, usize) = (Duration::from_secs(600), 2);
            let taken = scope.spawn(|| queue.take(1_000, COMPANY, None).map(|group| group.len()));
            queue.push(pending(1)).expect("fits");
            queue.push(pending(1)).expect("fits");
            assert_eq!(taken.join().expect("no panic"), Some(2));
        });
    }

    #[test]
    fn a_group_ends_before_the_batch_that_does_not_fit() {
        let queue = Queue::new(1_000);
        for bytes in [30, 30, 50, 200, 1] {
            queue.push(pending(bytes)).expect("fits");
        }
        queue.close();
        let sizes = std::iter::from_fn(|| queue.take(100, ALONE, None));
        let sizes: Vec<Vec<usize>> = sizes.map(|group| group.iter().map(|pending| pending.bytes).collect()).collect();
        assert_eq!(sizes, [vec![30, 30], vec![50], vec![200], vec![1]]);
        assert!(matches!(queue.push(pending(1)), Err(StorageError::Unavailable(_))));
    }
}
