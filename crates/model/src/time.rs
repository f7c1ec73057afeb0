//! Points in time and durations. The only place that subtracts times: an end may precede its start, a difference never wraps.

/// Nanoseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixNanos(pub u64);

/// A length of time in nanoseconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanDuration(pub u64);

/// From an instant up to but not including another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TimeRange {
    /// First instant inside.
    pub from: UnixNanos,
    /// First instant after it.
    pub to: UnixNanos,
}

// === impl UnixNanos ===

impl UnixNanos {
    /// Saturates at the year 2554.
    pub fn from_millis(millis: u64) -> UnixNanos {
        UnixNanos(millis.saturating_mul(1_000_000))
    }

    /// Saturates at the year 2554.
    pub fn from_micros(micros: u64) -> UnixNanos {
        UnixNanos(micros.saturating_mul(1_000))
    }

    /// Whole milliseconds, rounded down.
    pub fn millis(self) -> u64 {
        self.0 / 1_000_000
    }

    /// Whole microseconds, rounded down.
    pub fn micros(self) -> u64 {
        self.0 / 1_000
    }

    /// Time passed since `earlier`; zero when `earlier` is the later one.
    pub fn since(self, earlier: UnixNanos) -> SpanDuration {
        SpanDuration(self.0.saturating_sub(earlier.0))
    }

    /// The instant `duration` later, saturating.
    pub fn after(self, duration: SpanDuration) -> UnixNanos {
        UnixNanos(self.0.saturating_add(duration.0))
    }

    /// The instant `duration` earlier, saturating at 1970.
    pub fn before(self, duration: SpanDuration) -> UnixNanos {
        UnixNanos(self.0.saturating_sub(duration.0))
    }
}

// === impl SpanDuration ===

impl SpanDuration {
    /// Saturates after 584 years.
    pub fn from_millis(millis: u64) -> SpanDuration {
        SpanDuration(millis.saturating_mul(1_000_000))
    }

    /// Saturates after 584 years.
    pub fn from_secs(secs: u64) -> SpanDuration {
        SpanDuration(secs.saturating_mul(1_000_000_000))
    }

    /// Whole microseconds, rounded down.
    pub fn micros(self) -> u64 {
        self.0 / 1_000
    }

    /// Seconds with a fraction, for rates and charts.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

// === impl TimeRange ===

impl TimeRange {
    /// Every instant.
    pub const ALL: TimeRange = TimeRange { from: UnixNanos(0), to: UnixNanos(u64::MAX) };

    /// The smallest range that holds `instant` only.
    pub fn at(instant: UnixNanos) -> TimeRange {
        TimeRange { from: instant, to: UnixNanos(instant.0.saturating_add(1)) }
    }

    /// Whether `instant` lies inside.
    pub fn contains(&self, instant: UnixNanos) -> bool {
        self.from <= instant && instant < self.to
    }

    /// Whether the two share an instant.
    pub fn overlaps(&self, other: &TimeRange) -> bool {
        self.from < other.to && other.from < self.to
    }

    /// The smallest range that holds both.
    pub fn join(&self, other: &TimeRange) -> TimeRange {
        TimeRange { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// Its length; zero when it ends before it begins.
    pub fn length(&self) -> SpanDuration {
        self.to.since(self.from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_never_wraps() {
        assert_eq!(UnixNanos(5).since(UnixNanos(9)), SpanDuration(0));
        assert_eq!(UnixNanos::from_millis(u64::MAX), UnixNanos(u64::MAX));
        assert_eq!(UnixNanos(u64::MAX).after(SpanDuration(1)), UnixNanos(u64::MAX));
    }

    #[test]
    fn a_range_holds_its_start_and_not_its_end() {
        let range = TimeRange { from: UnixNanos(10), to: UnixNanos(20) };
        assert!(range.contains(UnixNanos(10)) && !range.contains(UnixNanos(20)));
        assert!(!range.overlaps(&TimeRange::at(UnixNanos(20))));
        assert!(range.overlaps(&TimeRange::at(UnixNanos(19))));
    }
}
