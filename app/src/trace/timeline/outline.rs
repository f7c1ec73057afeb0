//! What the columns do not say directly about a row's place: its number among its siblings, and which part of its time is its own.

use std::sync::Arc;

use api::TraceColumns;

use super::viewport::Window;

/// Pieces of own time drawn in one bar; shorter pieces than this share of it are left out.
const OWN_PIECES_MAX: u64 = 48;

/// Columns with sibling numbers, computed once per trace.
#[derive(Clone, Debug)]
pub struct Outline {
    /// The trace.
    pub columns: Arc<TraceColumns>,
    /// From 1.
    number: Vec<u32>,
    /// Children per row.
    children: Vec<u32>,
    roots: u32,
}

// === impl Outline ===

impl Outline {
    /// Linear in the number of rows.
    pub fn of(columns: Arc<TraceColumns>) -> Outline {
        let mut children = vec![0u32; columns.len()];
        let mut number = Vec::with_capacity(columns.len());
        let mut roots = 0;
        for parent in &columns.parent {
            let count = children.get_mut(*parent as usize).unwrap_or(&mut roots);
            *count += 1;
            number.push(*count);
        }
        Outline { columns, number, children, roots }
    }

    /// Number among the siblings, from 1, and how many they are.
    pub fn place_among_siblings(&self, row: u32) -> (u32, u32) {
        let parent = self.columns.parent[row as usize];
        (self.number[row as usize], self.children.get(parent as usize).copied().unwrap_or(self.roots))
    }

    /// The row above in the tree.
    pub fn parent(&self, row: u32) -> Option<u32> {
        let parent = self.columns.parent[row as usize];
        (parent != TraceColumns::NO_PARENT).then_some(parent)
    }

    /// Children of `row`, or the roots for `None`, by start.
    pub fn children(&self, row: Option<u32>) -> impl Iterator<Item = u32> + '_ {
        let columns = &self.columns;
        let (first, end) = match row {
            Some(row) => (row + 1, row + 1 + columns.subtree[row as usize]),
            None => (0, columns.len() as u32),
        };
        let inside = move |child: u32| (child < end).then_some(child);
        std::iter::successors(inside(first), move |child| inside(child + 1 + columns.subtree[*child as usize]))
    }

    /// Pieces of the span's time during which none of its children ran; the drawn ones, inside `window`.
    pub fn own_pieces(&self, row: u32, window: Window) -> Vec<(u64, u64)> {
        let start = self.columns.start[row as usize];
        let end = start + self.columns.duration[row as usize];
        let shown = end.min(window.end).saturating_sub(start.max(window.start));
        let least = (shown / OWN_PIECES_MAX).max(1);
        let mut pieces = Vec::new();
        let mut covered_to = start;
        for child in self.children(Some(row)) {
            let child_start = self.columns.start[child as usize].clamp(start, end);
            let child_end =
                child_start.max((self.columns.start[child as usize] + self.columns.duration[child as usize]).min(end));
            if child_start.saturating_sub(covered_to) >= least {
                pieces.push((covered_to, child_start));
            }
            covered_to = covered_to.max(child_end);
        }
        if end.saturating_sub(covered_to) >= least {
            pieces.push((covered_to, end));
        }
        pieces.retain(|(from, to)| *to >= window.start && *from <= window.end);
        pieces
    }

    /// Time of the span during which none of its children ran.
    pub fn own_nanos(&self, row: u32) -> u64 {
        let start = self.columns.start[row as usize];
        let end = start + self.columns.duration[row as usize];
        let mut own = 0;
        let mut covered_to = start;
        for child in self.children(Some(row)) {
            let child_start = self.columns.start[child as usize].clamp(start, end);
            own += child_start.saturating_sub(covered_to);
            covered_to =
                covered_to.max((self.columns.start[child as usize] + self.columns.duration[child as usize]).min(end));
        }
        own + end.saturating_sub(covered_to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::timeline::testing::columns;

    #[test]
    fn siblings_are_numbered_below_their_parent() {
        let outline = Outline::of(columns(&[(0, 0, 10), (1, 0, 1), (2, 0, 1), (1, 2, 1), (0, 3, 1)]));
        let places: Vec<_> = (0..5).map(|row| outline.place_among_siblings(row)).collect();
        assert_eq!(places, [(1, 2), (1, 2), (1, 1), (2, 2), (2, 2)]);
        assert_eq!(outline.children(Some(0)).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(outline.children(None).collect::<Vec<_>>(), [0, 4]);
    }

    #[test]
    fn own_time_is_what_no_child_covers() {
        // Two overlapping children, and one that outlives its parent.
        let outline = Outline::of(columns(&[(0, 0, 1_000), (1, 100, 200), (1, 200, 300), (1, 900, 500)]));
        let whole = Window::whole(1_400);
        assert_eq!(outline.own_pieces(0, whole), [(0, 100), (500, 900)]);
        assert_eq!(outline.own_nanos(0), 500);
        assert_eq!(outline.own_pieces(1, whole), [(100, 300)]);
    }

    #[test]
    fn pieces_too_short_to_see_are_left_out() {
        let outline = Outline::of(columns(&[(0, 0, 4_800), (1, 0, 4_799)]));
        assert_eq!(outline.own_pieces(0, Window::whole(4_800)), []);
        assert_eq!(outline.own_nanos(0), 1);
    }

    #[test]
    fn a_child_outside_its_parent_covers_nothing_of_it() {
        let outline = Outline::of(columns(&[(0, 100, 100), (1, 0, 50), (1, 300, 50)]));
        assert_eq!(outline.own_pieces(0, Window::whole(400)), [(100, 200)]);
        assert_eq!(outline.own_nanos(0), 100);
    }
}
