//! Rate, errors and durations: counts and log-linear histograms that merge by addition. Not here: windows of time.

mod detail;
mod fold;
mod log;
mod sum;

pub use detail::{NAME_OTHER, RedDetail, RedKey, WEIGHT_ONE, weight_of};
pub use fold::{NAMES_MAX, RED_CELLS_MAX, RedFold, RedName};
pub(crate) use log::LatencyLog;
pub use sum::HistogramSum;

use crate::time::SpanDuration;

/// Buckets per power of two of nanoseconds; a bucket is at most 3.1 % wide, its midpoint at most 1.6 % off.
const BUCKETS_PER_OCTAVE: u64 = 32;

/// Fewer than one bucket in so many are searched one by one, rather than walked to.
const FEW: usize = 8;

/// Exact counts of durations in log-linear buckets. Integers only, so it is the same on every machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LatencyHistogram {
    /// (bucket, count). Invariant: ascending by bucket, no count is zero.
    buckets: Vec<(u16, u64)>,
}

/// Calls, failures and durations of some spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedCell {
    /// Number of spans.
    pub calls: u64,
    /// Number of failed ones.
    pub errors: u64,
    /// Sum of their durations in nanoseconds, saturating.
    pub duration_sum: u64,
    /// The longest.
    pub duration_max: SpanDuration,
    /// How their durations are distributed.
    pub durations: LatencyHistogram,
}

// === impl LatencyHistogram ===

impl LatencyHistogram {
    /// Number of buckets there can be; the last holds the longest duration of all.
    pub const BUCKETS: u16 = 1_920;

    /// From (bucket, count); `None` unless ascending by bucket, all in range, no count zero, and their sum fits a u64.
    pub fn from_buckets(buckets: Vec<(u16, u64)>) -> Option<LatencyHistogram> {
        let is_ascending = buckets.windows(2).all(|pair| pair[0].0 < pair[1].0);
        let is_in_range = buckets.iter().all(|(bucket, count)| *bucket < LatencyHistogram::BUCKETS && *count > 0);
        let sum = buckets.iter().try_fold(0u64, |sum, (_, count)| sum.checked_add(*count));
        (is_ascending && is_in_range && sum.is_some()).then_some(LatencyHistogram { buckets })
    }

    /// The bucket of a duration.
    pub fn bucket(duration: SpanDuration) -> u16 {
        let nanos = duration.0;
        if nanos < BUCKETS_PER_OCTAVE {
            return nanos as u16;
        }
        let exponent = 63 - u64::from(nanos.leading_zeros());
        let within = (nanos >> (exponent - 5)) & (BUCKETS_PER_OCTAVE - 1);
        (((exponent - 4) << 5) | within) as u16
    }

    /// First duration of a bucket and the first one after it.
    pub fn bounds(bucket: u16) -> (SpanDuration, SpanDuration) {
        let first = |bucket: u64| {
            if bucket < BUCKETS_PER_OCTAVE {
                return bucket;
            }
            let shift = (bucket >> 5) - 1;
            (BUCKETS_PER_OCTAVE | (bucket & (BUCKETS_PER_OCTAVE - 1)))
                .checked_shl(shift as u32)
                .filter(|value| value >> shift >= BUCKETS_PER_OCTAVE)
                .unwrap_or(u64::MAX)
        };
        (SpanDuration(first(bucket.into())), SpanDuration(first(u64::from(bucket) + 1)))
    }

    /// Counts one duration.
    pub fn add(&mut self, duration: SpanDuration) {
        self.add_count(LatencyHistogram::bucket(duration), 1);
    }

    /// Adds all counts of another histogram.
    pub fn merge(&mut self, other: &LatencyHistogram) {
        if other.buckets.len() * FEW < self.buckets.len() {
            other.buckets.iter().for_each(|(bucket, count)| self.add_count(*bucket, *count));
            return;
        }
        let mut from = self.buckets.len();
        self.buckets.resize(from + self.missing(other), (0, 0));
        let buckets = &mut self.buckets;
        // From behind, so that each bucket moves once, straight to its place.
        let mut to = buckets.len();
        for (bucket, count) in other.buckets.iter().rev() {
            while from > 0 && buckets[from - 1].0 > *bucket {
                (from, to) = (from - 1, to - 1);
                buckets[to] = buckets[from];
            }
            to -= 1;
            let is_known = from > 0 && buckets[from - 1].0 == *bucket;
            from -= usize::from(is_known);
            buckets[to] = (*bucket, count + if is_known { buckets[from].1 } else { 0 });
        }
    }

    /// Number of durations counted.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }

    /// (bucket, count), ascending, without empty buckets.
    pub fn buckets(&self) -> &[(u16, u64)] {
        &self.buckets
    }

