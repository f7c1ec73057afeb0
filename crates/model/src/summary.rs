//! One line about a trace, built span by span and merged in any order.

use crate::id::{SpanId, TraceId};
use crate::span::{Span, StatusCode};
use crate::time::{SpanDuration, UnixNanos};

/// What a list shows of a trace. Adding spans in any order gives the same summary.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSummary {
    /// The trace.
    pub trace_id: TraceId,
    /// Earliest start.
    pub start: UnixNanos,
    /// Latest end.
    pub end: UnixNanos,
    /// Service of the root.
    pub root_service: String,
    /// Name of the root.
    pub root_name: String,
    /// Whether the root is a span without a parent; otherwise it is the earliest span received so far.
    pub root_received: bool,
    /// Number of spans.
    pub spans: u64,
    /// Number of failed spans.
    pub errors: u64,
    /// Spans and errors by service, by name.
    pub services: Vec<ServiceCount>,
    /// Which span stands as root.
    root_rank: RootRank,
}

/// Spans of one service inside a trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceCount {
    /// Its name.
    pub service: String,
    /// Number of its spans.
    pub spans: u64,
    /// Number of its failed spans.
    pub errors: u64,
}

/// The facts of a span that a summary needs, borrowed, so that batches need not build a [`Span`].
#[derive(Clone, Copy, Debug)]
pub struct SpanFacts<'a> {
    /// The trace it belongs to.
    pub trace_id: TraceId,
    /// Its own id.
    pub span_id: SpanId,
    /// Whether it names a parent.
    pub has_parent: bool,
    /// When it began.
    pub start: UnixNanos,
    /// When it ended.
    pub end: UnixNanos,
    /// The service that ran it.
    pub service: &'a str,
    /// What ran.
    pub name: &'a str,
    /// How it ended.
    pub status: StatusCode,
}

/// Roots without a parent come first, then the earliest start, then the smallest id. Where even those are equal, service and
/// name decide: ties are decided the same way everywhere.
type RootRank = (bool, UnixNanos, SpanId);

impl TraceSummary {
    /// The summary of one span.
    pub fn of(span: &Span) -> TraceSummary {
        TraceSummary::of_facts(&SpanFacts::from(span))
    }

    /// The summary of one span.
    pub fn of_facts(span: &SpanFacts<'_>) -> TraceSummary {
        let errors = u64::from(span.status == StatusCode::Error);
        TraceSummary {
            trace_id: span.trace_id,
            start: span.start,
            end: span.end.max(span.start),
            root_service: span.service.to_owned(),
            root_name: span.name.to_owned(),
            root_received: !span.has_parent,
            spans: 1,
            errors,
            services: vec![ServiceCount { service: span.service.to_owned(), spans: 1, errors }],
            root_rank: span.root_rank(),
        }
    }

    /// Adds a span of the same trace.
    pub fn add(&mut self, span: &Span) {
        self.add_facts(&SpanFacts::from(span));
    }

    /// Adds a span of the same trace.
    pub fn add_facts(&mut self, span: &SpanFacts<'_>) {
        debug_assert_eq!(self.trace_id, span.trace_id, "a summary is of one trace");
        self.start = self.start.min(span.start);
        self.end = self.end.max(span.end).max(span.start);
        let errors = u64::from(span.status == StatusCode::Error);
        self.spans += 1;
        self.errors += errors;
        self.count_service(span.service, 1, errors);
        let stands = (span.root_rank(), span.service, span.name);
        if stands < (self.root_rank, self.root_service.as_str(), self.root_name.as_str()) {
            self.root_rank = span.root_rank();
            self.root_received = !span.has_parent;
            span.service.clone_into(&mut self.root_service);
            span.name.clone_into(&mut self.root_name);
        }
    }

    /// Adds the summary of further, disjoint spans of the same trace.
    pub fn merge(&mut self, other: &TraceSummary) {
        debug_assert_eq!(self.trace_id, other.trace_id, "a summary is of one trace");
        self.start = self.start.min(other.start);
        self.end = self.end.max(other.end);
        self.spans += other.spans;
        self.errors += other.errors;
        for count in &other.services {
            self.count_service(&count.service, count.spans, count.errors);
        }
        let stands = (other.root_rank, &other.root_service, &other.root_name);
        if stands < (self.root_rank, &self.root_service, &self.root_name) {
            self.root_rank = other.root_rank;
            self.root_received = other.root_received;
            self.root_service.clone_from(&other.root_service);
            self.root_name.clone_from(&other.root_name);
        }
    }

    /// From the earliest start to the latest end.
    pub fn duration(&self) -> SpanDuration {
        self.end.since(self.start)
    }

    fn count_service(&mut self, service: &str, spans: u64, errors: u64) {
        match self.services.binary_search_by(|count| count.service.as_str().cmp(service)) {
            Ok(place) => {
                self.services[place].spans += spans;
                self.services[place].errors += errors;
            }
            Err(place) => {
                self.services.insert(place, ServiceCount { service: service.to_owned(), spans, errors });
            }
        }
    }
}

// === impl SpanFacts ===

impl SpanFacts<'_> {
    fn root_rank(&self) -> RootRank {
        (self.has_parent, self.start, self.span_id)
    }
}

impl<'a> From<&'a Span> for SpanFacts<'a> {
    fn from(span: &'a Span) -> SpanFacts<'a> {
        SpanFacts {
            trace_id: span.trace_id,
            span_id: span.span_id,
            has_parent: span.parent_span_id.is_some(),
            start: span.start,
            end: span.end,
            service: span.service(),
            name: &span.name,
            status: span.status.code,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{resource, span};
    use crate::{Span, SpanId};
    use proptest::prelude::*;

    fn summary_of(spans: &[Span]) -> TraceSummary {
        let mut summary = TraceSummary::of(&spans[0]);
        spans[1..].iter().for_each(|span| summary.add(span));
        summary
    }

    #[test]
    fn the_root_is_the_span_without_a_parent_even_when_it_starts_last() {
        let mut root = span(1, 9, None);
        root.resource = resource("gateway");
        let summary = summary_of(&[span(1, 2, SpanId::new([9; 8])), root]);
        assert_eq!((summary.root_service.as_str(), summary.root_name.as_str()), ("gateway", "op 9"));
        assert!(summary.root_received);
    }

    #[test]
    fn an_end_before_the_start_does_not_shorten_the_trace() {
        let mut broken = span(1, 5, None);
        broken.end = UnixNanos(1);
        assert_eq!(summary_of(&[broken]).duration(), SpanDuration(0));
    }

    proptest! {
        #[test]
        fn order_and_grouping_do_not_matter(
            rows in proptest::collection::vec((1u8..9, 0u8..9, 0u8..3, any::<bool>()), 2..20), cut in 1usize..19,
        ) {
            let mut spans: Vec<Span> = rows.iter().map(|(id, parent, service, failed)| {
                let mut span = span(1, *id, SpanId::new([*parent; 8]));
                span.resource = resource(["a", "b", "c"][usize::from(*service)]);
                span.name = if *failed { "x" } else { "y" }.into();
                span.status.code = if *failed { StatusCode::Error } else { StatusCode::Unset };
                span
            }).collect();
            let whole = summary_of(&spans);
            let cut = cut.min(spans.len() - 1);
            let mut merged = summary_of(&spans[cut..]);
            merged.merge(&summary_of(&spans[..cut]));
            prop_assert_eq!(&merged, &whole);
            spans.reverse();
            prop_assert_eq!(&summary_of(&spans), &whole);
        }
    }
}
