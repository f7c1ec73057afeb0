//! How many memtables are on their way to become blocks, and waiting until one of them has. Not here: the memtables.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Counted by those who hand memtables over and by the builder.
#[derive(Default)]
pub(crate) struct Backlog {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    frozen: usize,
    /// Times that one was done with.
    done: u64,
}

impl Backlog {
    /// One more is on its way. Said before it is handed over, so that it is never done before it came.
    pub(crate) fn add(&self) {
        self.state().frozen += 1;
    }

    /// One could not be handed over.
    pub(crate) fn take_back(&self) {
        self.state().frozen -= 1;
    }

    /// The builder is done with one, whatever became of it.
    pub(crate) fn done(&self) {
        let mut state = self.state();
        state.frozen -= 1;
        state.done += 1;
        drop(state);
        self.changed.notify_all();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state().frozen == 0
    }

    /// Waits until one is done with, for so long at most. Whether one is; at once `false` when none is on its way.
    pub(crate) fn wait(&self, wait_max: Duration) -> bool {
        let state = self.state();
        let before = state.done;
        let goes_on = |state: &mut State| state.frozen > 0 && state.done == before;
        let (state, _) =
            self.changed.wait_timeout_while(state, wait_max, goes_on).unwrap_or_else(PoisonError::into_inner);
        state.done != before
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(3_600);

    #[test]
    fn whoever_waits_goes_on_when_one_is_done_and_does_not_wait_for_none() {
        let backlog = Backlog::default();
        assert!(!backlog.wait(LONG), "nothing is on its way");
        backlog.add();
        backlog.add();
        assert!(!backlog.wait(Duration::from_millis(1)), "nothing was done in time");
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| backlog.wait(LONG));
            backlog.done();
            // Whether it had begun to wait or not: the other one is not done, so it must be told of one now or later.
            backlog.done();
            assert_eq!((waiting.join().is_ok(), backlog.is_empty()), (true, true));
        });
        backlog.add();
        backlog.take_back();
        assert!(backlog.is_empty());
    }
}
