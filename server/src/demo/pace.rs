//! When the shop's spans are sent: history as fast as they are taken, then each span when it ends. Not here: what they are, how they travel.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use model::{Span, SpanDuration, UnixNanos};

use super::send::{Sender, Tally};
use super::shop::Shop;
use storage::clock::Clock;

/// What to play and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// First instant of the history.
    pub(crate) from: UnixNanos,
    /// The history ends here, live traffic begins.
    pub(crate) live_from: UnixNanos,
    /// Live traffic ends here.
    pub(crate) until: UnixNanos,
    /// Requests per second, live.
    pub(crate) rate: f64,
    /// Requests per second, in the history.
    pub(crate) rate_before: f64,
    /// Most spans in one request.
    pub(crate) spans_per_request: usize,
}

/// Plays a plan.
pub(crate) struct Pace {
    plan: Plan,
    shop: Shop,
    sender: Sender,
    next_second: u64,
    /// Spans that have begun and not yet ended, the next one to end on top. Bounded by the rate and the longest request.
    running: BinaryHeap<Reverse<ByEnd>>,
}

/// Visitors' requests that are played in one go: enough to fill some OTLP requests, far from a whole history in memory.
const REQUESTS_PER_STEP: f64 = 150.0;
/// Longest time that is played in one go, seconds.
const STEP_SECS_MAX: f64 = 60.0;
/// Wait between two looks at the clock.
const TICK: Duration = Duration::from_millis(250);
/// Time between two lines about progress.
const REPORT_EVERY: SpanDuration = SpanDuration(10_000_000_000);

struct ByEnd(Span);

// === impl Pace ===

impl Pace {
    /// Starts at the first whole second of the plan.
    pub(crate) fn new(plan: Plan, shop: Shop, sender: Sender) -> Pace {
        let next_second = plan.from.millis().div_ceil(1_000);
        Pace { plan, shop, sender, next_second, running: BinaryHeap::new() }
    }

    /// Plays to the end of the plan; what is under way then is still sent, so that no trace stays a fragment.
    pub(crate) async fn run(mut self, clock: &dyn Clock) -> anyhow::Result<Tally> {
        let mut reached = self.plan.from;
        let mut reported = clock.now();
        while reached < self.plan.until {
            let now = clock.now();
            let target = reached.after(self.step(reached)).min(now).min(self.plan.until).max(reached);
            let ended = self.ended_by(target);
            self.send(ended).await?;
            reached = target;
            if now.since(reported) >= REPORT_EVERY {
                reported = now;
                self.report(reached);
            }
            if reached == now {
                tokio::time::sleep(TICK).await;
            }
        }
        let rest = self.ended_by_anyone();
        self.send(rest).await?;
        Ok(self.sender.tally())
    }

    async fn send(&mut self, spans: Vec<Span>) -> anyhow::Result<()> {
        for chunk in spans.chunks(self.plan.spans_per_request) {
            self.sender.send(chunk.to_vec()).await?;
        }
        Ok(())
    }

    /// Everything that ends up to `instant` and was not given yet, in order of its end.
    fn ended_by(&mut self, instant: UnixNanos) -> Vec<Span> {
        while UnixNanos::from_millis(self.next_second.saturating_mul(1_000)) <= instant {
            let begun = UnixNanos::from_millis(self.next_second * 1_000);
            let spans = self.shop.spans_of(self.next_second, self.rate_at(begun));
            self.running.extend(spans.into_iter().map(|span| Reverse(ByEnd(span))));
            self.next_second += 1;
        }
        let mut ended = Vec::new();
        while self.running.peek().is_some_and(|Reverse(next)| next.0.end <= instant) {
            ended.extend(self.running.pop().map(|Reverse(next)| next.0));
        }
        ended
    }

    fn rate_at(&self, instant: UnixNanos) -> f64 {
        if instant < self.plan.live_from { self.plan.rate_before } else { self.plan.rate }
    }

    fn step(&self, reached: UnixNanos) -> SpanDuration {
        // A rate of zero divides to infinity, which the upper end takes.
        let secs = (REQUESTS_PER_STEP / self.rate_at(reached)).clamp(1.0, STEP_SECS_MAX);
        SpanDuration::from_secs(secs as u64)
    }

    /// What is still under way, in order of its end.
    fn ended_by_anyone(&mut self) -> Vec<Span> {
        let mut rest: Vec<Span> = self.running.drain().map(|Reverse(next)| next.0).collect();
        rest.sort_by_key(|span| (span.end, span.span_id));
        rest
    }

    fn report(&self, reached: UnixNanos) {
        let Tally { accepted, refused, retries } = self.sender.tally();
        if reached < self.plan.live_from {
            let done = reached.since(self.plan.from).as_secs_f64();
            let percent = 100.0 * done / self.plan.live_from.since(self.plan.from).as_secs_f64();
            tracing::info!(spans = accepted, refused, retries, "{percent:.0} % of the history is sent");
        } else {
            tracing::info!(spans = accepted, refused, retries, "the demo shop is open");
        }
    }
}

// === impl ByEnd ===

impl Ord for ByEnd {
    fn cmp(&self, other: &ByEnd) -> std::cmp::Ordering {
        (self.0.end, self.0.span_id).cmp(&(other.0.end, other.0.span_id))
    }
}

impl PartialOrd for ByEnd {
    fn partial_cmp(&self, other: &ByEnd) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ByEnd {
    fn eq(&self, other: &ByEnd) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for ByEnd {}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T12:00:00Z.
    const NOON: UnixNanos = UnixNanos(1_795_176_000_000_000_000);

    fn pace(rate: f64, rate_before: f64) -> Pace {
        let live_from = NOON.after(SpanDuration::from_secs(60));
        let until = live_from.after(SpanDuration::from_secs(60));
        let plan = Plan { from: NOON, live_from, until, rate, rate_before, spans_per_request: 100 };
        Pace::new(plan, Shop::new(3), Sender::new("http://127.0.0.1:1").expect("a plain address"))
    }

    fn second(count: u64) -> UnixNanos {
        NOON.after(SpanDuration::from_secs(count))
    }

    #[test]
    fn spans_leave_in_the_order_of_their_ends_and_each_once() {
        let mut in_steps = pace(4.0, 4.0);
        let mut sent: Vec<Span> = (0..=120).flat_map(|count| in_steps.ended_by(second(count))).collect();
        assert!(sent.iter().all(|span| span.end <= second(120)));
        sent.extend(in_steps.ended_by_anyone());
        assert!(sent.is_sorted_by_key(|span| span.end), "no span is older than one before it");
        let mut at_once = pace(4.0, 4.0);
        let mut all = at_once.ended_by(second(120));
        all.extend(at_once.ended_by_anyone());
        assert_eq!(sent, all);
    }

    #[test]
    fn history_and_live_traffic_have_their_own_rates() {
        let mut pace = pace(8.0, 0.0);
        let jobs_only = pace.ended_by(second(59));
        assert!(jobs_only.iter().all(|span| span.service() == "scheduler" || span.service() == "inventory"));
        assert!(pace.ended_by(second(120)).len() > 1_000);
    }
}
