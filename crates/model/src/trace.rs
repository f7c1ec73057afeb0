//! All spans of one trace that were found, in no promised order. Not here: their arrangement (`tree`), their one line (`summary`).

use crate::id::TraceId;
use crate::span::Span;
use crate::summary::TraceSummary;

/// One trace, assembled.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    /// Its id, equal to that of every span.
    pub id: TraceId,
    /// Its spans. Invariant: at least one, all with the trace's id.
    spans: Vec<Span>,
}

impl Trace {
    /// `None` when no span has the id of the trace; spans of other traces are left out.
    pub fn new(id: TraceId, mut spans: Vec<Span>) -> Option<Trace> {
        spans.retain(|span| span.trace_id == id);
        (!spans.is_empty()).then_some(Trace { id, spans })
    }

    /// At least one span.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The spans, given away.
    pub fn into_spans(self) -> Vec<Span> {
        self.spans
    }

    /// Its one line for lists.
    pub fn summary(&self) -> TraceSummary {
        let mut spans = self.spans.iter();
        let first = spans.next().expect("non-empty: Trace::new returns None otherwise");
        let mut summary = TraceSummary::of(first);
        for span in spans {
            summary.add(span);
        }
        summary
    }
}
