//! Spans arranged as a forest in depth-first order. Any parent map becomes one, without recursion: orphans and cycles are cut and flagged.

use std::collections::HashMap;

use crate::id::SpanId;
use crate::span::{Span, SpanKind};
use crate::time::UnixNanos;
use crate::warning::{Warning, Warnings};

/// The rows of a trace in the order in which they are drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceTree {
    rows: Vec<TreeRow>,
}

/// One span in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeRow {
    /// Index of the span in the slice that the tree was built from.
    pub span: u32,
    /// Row of the parent, always an earlier one; `None` for a root.
    pub parent: Option<u32>,
    /// Number of ancestors.
    pub depth: u32,
    /// Number of descendants; they are the rows that follow.
    pub subtree: u32,
    /// What was noticed while arranging: a missing parent, a cut cycle, a repeated id.
    pub warnings: Warnings,
}

/// No parent.
const NONE: u32 = u32::MAX;

// === impl TraceTree ===

impl TraceTree {
    /// Arranges `spans`. Roots and siblings are ordered by start, then by id.
    pub fn build(spans: &[Span]) -> TraceTree {
        let mut parents = parents_of(spans);
        let mut warnings = warnings_of(spans, &parents);
        cut_cycles(spans, &mut parents, &mut warnings);
        let children = Children::of(spans, &parents);
        TraceTree { rows: depth_first(&children, &warnings) }
    }

    /// The rows in drawing order; each span stands in exactly one.
    pub fn rows(&self) -> &[TreeRow] {
        &self.rows
    }

    /// The greatest depth.
    pub fn depth(&self) -> u32 {
        self.rows.iter().map(|row| row.depth).max().unwrap_or(0)
    }
}

/// Index of each span's parent, or `NONE`. Of spans that share an id the earliest is the parent.
fn parents_of(spans: &[Span]) -> Vec<u32> {
    let mut owner: HashMap<SpanId, u32> = HashMap::with_capacity(spans.len());
    for (index, span) in (0u32..).zip(spans) {
        owner
            .entry(span.span_id)
            .and_modify(|known| {
                if order_key(span) < order_key(&spans[*known as usize]) {
                    *known = index;
                }
            })
            .or_insert(index);
    }
    spans.iter().map(|span| span.parent_span_id.and_then(|id| owner.get(&id).copied()).unwrap_or(NONE)).collect()
}

fn warnings_of(spans: &[Span], parents: &[u32]) -> Vec<Warnings> {
    let mut uses: HashMap<SpanId, u32> = HashMap::with_capacity(spans.len());
    for span in spans {
        *uses.entry(span.span_id).or_default() += 1;
    }
    let mut reports: HashMap<(SpanId, SpanKind, UnixNanos, &str), u32> = HashMap::new();
    for span in spans.iter().filter(|span| uses[&span.span_id] > 1) {
        *reports.entry(identity(span)).or_default() += 1;
    }
    spans
        .iter()
        .zip(parents)
        .map(|(span, parent)| {
            let mut warnings = Warnings::NONE;
            if span.parent_span_id.is_some() && *parent == NONE {
                warnings.add(Warning::ParentMissing);
            }
            if uses[&span.span_id] > 1 {
                warnings.add(Warning::DuplicateId);
            }
            if reports.get(&identity(span)).is_some_and(|reports| *reports > 1) {
                warnings.add(Warning::Conflict);
            }
            warnings
        })
        .collect()
}

/// What two reports of one span have in common; of two calls that share an id it is different.
fn identity(span: &Span) -> (SpanId, SpanKind, UnixNanos, &str) {
    (span.span_id, span.kind, span.start, span.service())
}

/// Makes a root of the earliest span of each cycle.
fn cut_cycles(spans: &[Span], parents: &mut [u32], warnings: &mut [Warnings]) {
    // Each walk upwards has its own number, so a step onto that number has gone round in a circle.
    const UNSEEN: u32 = 0;
    let mut seen_in_walk = vec![UNSEEN; spans.len()];
    for (start, walk) in (0..spans.len()).zip(1u32..) {
        let mut at = start as u32;
        while at != NONE && seen_in_walk[at as usize] == UNSEEN {
            seen_in_walk[at as usize] = walk;
            at = parents[at as usize];
        }
        if at == NONE || seen_in_walk[at as usize] != walk {
            continue;
        }
        let mut earliest = at;
        let mut step = parents[at as usize];
        while step != at {
            if order_key(&spans[step as usize]) < order_key(&spans[earliest as usize]) {
                earliest = step;
            }
            step = parents[step as usize];
        }
        parents[earliest as usize] = NONE;
        warnings[earliest as usize].add(Warning::CycleCut);
    }
}

/// Children of each span as runs of one vector; the roots are the children of an extra, last node.
struct Children {
    run_start: Vec<u32>,
    spans: Vec<u32>,
}

impl Children {
    fn of(spans: &[Span], parents: &[u32]) -> Children {
        let roots = spans.len();
        let node_of = |parent: u32| if parent == NONE { roots } else { parent as usize };
        let mut order: Vec<u32> = (0..spans.len() as u32).collect();
        order.sort_unstable_by_key(|index| (order_key(&spans[*index as usize]), *index));
        let mut run_start = vec![0u32; spans.len() + 2];
        for parent in parents {
            run_start[node_of(*parent) + 1] += 1;
        }
        for node in 1..run_start.len() {
            run_start[node] += run_start[node - 1];
        }
        let mut next = run_start.clone();
        let mut children = vec![0u32; spans.len()];
        for span in order {
            let node = node_of(parents[span as usize]);
            children[next[node] as usize] = span;
            next[node] += 1;
        }
        Children { run_start, spans: children }
    }

