//! A stored trace made ready for reading: arranged as a tree, identical spans once, oddities noted. Not here: any output form.

use std::sync::{Arc, OnceLock};

use api::TraceColumns;
use model::tree::TreeRow;
use model::{Span, Trace, TraceSummary, TraceTree, Warnings};
use storage::{Completeness, StoredTrace};

/// A trace in the state `sequence`, with the rows that every answer about it numbers alike.
#[derive(Debug)]
pub struct Arranged {
    /// The spans, each once.
    pub trace: Trace,
    /// Their rows.
    pub tree: TraceTree,
    /// Its one line.
    pub summary: TraceSummary,
    /// The latest group that holds a span of it.
    pub sequence: u64,
    /// How much of what is stored was read.
    pub completeness: Completeness,
    /// Its columns, once somebody asked for them.
    columns: OnceLock<Arc<TraceColumns>>,
}

// === impl Arranged ===

impl Arranged {
    /// Arranges what the store returned.
    pub fn new(stored: StoredTrace, completeness: Completeness) -> Arranged {
        let id = stored.trace.id;
        let spans = without_repeats(stored.trace.into_spans());
        let trace = Trace::new(id, spans).expect("a stored trace has a span, and of equal ones the first stays");
        let tree = TraceTree::build(trace.spans());
        let summary = trace.summary();
        Arranged { trace, tree, summary, sequence: stored.sequence, completeness, columns: OnceLock::new() }
    }

    /// The spans in row order, each with its row.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = (&TreeRow, &Span)> {
        self.tree.rows().iter().map(|row| (row, &self.trace.spans()[row.span as usize]))
    }

    /// The same as columns, computed once.
    pub fn columns(&self) -> Arc<TraceColumns> {
        let compute = || TraceColumns::of(&self.trace, self.sequence, self.completeness.complete);
        Arc::clone(self.columns.get_or_init(|| Arc::new(compute())))
    }
}

/// What was noticed about a span when it came in and when the trace was arranged.
pub fn warnings_of(row: &TreeRow, span: &Span) -> Warnings {
    Warnings::from_bits(row.warnings.bits() | span.warnings.bits())
}

/// Drops spans equal to another one. Engines store a span once; one that cannot promise it is helped out here.
fn without_repeats(mut spans: Vec<Span>) -> Vec<Span> {
    // Equal spans become neighbours of the same start and id, though others with that start and id may stand between them.
    spans.sort_by_key(|span| (span.start, span.span_id));
    let mut kept: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        let is_known = kept
            .iter()
            .rev()
            .take_while(|earlier| earlier.start == span.start && earlier.span_id == span.span_id)
            .any(|earlier| *earlier == span);
        if !is_known {
            kept.push(span);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::testing::span;
    use model::{TraceId, Warning};

    fn arranged(spans: Vec<Span>) -> Arranged {
        let trace = Trace::new(TraceId::new([1; 16]).expect("not zero"), spans).expect("spans of trace 1");
        Arranged::new(StoredTrace { trace, sequence: 3 }, Completeness::default())
    }

    #[test]
    fn identical_spans_are_shown_once_and_different_ones_with_one_id_twice() {
        let mut other = span(1, 2, None);
        other.name = "other content".to_owned();
        let arranged = arranged(vec![span(1, 2, None), other, span(1, 2, None), span(1, 1, None)]);
        let names: Vec<_> = arranged.rows().map(|(_, span)| span.name.as_str()).collect();
        assert_eq!(names, ["op 1", "op 2", "other content"]);
        let twice = arranged.rows().filter(|(row, span)| warnings_of(row, span).has(Warning::DuplicateId)).count();
        assert_eq!(twice, 2);
    }

    #[test]
    fn columns_have_the_rows_of_the_tree() {
        let root = span(1, 1, None);
        let child = span(1, 2, Some(root.span_id));
        let arranged = arranged(vec![span(1, 3, None), child, root]);
        let columns = arranged.columns();
        let starts: Vec<_> = arranged.rows().map(|(_, span)| span.start.0 - columns.t0).collect();
        assert_eq!(columns.start, starts);
        assert_eq!(columns.sequence, 3);
    }
}
