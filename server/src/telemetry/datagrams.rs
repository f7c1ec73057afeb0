//! Counts of datagrams, which nobody answers. Not here: requests, which are (`counters`).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use super::counters::counter;

/// Counts only rise.
#[derive(Debug, Default)]
pub struct DatagramCounts {
    received: AtomicU64,
    /// By reason; reasons are words of ours, so there are few.
    dropped: Mutex<BTreeMap<&'static str, u64>>,
}

// === impl DatagramCounts ===

impl DatagramCounts {
    /// One came in.
    pub(crate) fn received(&self) {
        self.received.fetch_add(1, Relaxed);
    }

    /// One of them was not kept.
    pub(crate) fn dropped(&self, reason: &'static str) {
        *self.dropped.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// How many came in.
    pub fn received_total(&self) -> u64 {
        self.received.load(Relaxed)
    }

    /// How many of them were not kept for this reason.
    pub fn dropped_total(&self, reason: &str) -> u64 {
        self.dropped.lock().unwrap_or_else(PoisonError::into_inner).get(reason).copied().unwrap_or_default()
    }

    /// In the text form that Prometheus reads.
    pub(super) fn exposition(&self, text: &mut String) {
        counter(text, "datagrams_received_total", "datagrams that came in", &[("", self.received_total())]);
        let dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let dropped: Vec<_> = dropped.into_iter().collect();
        counter(text, "datagrams_dropped_total", "datagrams that were not kept, by reason", &dropped);
    }
}