    fn of_node(&self, node: usize) -> &[u32] {
        &self.spans[self.run_start[node] as usize..self.run_start[node + 1] as usize]
    }

    fn of_roots(&self) -> &[u32] {
        self.of_node(self.run_start.len() - 2)
    }
}

fn depth_first(children: &Children, warnings: &[Warnings]) -> Vec<TreeRow> {
    let mut rows: Vec<TreeRow> = Vec::with_capacity(warnings.len());
    // (span, row of its parent, depth), the next one on top.
    let mut waiting: Vec<(u32, Option<u32>, u32)> =
        children.of_roots().iter().rev().map(|span| (*span, None, 0)).collect();
    while let Some((span, parent, depth)) = waiting.pop() {
        let row = rows.len() as u32;
        rows.push(TreeRow { span, parent, depth, subtree: 0, warnings: warnings[span as usize] });
        waiting.extend(children.of_node(span as usize).iter().rev().map(|child| (*child, Some(row), depth + 1)));
    }
    // Later rows are complete before their parents are met.
    for row in (0..rows.len()).rev() {
        if let Some(parent) = rows[row].parent {
            rows[parent as usize].subtree += rows[row].subtree + 1;
        }
    }
    assert_eq!(rows.len(), warnings.len(), "each span stands in exactly one row");
    rows
}

fn order_key(span: &Span) -> (UnixNanos, SpanId) {
    (span.start, span.span_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::span;
    use proptest::prelude::*;

    /// Spans by number, each with its parent's number (0: none), as an indented outline.
    fn outline(parents: &[(u8, u8)]) -> String {
        let spans: Vec<_> = parents.iter().map(|(id, parent)| span(1, *id, SpanId::new([*parent; 8]))).collect();
        let line = |row: &TreeRow| {
            let marks: String = row.warnings.iter().map(|warning| format!(" {warning:?}")).collect();
            format!("{}{}{marks}\n", "  ".repeat(row.depth as usize), parents[row.span as usize].0)
        };
        TraceTree::build(&spans).rows().iter().map(line).collect()
    }

    #[test]
    fn children_follow_their_parent_by_start() {
        assert_eq!(outline(&[(4, 1), (2, 1), (3, 2), (1, 0)]), "1\n  2\n    3\n  4\n");
    }

    #[test]
    fn an_orphan_becomes_a_root_of_its_own() {
        assert_eq!(outline(&[(1, 0), (3, 9), (4, 3)]), "1\n3 ParentMissing\n  4\n");
    }

    #[test]
    fn a_cycle_is_cut_at_its_earliest_span() {
        assert_eq!(outline(&[(3, 2), (2, 4), (4, 3), (5, 4)]), "2 CycleCut\n  3\n    4\n      5\n");
        assert_eq!(outline(&[(7, 7)]), "7 CycleCut\n");
    }

    #[test]
    fn spans_that_share_an_id_are_flagged_and_both_kept() {
        assert_eq!(outline(&[(1, 0), (1, 0), (2, 1)]), "1 DuplicateId Conflict\n  2\n1 DuplicateId Conflict\n");
    }

    #[test]
    fn only_reports_of_the_same_work_are_a_conflict() {
        let first = span(1, 1, None);
        let mut other_side = first.clone();
        other_side.kind = SpanKind::Client;
        let mut other_end = first.clone();
        other_end.end = UnixNanos(first.end.0 + 1);
        let marked = |spans: &[Span]| {
            let tree = TraceTree::build(spans);
            let count = |warning| tree.rows().iter().filter(|row| row.warnings.has(warning)).count();
            (count(Warning::DuplicateId), count(Warning::Conflict))
        };
        assert_eq!(marked(&[first.clone(), other_side.clone()]), (2, 0));
        assert_eq!(marked(&[first, other_side, other_end]), (3, 2));
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_spans_needs_no_stack() {
        let id = |n: u32| SpanId::new(u64::from(n + 1).to_be_bytes());
        let spans: Vec<_> = (0..100_000u32)
            .map(|n| {
                let mut span = span(1, 1, n.checked_sub(1).and_then(id));
                span.span_id = id(n).expect("numbered from 1");
                span
            })
            .collect();
        assert_eq!(TraceTree::build(&spans).depth(), 99_999);
    }

    proptest! {
        #[test]
        fn any_parent_map_becomes_a_forest_with_each_span_once(
            parents in proptest::collection::vec((1u8..30, 0u8..40), 1..60),
        ) {
            let spans: Vec<_> = parents.iter().map(|(id, parent)| span(1, *id, SpanId::new([*parent; 8]))).collect();
            let tree = TraceTree::build(&spans);
            let mut seen: Vec<_> = tree.rows().iter().map(|row| row.span).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..spans.len() as u32).collect::<Vec<_>>());
            for (index, row) in tree.rows().iter().enumerate() {
                match row.parent {
                    Some(parent) => {
                        let parent_row = tree.rows()[parent as usize];
                        prop_assert!((parent as usize) < index);
                        prop_assert_eq!(row.depth, parent_row.depth + 1);
                        prop_assert!(index as u32 <= parent + parent_row.subtree);
                    }
                    None => prop_assert_eq!(row.depth, 0),
                }
            }
        }
    }
}
