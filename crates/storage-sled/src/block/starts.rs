//! When the spans of a block start, in few words: from the first to the last, less the longest times in which none does.
//!
//! One span with an odd time, of 1970 or of next year, must not make a block look as if it had spans of all times between.

use model::{TimeRange, UnixNanos};

/// Gaps that are kept: for some spans long before all others, some long after them, and one cluster more.
pub(crate) const GAPS: usize = 3;

/// The starts of some spans; at least one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Starts {
    /// The earliest.
    pub min: UnixNanos,
    /// The latest.
    pub max: UnixNanos,
    /// The longest gaps, ascending: the last start before and the first one after. Equal numbers are no gap.
    pub gaps: [(UnixNanos, UnixNanos); GAPS],
}

impl Starts {
    /// Of these; of none it is as if one span started at 0.
    pub(crate) fn of(starts: impl Iterator<Item = UnixNanos>) -> Starts {
        let mut starts: Vec<UnixNanos> = starts.collect();
        starts.sort_unstable();
        let (min, max) = (starts.first().copied().unwrap_or_default(), starts.last().copied().unwrap_or_default());
        let mut gaps = [(min, min); GAPS];
        for pair in starts.windows(2) {
            let gap = (pair[0], pair[1]);
            let length = |(before, after): &(UnixNanos, UnixNanos)| after.0 - before.0;
            if let Some(shortest) = gaps.iter_mut().min_by_key(|gap| length(gap))
                && length(shortest) < length(&gap)
            {
                *shortest = gap;
            }
        }
        gaps.sort_unstable();
        Starts { min, max, gaps }
    }

    /// `false` only when none starts inside.
    pub fn may_meet(&self, range: &TimeRange) -> bool {
        let is_within = |(before, after): &(UnixNanos, UnixNanos)| *before < range.from && range.to <= *after;
        self.min < range.to && range.from <= self.max && !self.gaps.iter().any(is_within)
    }

    /// No span that starts before `to` starts later than this.
    pub fn last_before(&self, to: UnixNanos) -> UnixNanos {
        let gap = self.gaps.iter().find(|(before, after)| *before < to && to <= *after);
        gap.map_or(UnixNanos(to.0.saturating_sub(1)).min(self.max), |(before, _)| *before)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn starts() -> impl Strategy<Value = Vec<u64>> {
        let near = prop::collection::vec(1_000u64..1_020, 1..30);
        let odd = prop::sample::select(vec![0, 1, 500, 1_000_000, u64::MAX - 1, u64::MAX]);
        (near, prop::collection::vec(odd, 0..5)).prop_map(|(near, odd)| [near, odd].concat())
    }

    fn times() -> impl Strategy<Value = u64> {
        prop_oneof![0u64..3, 498u64..502, 995u64..1_025, 999_999u64..1_000_002, u64::MAX - 2..=u64::MAX]
    }

    proptest! {
        #[test]
        fn no_span_is_left_out_and_few_clusters_are_told_exactly(starts in starts(), from in times(), to in times()) {
            let range = TimeRange { from: UnixNanos(from), to: UnixNanos(to) };
            let known = Starts::of(starts.iter().copied().map(UnixNanos));
            let meets = starts.iter().any(|start| (from..to).contains(start));
            let last = starts.iter().filter(|start| **start < to).max();
            prop_assert!(known.may_meet(&range) || !meets);
            prop_assert!(last.is_none_or(|last| known.last_before(UnixNanos(to)).0 >= *last));
            let mut distinct = starts.clone();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() <= GAPS + 1 && from < to {
                prop_assert_eq!(known.may_meet(&range), meets);
                prop_assert_eq!(last.copied(), last.map(|_| known.last_before(UnixNanos(to)).0));
            }
        }
    }

    #[test]
    fn some_odd_spans_do_not_make_a_block_meet_every_range() {
        const DAY: u64 = 86_400_000_000_000;
        let now = 20_000 * DAY;
        let odd = [0, now + 2 * DAY, u64::MAX];
        let known = Starts::of((0..1_000).map(|n| now + n * 1_000_000).chain(odd).map(UnixNanos));
        let meets = |from, to| known.may_meet(&TimeRange { from: UnixNanos(from), to: UnixNanos(to) });
        assert!(odd.iter().all(|odd| meets(*odd, odd.saturating_add(1)) || *odd == u64::MAX));
        assert!(meets(now + 500_000, now + 1_000_001));
        for from in [1, now - DAY, now + DAY, now + 3 * DAY] {
            assert!(!meets(from, from + DAY / 2), "{from}");
        }
        assert_eq!(known.last_before(UnixNanos(now + DAY)), UnixNanos(now + 999_000_000));
    }
}
