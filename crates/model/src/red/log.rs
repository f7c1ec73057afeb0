//! Durations on their way into a histogram: put down one behind the other, and added many at a time.
//!
//! Thousands of histograms in the making do not fit into the processor's caches, and each waits its turn. The end of a log is one
//! line of them; finding and moving the buckets of a histogram is dozens. Not here: what is counted beside durations.

use super::LatencyHistogram;
use crate::time::SpanDuration;

/// Durations put down before they are added. 64 are two lines of a cache, and sort in a microsecond.
const LOG_MAX: usize = 64;

/// What a histogram is still owed. Whoever reads the histogram settles first.
#[derive(Clone, Debug, Default)]
pub(crate) struct LatencyLog {
    /// Buckets, each for one duration.
    buckets: Vec<u16>,
}

impl LatencyLog {
    /// Counts one duration in `histogram`, now or when it settles.
    pub(crate) fn add(&mut self, duration: SpanDuration, histogram: &mut LatencyHistogram) {
        self.buckets.push(LatencyHistogram::bucket(duration));
        if self.buckets.len() >= LOG_MAX {
            self.settle(histogram);
        }
    }

    /// Adds what `histogram`, always the same one, is owed.
    pub(crate) fn settle(&mut self, histogram: &mut LatencyHistogram) {
        if self.buckets.is_empty() {
            return;
        }
        self.buckets.sort_unstable();
        let runs = self.buckets.chunk_by(|a, b| a == b);
        let owed = runs.map(|run| (run[0], run.len() as u64)).collect();
        histogram.merge(&LatencyHistogram { buckets: owed });
        self.buckets.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_settled_histogram_has_each_duration_once(
            durations in prop::collection::vec(prop_oneof![0u64..200, any::<u64>()], 0..300),
            looks in prop::collection::vec(0usize..300, 0..4),
        ) {
            let (mut log, mut logged, mut plain) = (LatencyLog::default(), LatencyHistogram::default(), LatencyHistogram::default());
            for (place, duration) in durations.into_iter().map(SpanDuration).enumerate() {
                log.add(duration, &mut logged);
                plain.add(duration);
                if looks.contains(&place) {
                    log.settle(&mut logged);
                    prop_assert_eq!(&logged, &plain);
                }
            }
            log.settle(&mut logged);
            prop_assert_eq!(logged, plain);
        }
    }
}
