//! Counts of spans and requests since the start, and their text for `/metrics`.
//!
//! Invariant: `received = accepted + rejected` and `accepted = stored + deduplicated`, at every moment nothing is in flight.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use storage::Committed;
use wire::Rejected;

use super::clients::Clients;
use super::datagrams::DatagramCounts;

/// Reasons counted apart; they come from decoders, so there are few.
const REASONS_MAX: usize = 64;

/// Counts only rise.
#[derive(Debug, Default)]
pub struct Counters {
    received: AtomicU64,
    accepted: AtomicU64,
    stored: AtomicU64,
    deduplicated: AtomicU64,
    /// Spans by reason.
    rejected: Mutex<BTreeMap<String, u64>>,
    /// Requests by reason.
    refused: Mutex<BTreeMap<&'static str, u64>>,
    connections_refused: AtomicU64,
    /// What came without asking for an answer.
    pub datagrams: DatagramCounts,
    /// What is missing of clients that count.
    pub(crate) clients: Clients,
}

/// The span counts at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpanCounts {
    /// Came in, good or bad, in requests that were answered with success.
    pub received: u64,
    /// Good ones.
    pub accepted: u64,
    /// Bad ones.
    pub rejected: u64,
    /// Accepted and new.
    pub stored: u64,
    /// Accepted and known before.
    pub deduplicated: u64,
}

// === impl Counters ===

impl Counters {
    /// A request is done: some spans are durable, some were rejected.
    pub(crate) fn settled(&self, committed: Option<Committed>, rejected: &Rejected) {
        let (stored, deduplicated) = committed.map_or((0, 0), |committed| (committed.spans, committed.deduplicated));
        self.received.fetch_add(stored + deduplicated + rejected.count, Relaxed);
        self.accepted.fetch_add(stored + deduplicated, Relaxed);
        self.stored.fetch_add(stored, Relaxed);
        self.deduplicated.fetch_add(deduplicated, Relaxed);
        let mut reasons = self.rejected.lock().unwrap_or_else(PoisonError::into_inner);
        for reason in &rejected.reasons {
            let known = reasons.contains_key(&reason.text) || reasons.len() < REASONS_MAX;
            let text = if known { reason.text.clone() } else { "other reasons".to_owned() };
            *reasons.entry(text).or_default() += reason.count;
        }
    }

    /// A whole request was refused.
    pub(crate) fn refused(&self, reason: &'static str) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner).entry(reason).or_default() += 1;
    }

    /// A connection was closed because there were too many.
    pub(crate) fn connection_refused(&self) {
        self.connections_refused.fetch_add(1, Relaxed);
    }

    /// The span counts now.
    pub fn spans(&self) -> SpanCounts {
        SpanCounts {
            received: self.received.load(Relaxed),
            accepted: self.accepted.load(Relaxed),
            rejected: self.rejected.lock().unwrap_or_else(PoisonError::into_inner).values().sum(),
            stored: self.stored.load(Relaxed),
            deduplicated: self.deduplicated.load(Relaxed),
        }
    }

    /// In the text form that Prometheus reads.
    pub(crate) fn exposition(&self) -> String {
        let mut text = String::new();
        let spans = self.spans();
        counter(&mut text, "spans_received_total", "spans that came in", &[("", spans.received)]);
        counter(&mut text, "spans_accepted_total", "spans that were good", &[("", spans.accepted)]);
        counter(&mut text, "spans_stored_total", "spans that became durable", &[("", spans.stored)]);
        counter(&mut text, "spans_deduplicated_total", "spans that were stored before", &[("", spans.deduplicated)]);
        let rejected = self.rejected.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let rejected: Vec<_> = rejected.iter().map(|(reason, count)| (reason.as_str(), *count)).collect();
        counter(&mut text, "spans_rejected_total", "spans that were refused, by reason", &rejected);
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let refused: Vec<_> = refused.into_iter().collect();
        counter(&mut text, "requests_refused_total", "requests that were refused whole, by reason", &refused);
        let connections = self.connections_refused.load(Relaxed);
        counter(&mut text, "connections_refused_total", "connections beyond the limit", &[("", connections)]);
        self.datagrams.exposition(&mut text);
        self.clients.exposition(&mut text);
        text
    }
}

/// One family; `rows` are label value and count, an empty label value stands for no label.
pub(super) fn counter(text: &mut String, name: &str, help: &str, rows: &[(&str, u64)]) {
    family(text, name, "counter", help, rows);
}

/// Appends one metric family in Prometheus' text form.
pub(crate) fn family(text: &mut String, name: &str, kind: &str, help: &str, rows: &[(&str, u64)]) {
    const INFALLIBLE: &str = "writing to a string does not fail";
    writeln!(text, "# HELP tracewell_{name} {help}\n# TYPE tracewell_{name} {kind}").expect(INFALLIBLE);
    for (label, value) in rows {
        match *label {
            "" => writeln!(text, "tracewell_{name} {value}"),
            label => {
                let label = label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                writeln!(text, "tracewell_{name}{{reason=\"{label}\"}} {value}")
            }
        }
        .expect(INFALLIBLE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{TimeRange, UnixNanos};

    #[test]
    fn every_span_is_accounted_for() {
        let counters = Counters::default();
        let mut rejected = Rejected::default();
        rejected.add("trace id is \"zero\"", 2);
        let range = TimeRange::at(UnixNanos(1));
        counters.settled(Some(Committed { sequence: 1, spans: 5, deduplicated: 3, range }), &rejected);
        let spans = counters.spans();
        assert_eq!(spans.received, spans.accepted + spans.rejected);
        assert_eq!(spans.accepted, spans.stored + spans.deduplicated);
        assert_eq!((spans.received, spans.stored), (10, 5));
        let line = "tracewell_spans_rejected_total{reason=\"trace id is \\\"zero\\\"\"} 2\n";
        assert!(counters.exposition().contains(line), "{}", counters.exposition());
    }
}
