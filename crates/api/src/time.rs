//! Points in time as links carry them: `now`, `now-15m`, or milliseconds since 1970.

use std::fmt;
use std::str::FromStr;

use model::{SpanDuration, UnixNanos};
use serde::{Deserialize, Serialize};

/// A point in time, absolute or relative to the moment of reading.
///
/// ```
/// use api::TimePoint;
/// use model::UnixNanos;
///
/// let quarter_ago: TimePoint = "now-15m".parse()?;
/// assert_eq!(quarter_ago.resolve(UnixNanos::from_millis(900_001)), UnixNanos::from_millis(1));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TimePoint {
    /// So many seconds before now.
    BeforeNow {
        /// Zero is now.
        secs: u64,
    },
    /// Milliseconds since 1970.
    At {
        /// Whole milliseconds.
        millis: u64,
    },
}

/// Units of `now-15m`, greatest first.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl TimePoint {
    /// Now.
    pub const NOW: TimePoint = TimePoint::BeforeNow { secs: 0 };

    /// The instant it means when it is `now`.
    pub fn resolve(self, now: UnixNanos) -> UnixNanos {
        match self {
            TimePoint::BeforeNow { secs } => now.before(SpanDuration::from_secs(secs)),
            TimePoint::At { millis } => UnixNanos::from_millis(millis),
        }
    }
}

impl fmt::Display for TimePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            TimePoint::BeforeNow { secs: 0 } => write!(f, "now"),
            TimePoint::BeforeNow { secs } => {
                let (unit, size) = UNITS.into_iter().find(|(_, size)| secs % size == 0).unwrap_or(('s', 1));
                write!(f, "now-{}{unit}", secs / size)
            }
            TimePoint::At { millis } => write!(f, "{millis}"),
        }
    }
}

impl FromStr for TimePoint {
    type Err = String;

    fn from_str(text: &str) -> Result<TimePoint, String> {
        let bad = || format!("a time is `now`, `now-15m` or milliseconds since 1970, not `{text}`");
        let Some(relative) = text.strip_prefix("now") else {
            return text.parse().map(|millis| TimePoint::At { millis }).map_err(|_e| bad());
        };
        if relative.is_empty() {
            return Ok(TimePoint::NOW);
        }
        let amount = relative.strip_prefix('-').ok_or_else(bad)?;
        let (_, size) = UNITS.into_iter().find(|(unit, _)| amount.ends_with(*unit)).ok_or_else(bad)?;
        let count: u64 = amount[..amount.len() - 1].parse().map_err(|_e| bad())?;
        let secs = count.checked_mul(size).ok_or_else(bad)?;
        Ok(TimePoint::BeforeNow { secs })
    }
}

impl TryFrom<String> for TimePoint {
    type Error = String;

    fn try_from(text: String) -> Result<TimePoint, String> {
        text.parse()
    }
}

impl From<TimePoint> for String {
    fn from(point: TimePoint) -> String {
        point.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn relative_times_read_as_written() {
        assert_eq!("now-15m".parse(), Ok(TimePoint::BeforeNow { secs: 900 }));
        assert_eq!("1700000000000".parse(), Ok(TimePoint::At { millis: 1_700_000_000_000 }));
        for bad in ["", "now-", "now+1m", "now-5", "now-ém", "-1", "yesterday"] {
            assert!(bad.parse::<TimePoint>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn printed_times_read_back(secs in 0u64..100_000_000, millis: u64) {
            for point in [TimePoint::BeforeNow { secs }, TimePoint::At { millis }] {
                prop_assert_eq!(point.to_string().parse(), Ok(point));
            }
        }
    }
}
