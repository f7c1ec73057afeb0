//! A trace without what its spans carry: enough to draw it, in about 50 bytes a span, so that a million of them fit in memory.
//!
//! Not here: attributes, events and links; they are asked for when somebody looks at a span.

use std::collections::HashMap;

use crate::id::SpanId;
use crate::span::{Span, SpanKind, StatusCode};
use crate::time::UnixNanos;
use crate::trace::Trace;
use crate::warning::Warnings;

/// All spans of one trace, in no promised order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TraceSkeleton {
    /// Services and names, each once.
    words: Vec<String>,
    known: HashMap<String, u32>,
    spans: Vec<SkeletonSpan>,
}

/// A span as far as it is drawn. Service and name are numbers, see [`TraceSkeleton::word`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is that of `Span` with its name")]
pub struct SkeletonSpan {
    pub span_id: SpanId,
    pub parent_span_id: Option<SpanId>,
    pub start: UnixNanos,
    pub end: UnixNanos,
    pub service: u32,
    pub name: u32,
    pub kind: SpanKind,
    pub status: StatusCode,
    pub warnings: Warnings,
}

// === impl TraceSkeleton ===

impl TraceSkeleton {
    /// What is left of `trace`.
    pub fn of(trace: &Trace) -> TraceSkeleton {
        let mut skeleton = TraceSkeleton::default();
        trace.spans().iter().for_each(|span| skeleton.push_span(span));
        skeleton
    }

    /// Adds a span.
    pub fn push_span(&mut self, span: &Span) {
        let (service, name) = (self.number(span.service()), self.number(&span.name));
        self.push(SkeletonSpan {
            span_id: span.span_id,
            parent_span_id: span.parent_span_id,
            start: span.start,
            end: span.end,
            service,
            name,
            kind: span.kind,
            status: span.status.code,
            warnings: span.warnings,
        });
    }

    /// Adds a span whose service and name were numbered here.
    pub fn push(&mut self, span: SkeletonSpan) {
        self.spans.push(span);
    }

    /// The number of a service or name.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.known.get(word) {
            return *number;
        }
        let number = u32::try_from(self.words.len()).expect("words of a trace in memory are counted in 32 bits");
        self.words.push(word.to_owned());
        self.known.insert(word.to_owned(), number);
        number
    }

    /// The word with this number. Panics on a number that is not of this trace.
    pub fn word(&self, number: u32) -> &str {
        &self.words[number as usize]
    }

    /// Its spans.
    pub fn spans(&self) -> &[SkeletonSpan] {
        &self.spans
    }

    /// Keeps the spans for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&SkeletonSpan) -> bool) {
        self.spans.retain(keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TraceId;
    use crate::testing::span;

    #[test]
    fn a_span_of_a_skeleton_stays_small_and_words_are_kept_once() {
        assert!(size_of::<SkeletonSpan>() <= 56, "{} bytes", size_of::<SkeletonSpan>());
        let id = TraceId::new([1; 16]).expect("not zero");
        let trace = Trace::new(id, vec![span(1, 1, None), span(1, 2, SpanId::new([1; 8]))]).expect("two spans");
        let skeleton = TraceSkeleton::of(&trace);
        let seen: Vec<_> =
            skeleton.spans().iter().map(|span| (skeleton.word(span.service), skeleton.word(span.name))).collect();
        assert_eq!(seen, [("shop", "op 1"), ("shop", "op 2")]);
        assert_eq!(skeleton.words.len(), 3);
    }
}