    /// The duration below which the share `quantile` (0 to 1) lies: the midpoint of its bucket, at most 1.6 % off. `None` when empty.
    pub fn quantile(&self, quantile: f64) -> Option<SpanDuration> {
        let count = self.count();
        let wanted = ((quantile.clamp(0.0, 1.0) * count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (bucket, count) in &self.buckets {
            seen += count;
            if seen >= wanted {
                let (from, to) = LatencyHistogram::bounds(*bucket);
                return Some(SpanDuration(from.0 + (to.0 - 1 - from.0) / 2));
            }
        }
        None
    }

    /// How many buckets of the other one this one does not have.
    fn missing(&self, other: &LatencyHistogram) -> usize {
        let mut known = self.buckets.iter().map(|(bucket, _)| *bucket).peekable();
        let is_missing = |(bucket, _): &&(u16, u64)| {
            while known.next_if(|known| known < bucket).is_some() {}
            known.peek() != Some(bucket)
        };
        other.buckets.iter().filter(is_missing).count()
    }

    fn add_count(&mut self, bucket: u16, count: u64) {
        match self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(place) => self.buckets[place].1 += count,
            Err(place) => self.buckets.insert(place, (bucket, count)),
        }
    }
}

// === impl RedCell ===

impl RedCell {
    /// Counts one span.
    pub fn add(&mut self, duration: SpanDuration, is_error: bool) {
        self.count(duration, is_error);
        self.durations.add(duration);
    }

    /// Counts one span whose duration goes another way into the histogram.
    fn count(&mut self, duration: SpanDuration, is_error: bool) {
        self.calls += 1;
        self.errors += u64::from(is_error);
        self.duration_sum = self.duration_sum.saturating_add(duration.0);
        self.duration_max = self.duration_max.max(duration);
    }

    /// Adds disjoint spans that were counted elsewhere.
    pub fn merge(&mut self, other: &RedCell) {
        self.calls += other.calls;
        self.errors += other.errors;
        self.duration_sum = self.duration_sum.saturating_add(other.duration_sum);
        self.duration_max = self.duration_max.max(other.duration_max);
        self.durations.merge(&other.durations);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_first_and_last_buckets_are_as_documented() {
        assert_eq!(LatencyHistogram::bucket(SpanDuration(31)), 31);
        assert_eq!(LatencyHistogram::bucket(SpanDuration(32)), 32);
        assert_eq!(LatencyHistogram::bucket(SpanDuration(u64::MAX)), 1919);
        assert_eq!(LatencyHistogram::bounds(1919).1, SpanDuration(u64::MAX));
    }

    #[test]
    fn only_well_formed_buckets_make_a_histogram() {
        let made = |buckets: &[(u16, u64)]| LatencyHistogram::from_buckets(buckets.to_vec()).is_some();
        assert!(made(&[]) && made(&[(3, 1), (1919, 2)]));
        for buckets in [&[(3, 1), (3, 1)][..], &[(4, 1), (3, 1)], &[(1920, 1)], &[(1, 0)], &[(1, u64::MAX), (2, 1)]] {
            assert!(!made(buckets), "{buckets:?}");
        }
    }

    #[test]
    fn an_empty_histogram_has_no_quantile() {
        assert_eq!(LatencyHistogram::default().quantile(0.5), None);
    }

    proptest! {
        #[test]
        fn a_duration_lies_inside_its_bucket(nanos: u64) {
            let (from, to) = LatencyHistogram::bounds(LatencyHistogram::bucket(SpanDuration(nanos)));
            prop_assert!(from.0 <= nanos && (nanos < to.0 || to.0 == u64::MAX));
        }

        #[test]
        fn a_quantile_is_within_two_percent_of_the_sorted_list(
            mut nanos in proptest::collection::vec(1u64..10_000_000_000, 1..200), quantile in 0.0..1.0f64,
        ) {
            let mut histogram = LatencyHistogram::default();
            nanos.iter().for_each(|nanos| histogram.add(SpanDuration(*nanos)));
            nanos.sort_unstable();
            let exact = nanos[((quantile * nanos.len() as f64).ceil() as usize).clamp(1, nanos.len()) - 1] as f64;
            let got = histogram.quantile(quantile).map_or(0.0, |duration| duration.0 as f64);
            prop_assert!((got - exact).abs() <= exact * 0.016 + 1.0, "{} for {}", got, exact);
        }

        #[test]
        fn merging_equals_counting_all_at_once(
            left in proptest::collection::vec((0u64..1_000_000, any::<bool>()), 0..200),
            right in proptest::collection::vec((0u64..1_000_000, any::<bool>()), 0..40),
        ) {
            let cell = |spans: &[(u64, bool)]| {
                let mut cell = RedCell::default();
                spans.iter().for_each(|(nanos, is_error)| cell.add(SpanDuration(*nanos), *is_error));
                cell
            };
            let mut merged = cell(&left);
            merged.merge(&cell(&right));
            prop_assert_eq!(merged, cell(&[left, right].concat()));
        }
    }
}
