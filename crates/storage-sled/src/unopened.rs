//! Partitions that did not open while the store runs: out of descriptors, out of disk. It may pass, so nothing is set aside.
//! Not here: opening them (`handles`), and partitions that do not open when the store does (`recovery`).

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Opening costs seconds when it fails, and each question would try.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(2);

/// Answers are incomplete for so long after a failure, even when the partition opens again meanwhile: longer than a question may
/// take, so that none which was refused calls itself whole.
const TOLD_FOR: Duration = Duration::from_secs(60);

/// Why an opening failed, by the number of the partition. As many as there are partitions at most.
#[derive(Default)]
pub(crate) struct Unopened {
    failures: Mutex<BTreeMap<u32, Failure>>,
}

struct Failure {
    at: Instant,
    reason: String,
}

// === impl Unopened ===

impl Unopened {
    /// Opening this partition just failed.
    pub(crate) fn note(&self, partition: u32, label: &str, reason: &str, now: Instant) {
        tracing::error!("partition {label} cannot be read for now: {reason}");
        let reason = format!("partition {label} cannot be read for now: {reason}");
        self.failures().insert(partition, Failure { at: now, reason });
    }

    /// Why this partition should not be tried yet.
    pub(crate) fn too_soon(&self, partition: u32, now: Instant) -> Option<String> {
        let failures = self.failures();
        let failure = failures.get(&partition)?;
        (now.saturating_duration_since(failure.at) < TRY_AGAIN_AFTER).then(|| failure.reason.clone())
    }

    /// Why answers that are given now may lack something, each reason as a sentence.
    pub(crate) fn reasons(&self, now: Instant) -> Vec<String> {
        let mut failures = self.failures();
        failures.retain(|_, failure| now.saturating_duration_since(failure.at) < TOLD_FOR);
        failures.values().map(|failure| failure.reason.clone()).collect()
    }

    fn failures(&self) -> MutexGuard<'_, BTreeMap<u32, Failure>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_longer_than_it_keeps_others_from_trying_and_then_forgotten() {
        let (unopened, start) = (Unopened::default(), Instant::now());
        unopened.note(3, "20261121-0003", "no descriptor", start);
        let later = |wait: Duration| start + wait;
        assert!(unopened.too_soon(3, start).is_some_and(|reason| reason.contains("20261121-0003")));
        assert_eq!(unopened.too_soon(4, start), None, "another one may be tried");
        assert_eq!(unopened.too_soon(3, later(TRY_AGAIN_AFTER)), None);
        assert_eq!(unopened.reasons(later(TRY_AGAIN_AFTER)).len(), 1);
        assert_eq!(unopened.reasons(later(TOLD_FOR)), Vec::<String>::new());
    }
}
