//! What was issued, and what became of it. Kept by the process that is never killed. Not here: what is in a store.

use std::collections::BTreeMap;

/// How long the store keeps what it has, in nanoseconds of the clock that the writer moves.
pub(crate) const AGE_MAX: u64 = 2 * 86_400_000_000_000;

/// What is known of a batch.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The clock when it was issued, or before.
    clock: u64,
    /// Otherwise its writer died first: it may be there or not, but whole.
    is_acked: bool,
}

/// All batches but those that were too old and are gone.
pub(crate) struct Ledger {
    batches: BTreeMap<u64, Entry>,
    number_next: u64,
    /// The latest that any clock has shown.
    pub(crate) clock: u64,
    /// Batches acknowledged so far.
    pub(crate) acked: u64,
}

impl Ledger {
    pub(crate) fn new(clock: u64) -> Ledger {
        Ledger { batches: BTreeMap::new(), number_next: 0, clock, acked: 0 }
    }

    /// Sent again, it keeps the clock of the first time: it may be stored since then.
    pub(crate) fn issue(&mut self, number: u64, clock: u64) {
        self.number_next = self.number_next.max(number + 1);
        self.batches.entry(number).or_insert(Entry { clock, is_acked: false });
    }

    pub(crate) fn ack(&mut self, number: u64) {
        self.batches.get_mut(&number).expect("issued before it was acknowledged").is_acked = true;
        self.acked += 1;
    }

    pub(crate) fn move_clock(&mut self, clock: u64) {
        self.clock = self.clock.max(clock);
    }

    pub(crate) fn numbers(&self) -> Vec<u64> {
        self.batches.keys().copied().collect()
    }

    /// No batch had this number.
    pub(crate) fn number_next(&self) -> u64 {
        self.number_next
    }

    /// Those without an answer, which a client sends again.
    pub(crate) fn unknown(&self) -> Vec<u64> {
        self.batches.iter().filter(|(_, entry)| !entry.is_acked).map(|(number, _)| *number).collect()
    }

    /// The batch is not there: right when it was never acknowledged, or is so old that it may be gone.
    pub(crate) fn miss(&mut self, number: u64) {
        let entry = self.batches[&number];
        let is_kept = entry.clock + AGE_MAX >= self.clock;
        assert!(!(entry.is_acked && is_kept), "batch {number} is lost: {entry:?}, the clock was at {}", self.clock);
        if entry.is_acked {
            // Should it come back, nobody issued it.
            self.batches.remove(&number);
        }
    }
}
