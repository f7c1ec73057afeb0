//! Everything that is drawn of one row, as plain values. Not here: where its bar lies (`layout`), which rows are visible (`rows`).

use api::TraceColumns;
use api::columns::Mark;

use super::outline::Outline;
use super::rows::RowIndex;
use super::viewport::Window;

/// Levels that are indented; deeper rows stand below each other.
pub const LEVELS_DRAWN: u16 = 16;

/// One row of the timeline.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowView {
    /// Its row in the columns.
    pub row: u32,
    /// Its place among the visible rows.
    pub position: u32,
    /// Number of ancestors.
    pub depth: u16,
    /// Bit `n`: the ancestor at depth `n + 1` has later siblings, so its line goes on through this row.
    pub guides: u32,
    /// Number among the siblings, from 1.
    pub sibling: u32,
    /// How many siblings there are, itself included.
    pub siblings: u32,
    /// Number of descendants.
    pub subtree: u32,
    /// Whether they are hidden.
    pub folded: bool,
    /// What ran.
    pub name: String,
    /// Who ran it.
    pub service: String,
    /// Nanoseconds from the start of the trace.
    pub start: u64,
    /// Nanoseconds.
    pub duration: u64,
    /// As in [`TraceColumns::flags`].
    pub flags: u8,
    /// Codes of [`Mark`].
    pub marks: Vec<u8>,
    /// Pieces of own time, nanoseconds from the start of the trace.
    pub own: Vec<(u64, u64)>,
    /// How long after the end of its parent it started, when it did.
    pub after_parent: Option<u64>,
}

// === impl RowView ===

impl RowView {
    /// The row at `position`; `None` beyond the last one.
    pub fn at(position: u32, index: &RowIndex, outline: &Outline, window: Window) -> Option<RowView> {
        let row = index.row_at(position)?;
        let columns = index.columns();
        let at = row as usize;
        let (sibling, siblings) = outline.place_among_siblings(row);
        let start = columns.start[at];
        let parent_end =
            outline.parent(row).map(|parent| columns.start[parent as usize] + columns.duration[parent as usize]);
        Some(RowView {
            row,
            position,
            depth: columns.depth[at],
            guides: guides(row, outline),
            sibling,
            siblings,
            subtree: columns.subtree[at],
            folded: index.is_folded(row),
            name: columns.names[columns.name[at] as usize].clone(),
            service: columns.services[usize::from(columns.service[at])].clone(),
            start,
            duration: columns.duration[at],
            flags: columns.flags[at],
            marks: columns.marks_of(row).iter().map(|(_, code)| *code).collect(),
            own: outline.own_pieces(row, window),
            after_parent: parent_end.and_then(|end| start.checked_sub(end)).filter(|gap| *gap > 0),
        })
    }

    /// Whether the span failed.
    pub fn is_error(&self) -> bool {
        self.flags & TraceColumns::ERROR != 0
    }

    /// Whether the row can be folded.
    pub fn has_children(&self) -> bool {
        self.subtree > 0
    }

    /// Whether `mark` was noticed.
    pub fn has_mark(&self, mark: Mark) -> bool {
        self.marks.contains(&(mark as u8))
    }

    /// Whether it is the last of its siblings.
    pub fn is_last(&self) -> bool {
        self.sibling == self.siblings
    }

    /// What OpenTelemetry calls the role of the span.
    pub fn kind(&self) -> &'static str {
        model::SpanKind::from_number(i64::from(self.flags & 7)).word()
    }
}

/// The lines that pass through a row on their way to later siblings of its ancestors.
fn guides(row: u32, outline: &Outline) -> u32 {
    let mut guides = 0;
    let mut above = outline.parent(row);
    while let Some(ancestor) = above {
        let depth = outline.columns.depth[ancestor as usize];
        let (number, count) = outline.place_among_siblings(ancestor);
        if number < count && (1..=LEVELS_DRAWN).contains(&depth) {
            guides |= 1 << (depth - 1);
        }
        above = outline.parent(ancestor);
    }
    guides
}

/// What a mark says in the row, in few words.
pub fn words_of(mark: Mark) -> &'static str {
    match mark {
        Mark::ParentMissing => "parent not received",
        Mark::ClockAdjusted => "clock adjusted",
        Mark::EndBeforeStart => "ends before it starts",
        Mark::DuplicateId => "repeated id",
        Mark::CycleCut => "circle cut",
        Mark::NoEndYet => "no end yet",
        Mark::FollowsFrom => "follows from",
        Mark::ClockAhead => "clock ahead",
        Mark::ClockBehind => "clock behind",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::timeline::testing::columns;

    fn rows(shape: &[(u16, u64, u64)]) -> Vec<RowView> {
        let columns = columns(shape);
        let index = RowIndex::new(columns.clone());
        let outline = Outline::of(columns.clone());
        let window = Window::whole(columns.extent);
        (0..index.visible()).filter_map(|at| RowView::at(at, &index, &outline, window)).collect()
    }

    #[test]
    fn lines_go_on_while_an_ancestor_has_later_siblings() {
        let rows = rows(&[(0, 0, 9), (1, 0, 1), (2, 0, 1), (3, 0, 1), (1, 1, 1)]);
        let lines: Vec<_> = rows.iter().map(|row| row.guides).collect();
        assert_eq!(lines, [0, 0, 1, 1, 0], "row 1 has a later sibling, so its line passes rows 2 and 3");
    }

    #[test]
    fn a_child_after_the_end_of_its_parent_says_by_how_much() {
        let rows = rows(&[(0, 0, 10), (1, 5, 10), (1, 25, 10)]);
        assert_eq!(rows.iter().map(|row| row.after_parent).collect::<Vec<_>>(), [None, None, Some(15)]);
    }

    #[test]
    fn a_very_deep_row_has_lines_for_the_drawn_levels_only() {
        let shape: Vec<_> = (0..200u16).flat_map(|depth| [(depth, 0, 1)]).chain([(1, 2, 1)]).collect();
        assert_eq!(rows(&shape)[199].guides, 1);
    }
}
