//! Spans counted second by second. Not here: who is told (`hub`).

use api::live::{COUNTER_SECS, Second};
use model::UnixNanos;

/// Seconds still being counted; older ones were handed out.
const OPEN_SECS_MAX: usize = COUNTER_SECS;
/// A clock that went back further than this is believed: the counting goes on from there.
const BACK_SECS_MAX: u64 = 5;

/// Counts of seconds.
#[derive(Debug)]
pub(super) struct Window {
    /// Invariant: ascending by `at`, all after `closed`, at most [`OPEN_SECS_MAX`].
    open: Vec<OpenSecond>,
    /// The last second that was handed out.
    closed: u64,
    spans_total: u64,
}

#[derive(Clone, Copy, Debug)]
struct OpenSecond {
    at: u64,
    spans: u64,
    errors: u64,
}

// === impl Window ===

impl Window {
    /// Counting begins with the second of `now`.
    pub(super) fn new(now: UnixNanos) -> Window {
        Window { open: Vec::new(), closed: second_of(now).saturating_sub(1), spans_total: 0 }
    }

    /// Counts spans that became durable at `now`.
    pub(super) fn add(&mut self, now: UnixNanos, spans: u64, errors: u64) {
        // What comes late counts in the first second that is still open.
        let at = second_of(now).max(self.closed + 1);
        match self.open.binary_search_by_key(&at, |second| second.at) {
            Ok(place) => {
                self.open[place].spans += spans;
                self.open[place].errors += errors;
            }
            Err(_) if self.open.len() == OPEN_SECS_MAX => {
                let last = self.open.last_mut().expect("the window is full");
                last.spans += spans;
                last.errors += errors;
            }
            Err(place) => self.open.insert(place, OpenSecond { at, spans, errors }),
        }
    }

    /// The seconds that ended before `now` and were not handed out yet, without gaps, at most [`COUNTER_SECS`].
    pub(super) fn close_until(&mut self, now: UnixNanos) -> Vec<Second> {
        let end = second_of(now);
        if end + BACK_SECS_MAX < self.closed {
            self.restart_at(end);
        }
        // After a jump forward only the latest seconds are worth telling; older counts go into the first of them.
        let begin = (self.closed + 1).max(end.saturating_sub(COUNTER_SECS as u64));
        let mut seconds = Vec::new();
        for at in begin..end {
            let due = self.open.partition_point(|second| second.at <= at);
            let (spans, errors) =
                self.open.drain(..due).fold((0, 0), |sum, second| (sum.0 + second.spans, sum.1 + second.errors));
            self.spans_total += spans;
            seconds.push(Second { at, spans, errors, spans_total: self.spans_total });
        }
        if let Some(last) = seconds.last() {
            self.closed = last.at;
        }
        seconds
    }

    fn restart_at(&mut self, second: u64) {
        let waiting = self.open.drain(..).fold((0, 0), |sum, open| (sum.0 + open.spans, sum.1 + open.errors));
        self.closed = second.saturating_sub(2);
        if waiting != (0, 0) {
            self.open.push(OpenSecond { at: self.closed + 1, spans: waiting.0, errors: waiting.1 });
        }
    }
}

fn second_of(now: UnixNanos) -> u64 {
    now.0 / 1_000_000_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SpanDuration;

    fn at(secs: u64) -> UnixNanos {
        UnixNanos(0).after(SpanDuration::from_secs(secs))
    }

    fn outline(seconds: Vec<Second>) -> Vec<(u64, u64, u64)> {
        seconds.into_iter().map(|second| (second.at, second.spans, second.spans_total)).collect()
    }

    #[test]
    fn a_second_is_told_once_after_it_ended_and_silence_is_zero() {
        let mut window = Window::new(at(100));
        window.add(at(100), 3, 1);
        assert_eq!(outline(window.close_until(at(100))), []);
        window.add(at(100), 2, 0);
        assert_eq!(outline(window.close_until(at(103))), [(100, 5, 5), (101, 0, 5), (102, 0, 5)]);
        window.add(at(102), 1, 0);
        assert_eq!(outline(window.close_until(at(104))), [(103, 1, 6)], "late spans are not lost");
    }

    #[test]
    fn a_clock_that_jumps_loses_no_span() {
        let mut window = Window::new(at(100));
        window.add(at(100), 3, 0);
        let forward = window.close_until(at(10_000));
        assert_eq!((forward.len(), forward[0].spans, forward[0].at), (COUNTER_SECS, 3, 9_940));
        window.add(at(10_000), 4, 0);
        let back = window.close_until(at(500));
        assert_eq!(outline(back), [(499, 4, 7)]);
        window.add(at(500), 5, 0);
        assert_eq!(outline(window.close_until(at(501))), [(500, 5, 12)]);
    }
}
