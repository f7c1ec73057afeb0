//! Oddities that only the receiver can judge, because they need the time of receipt. Nothing is refused here.

use model::{SpanBatch, SpanDuration, UnixNanos, Warning};

/// Clocks differ by minutes; a start further ahead than this is a mistake worth showing.
const AHEAD_MAX: SpanDuration = SpanDuration(86_400_000_000_000);
/// What was held back for longer than this, or recorded by a clock that stands, is worth showing; what is some hours late is not.
const BEHIND_MAX: SpanDuration = SpanDuration(30 * 86_400_000_000_000);
/// An end without a start is a length rather than a date when it is shorter than this.
const LENGTH_MAX: SpanDuration = SpanDuration(86_400_000_000_000);

/// Gives a start to spans without one, and notes starts that are far from the time of receipt.
pub fn sanitize(batch: &mut SpanBatch, received: UnixNanos) {
    let (ahead, behind) = (received.after(AHEAD_MAX), received.before(BEHIND_MAX));
    for (start, end, warnings) in batch.times_mut() {
        if *start == UnixNanos(0) {
            warnings.add(Warning::StartMissing);
            *start = received;
            if end.0 < LENGTH_MAX.0 {
                *end = received.after(SpanDuration(end.0));
            }
        } else if *start > ahead {
            warnings.add(Warning::StartInFuture);
        } else if *start < behind {
            warnings.add(Warning::StartLongAgo);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::testing::span;
    use model::{BatchBuilder, Span};

    const NOW: UnixNanos = UnixNanos(1_700_000_000_000_000_000);

    fn sanitized(start: u64, end: u64) -> Span {
        let mut builder = BatchBuilder::new();
        builder.push(&Span { start: UnixNanos(start), end: UnixNanos(end), ..span(1, 1, None) });
        let mut batch = builder.finish().unwrap();
        sanitize(&mut batch, NOW);
        batch.row(0).to_span(&mut Default::default())
    }

    #[test]
    fn a_missing_start_is_the_time_of_receipt_and_keeps_the_length() {
        let relative = sanitized(0, 250);
        assert_eq!((relative.start, relative.duration()), (NOW, SpanDuration(250)));
        assert!(relative.warnings.has(Warning::StartMissing));
        let dated = sanitized(0, NOW.0 + 5);
        assert_eq!((dated.start, dated.duration()), (NOW, SpanDuration(5)));
    }

    #[test]
    fn only_a_start_more_than_a_day_ahead_is_noted() {
        assert!(sanitized(NOW.0 + AHEAD_MAX.0 + 1, 0).warnings.has(Warning::StartInFuture));
        assert!(!sanitized(NOW.0 + AHEAD_MAX.0, 0).warnings.has(Warning::StartInFuture));
    }

    #[test]
    fn a_start_long_before_the_receipt_is_noted_and_hours_are_not_long() {
        assert!(sanitized(1, 2).warnings.has(Warning::StartLongAgo));
        assert!(sanitized(NOW.0 - BEHIND_MAX.0 - 1, NOW.0).warnings.has(Warning::StartLongAgo));
        assert!(sanitized(NOW.0 - BEHIND_MAX.0, NOW.0).warnings.is_empty());
    }
}
