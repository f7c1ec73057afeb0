//! A seeded online shop: which spans begin in a given second, as a pure function of seed and time. Not here: sending them, waiting.

mod calls;
mod data;
mod exceptions;
mod recorder;
mod requests;
mod scopes;
mod services;
mod weather;

#[cfg(test)]
mod tests;

use model::{Span, SpanDuration, UnixNanos};

use super::random::Random;
use recorder::Recorder;
use requests::Program;
use scopes::Scopes;
use services::Instance;
use weather::Weather;

/// The shop: the same seed has the same visitors at the same times, for ever.
pub(crate) struct Shop {
    seed: u64,
    instances: Vec<Vec<Instance>>,
    scopes: Scopes,
}

/// Random streams of one second: the first decides how many visitors come, the others belong to one visitor each.
const STREAMS_PER_SECOND: u64 = 1 << 20;
const SECOND_NANOS: u64 = 1_000_000_000;

// === impl Shop ===

impl Shop {
    /// A shop of its own for each seed.
    pub(crate) fn new(seed: u64) -> Shop {
        Shop { seed, instances: services::instances(seed), scopes: Scopes::new() }
    }

    /// Every span of the traces that begin in `second` after 1970, at a daily mean of `rate` requests per second.
    /// Spans may end seconds later, and the traces of the queue's readers begin later.
    pub(crate) fn spans_of(&self, second: u64, rate: f64) -> Vec<Span> {
        let stream = second.wrapping_mul(STREAMS_PER_SECOND);
        let start = UnixNanos::default().after(SpanDuration::from_secs(second));
        let mut random = Random::of(self.seed, stream);
        let expected = rate * Weather::at(start).visitors();
        let visitors = (expected + random.unit()).floor() as u64;
        let mut spans = Vec::new();
        for visitor in 1..=visitors.min(STREAMS_PER_SECOND - 2) {
            let arrival = start.after(SpanDuration(random.below(SECOND_NANOS)));
            spans.extend(self.record(stream + visitor, arrival, requests::by_visitor));
        }
        if let Some(job) = requests::by_clock(second) {
            spans.extend(self.record(stream + STREAMS_PER_SECOND - 1, start, job));
        }
        spans
    }

    fn record(&self, stream: u64, start: UnixNanos, program: Program) -> Vec<Span> {
        let random = Random::of(self.seed, stream);
        let mut recorder = Recorder::new(&self.instances, &self.scopes, random, start);
        program(&mut recorder);
        recorder.finish()
    }
}
