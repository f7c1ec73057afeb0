//! What was issued and what became of it, kept by the process that is never killed. Shared by the writers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Sent, and no answer came: stored or not, but whole. A client sends it again.
    Unknown,
    /// Answered "not now", each time it was sent: it is not stored. A client sends it again.
    Refused,
    Acknowledged,
}

/// Requests by number. Those that retention dropped are taken out.
#[derive(Default)]
pub(super) struct Ledger {
    requests: Mutex<BTreeMap<u64, State>>,
    next: AtomicU64,
    acknowledged: AtomicU64,
}

impl Ledger {
    /// A number that no request had.
    pub(super) fn issue(&self) -> u64 {
        let number = self.next.fetch_add(1, Relaxed);
        self.locked().insert(number, State::Unknown);
        number
    }

    /// It is about to be sent again. Once in doubt, a refusal proves nothing.
    pub(super) fn repeat(&self, number: u64) {
        self.locked().insert(number, State::Unknown);
    }

    pub(super) fn refuse(&self, number: u64) {
        self.locked().insert(number, State::Refused);
    }

    pub(super) fn acknowledge(&self, number: u64) {
        self.locked().insert(number, State::Acknowledged);
        self.acknowledged.fetch_add(1, Relaxed);
    }

    /// It was there and retention took it.
    pub(super) fn forget(&self, number: u64) {
        self.locked().remove(&number);
    }

    /// Acknowledgements so far.
    pub(super) fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Relaxed)
    }

    /// Numbers issued so far: all below.
    pub(super) fn issued(&self) -> u64 {
        self.next.load(Relaxed)
    }

    pub(super) fn state(&self, number: u64) -> Option<State> {
        self.locked().get(&number).copied()
    }

    /// Those that a client sends again.
    pub(super) fn open(&self) -> Vec<u64> {
        self.locked().iter().filter(|(_, state)| **state != State::Acknowledged).map(|(number, _)| *number).collect()
    }

    /// All that may be there, ascending from `first`.
    pub(super) fn from(&self, first: u64) -> Vec<u64> {
        self.locked().range(first..).map(|(number, _)| *number).collect()
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<u64, State>> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_without_an_answer_is_sent_again_until_it_has_one() {
        let ledger = Ledger::default();
        let (first, second, third) = (ledger.issue(), ledger.issue(), ledger.issue());
        ledger.acknowledge(first);
        ledger.refuse(second);
        assert_eq!(ledger.open(), [second, third]);
        ledger.acknowledge(third);
        ledger.repeat(second);
        assert_eq!((ledger.open(), ledger.state(second)), (vec![second], Some(State::Unknown)));
        assert_eq!((ledger.acknowledged(), ledger.issued()), (2, 3));
    }
}
