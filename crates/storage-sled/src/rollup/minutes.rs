//! The minutes in which a block has cells, as a few ranges: what decides whether a question reads them.
//!
//! A few spans with odd times must not make a block look as if it covered all of time.

use crate::block::BlockError;
use crate::block::bytes::{Cursor, put_varint};

use storage::RedSteps;

use super::runs::MINUTES;

/// Ranges kept per block; beyond them those that are nearest to each other are joined.
const RANGES_MAX: usize = 16;

const NAME: &str = "minutes";

/// Ranges of minutes since 1970, ascending, both ends inside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Minutes(Vec<(u32, u32)>);

impl Minutes {
    /// The ranges that hold all of these.
    pub(crate) fn of(minutes: impl Iterator<Item = u32>) -> Minutes {
        let mut minutes: Vec<u32> = minutes.collect();
        minutes.sort_unstable();
        minutes.dedup();
        let mut gaps: Vec<(u32, usize)> =
            minutes.windows(2).zip(1..).map(|(pair, at)| (pair[1] - pair[0], at)).collect();
        gaps.retain(|(gap, _)| *gap > 1);
        gaps.sort_unstable_by(|left, right| right.cmp(left));
        let mut cuts: Vec<usize> = gaps.iter().take(RANGES_MAX - 1).map(|(_, at)| *at).collect();
        cuts.sort_unstable();
        let mut ranges = Vec::with_capacity(cuts.len() + 1);
        let mut rest = minutes.as_slice();
        for cut in cuts.iter().rev() {
            let (before, range) = rest.split_at(*cut);
            ranges.extend(ends(range));
            rest = before;
        }
        ranges.extend(ends(rest));
        ranges.reverse();
        Minutes(ranges)
    }

    /// `false` only when no minute is inside.
    pub(crate) fn meet(&self, steps: &RedSteps) -> bool {
        self.0.iter().any(|(first, last)| steps.meet(u64::from(*first), u64::from(*last)))
    }

    /// `false` only when there is none in this hour since 1970.
    pub(super) fn has_hour(&self, hour: u32) -> bool {
        self.0.iter().any(|(first, last)| (first / MINUTES..=last / MINUTES).contains(&hour))
    }

    /// Whether those that a question asks for are all in these hours.
    pub(super) fn are_within(&self, hours: &[u32], steps: &RedSteps) -> bool {
        let asked = steps.minutes();
        let is_within = |(first, last): &(u32, u32)| {
            let (first, end) = (u64::from(*first).max(asked.start), (u64::from(*last) + 1).min(asked.end));
            // The first hour that is not there ends it, so it is no longer than the list of hours.
            let mut of_range = first / u64::from(MINUTES)..end.div_ceil(u64::from(MINUTES));
            first >= end || of_range.all(|hour| hours.iter().any(|known| u64::from(*known) == hour))
        };
        self.0.iter().all(is_within)
    }

    /// Drawn in `docs/formats/store.md`.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        put_varint(&mut bytes, self.0.len() as u64);
        for (first, last) in &self.0 {
            put_varint(&mut bytes, u64::from(*first));
            put_varint(&mut bytes, u64::from(last - first));
        }
        bytes
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Minutes, BlockError> {
        if bytes.is_empty() {
            return Ok(Minutes::default());
        }
        let mut cursor = Cursor::new(bytes, NAME);
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for _ in 0..cursor.count(2)? {
            let first = cursor.varint32()?;
            let last = first.checked_add(cursor.varint32()?).ok_or(cursor.invalid())?;
            if ranges.len() == RANGES_MAX || ranges.last().is_some_and(|(_, before)| *before >= first) {
                return Err(cursor.invalid());
            }
            ranges.push((first, last));
        }
        cursor.finish()?;
        Ok(Minutes(ranges))
    }
}

fn ends(minutes: &[u32]) -> Option<(u32, u32)> {
    Some((*minutes.first()?, *minutes.last()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{SpanDuration, TimeRange, UnixNanos};
    use proptest::prelude::*;
    use storage::EdgesQuery;

    fn steps(from: u32, to: u32) -> RedSteps {
        let minute = |minute: u32| UnixNanos(u64::from(minute) * 60_000_000_000);
        let range = TimeRange { from: minute(from), to: minute(to) };
        EdgesQuery { range, step: Some(SpanDuration(1)), node: None, provisional: false }.steps()
    }

    #[test]
    fn an_odd_minute_does_not_join_what_lies_between() {
        let minutes = Minutes::of([0, 29_000_000, 29_000_001, 29_000_003, 300_000_000].into_iter());
        assert!(minutes.meet(&steps(29_000_001, 29_000_002)) && minutes.meet(&steps(0, 1)));
        assert!(!minutes.meet(&steps(1, 29_000_000)) && !minutes.meet(&steps(29_000_004, 300_000_000)));
    }

    proptest! {
        #[test]
        fn every_minute_is_inside_and_comes_back(minutes in prop::collection::vec(0u32..200, 0..60)) {
            let ranges = Minutes::of(minutes.iter().copied());
            prop_assert!(ranges.0.len() <= RANGES_MAX);
            for minute in &minutes {
                prop_assert!(ranges.meet(&steps(*minute, *minute + 1)));
            }
            prop_assert_eq!(&Minutes::decode(&ranges.encode()).expect("own bytes"), &ranges);
        }
    }
}
