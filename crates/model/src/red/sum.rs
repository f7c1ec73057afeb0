//! Many histograms added up, with room for every bucket: quicker than merging lists when there are many. Not here: quantiles.

use super::LatencyHistogram;

/// Bits of a count; those above say the bucket.
const COUNT_BITS: u32 = 53;

/// As many as the bits above a count can name, so that no place is ever outside: more than there are buckets.
const PLACES: usize = 1 << (u64::BITS - COUNT_BITS);

/// See above.
pub struct HistogramSum {
    counts: Box<[u64; PLACES]>,
    /// The places that are not zero are from here …
    first: usize,
    /// … up to here.
    end: usize,
    /// How many buckets were added: no fewer than are not zero.
    added: usize,
}

const _: () = assert!(LatencyHistogram::BUCKETS as usize <= PLACES);

impl HistogramSum {
    /// A bucket and its count, of at most 53 bits, in one number.
    pub(crate) fn pack(bucket: u16, count: u64) -> u64 {
        u64::from(bucket) << COUNT_BITS | count
    }

    /// Adds the buckets of a histogram, packed and ascending.
    pub(crate) fn add_packed(&mut self, packed: &[u64]) {
        let (Some(first), Some(last)) = (packed.first(), packed.last()) else { return };
        self.first = self.first.min((first >> COUNT_BITS) as usize);
        self.end = self.end.max((last >> COUNT_BITS) as usize + 1);
        self.added += packed.len();
        for packed in packed {
            let count = &mut self.counts[(packed >> COUNT_BITS) as usize];
            *count = count.saturating_add(packed & ((1 << COUNT_BITS) - 1));
        }
    }

    /// The sum since the last time.
    pub fn take(&mut self) -> LatencyHistogram {
        let (first, end) = (std::mem::replace(&mut self.first, PLACES), std::mem::take(&mut self.end));
        let places = self.counts.get_mut(first..end).unwrap_or_default();
        let mut buckets = Vec::with_capacity(std::mem::take(&mut self.added).min(places.len()));
        for (bucket, count) in (first..end).zip(places).filter(|(_, count)| **count > 0) {
            buckets.push((bucket as u16, std::mem::take(count)));
        }
        LatencyHistogram { buckets }
    }
}

impl Default for HistogramSum {
    fn default() -> Self {
        HistogramSum { counts: Box::new([0; PLACES]), first: PLACES, end: 0, added: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::SpanDuration;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_sum_is_what_merging_gives(
            parts in proptest::collection::vec(proptest::collection::vec(any::<u64>(), 0..20), 0..10), cut in 0usize..10,
        ) {
            let mut sum = HistogramSum::default();
            let cut = cut.min(parts.len());
            for parts in [&parts[..cut], &parts[cut..]] {
                let mut merged = LatencyHistogram::default();
                for part in parts {
                    let mut histogram = LatencyHistogram::default();
                    part.iter().for_each(|nanos| histogram.add(SpanDuration(nanos >> (nanos % 64))));
                    let packed: Vec<u64> =
                        histogram.buckets().iter().map(|(bucket, count)| HistogramSum::pack(*bucket, *count)).collect();
                    sum.add_packed(&packed);
                    merged.merge(&histogram);
                }
                prop_assert_eq!(sum.take(), merged, "and nothing of it is left for the next one");
            }
        }
    }
}
