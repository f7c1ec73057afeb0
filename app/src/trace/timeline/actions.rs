//! What keys and buttons do to the timeline. Not here: which key asks for what.

use api::TraceColumns;
use leptos::prelude::*;

use super::keyboard::Action;
use super::outline::Outline;
use super::state::{Followed, Timeline};
use super::viewport::Window;

/// What one key press zooms by.
const ZOOM_STEP: f64 = 0.6;
/// Depth to which `fold all` folds: roots and their children stay.
const FOLD_ALL_DEPTH: u16 = 1;

// === impl Timeline ===

impl Timeline {
    /// Does what a key asks for.
    pub fn act(&self, action: Action) -> Followed {
        let Some(outline) = self.outline.get_untracked() else { return Followed::Nothing };
        let visible = untrack(|| self.visible());
        let page = untrack(|| self.scroll()).page_rows();
        let position = self.cursor_position();
        let last = visible.saturating_sub(1);
        match action {
            Action::Up => self.move_to(position.map_or(0, |at| at.saturating_sub(1))),
            Action::Down => self.move_to(position.map_or(0, |at| (at + 1).min(last))),
            Action::First => self.move_to(0),
            Action::Last => self.move_to(last),
            Action::PageUp => self.move_to(position.unwrap_or(0).saturating_sub(page)),
            Action::PageDown => self.move_to(position.unwrap_or(0).saturating_add(page).min(last)),
            Action::Left => self.left(&outline),
            Action::Right => self.right(&outline),
            Action::ExpandSiblings => self.expand_siblings(&outline),
            Action::NextError => self.next_error(&outline, true),
            Action::PreviousError => self.next_error(&outline, false),
            Action::Open => self.open(true),
            Action::Close => self.open(false),
            Action::ZoomToSpan => self.zoom_to_span(&outline),
            Action::ZoomReset => self.zoom(Window::whole(self.extent.get_untracked())),
            Action::ZoomIn => self.zoom_by(ZOOM_STEP, 0.5),
            Action::ZoomOut => self.zoom_by(1.0 / ZOOM_STEP, 0.5),
            Action::FoldAll => self.fold_all(&outline),
            Action::CopyLink => Followed::CopyLink,
        }
    }

    /// Shows `factor` times as much time around the instant at `share` of the window.
    pub fn zoom_by(&self, factor: f64, share: f64) -> Followed {
        self.zoom(self.window.get_untracked().scaled(factor, share, self.extent.get_untracked()))
    }

    /// Opens or closes the details of the row under the cursor.
    pub fn open(&self, open: bool) -> Followed {
        if open && self.cursor.get_untracked().is_none() {
            return self.move_to(0);
        }
        self.details_open.set(open);
        Followed::Moved
    }

    fn cursor_position(&self) -> Option<u32> {
        let cursor = self.cursor.get_untracked()?;
        self.index.with_untracked(|index| index.as_ref()?.position_of(cursor))
    }

    fn move_to(&self, position: u32) -> Followed {
        let row = self.index.with_untracked(|index| index.as_ref()?.row_at(position));
        row.map_or(Followed::Nothing, |row| self.moved_to(row))
    }

    fn moved_to(&self, row: u32) -> Followed {
        self.go_to(row);
        Followed::Moved
    }

    fn is_folded(&self, row: u32) -> bool {
        self.index.with_untracked(|index| index.as_ref().is_some_and(|index| index.is_folded(row)))
    }

    fn left(&self, outline: &Outline) -> Followed {
        let Some(row) = self.cursor.get_untracked() else { return self.move_to(0) };
        if outline.columns.subtree[row as usize] > 0 && !self.is_folded(row) {
            return self.toggle(row);
        }
        outline.parent(row).map_or(Followed::Nothing, |parent| self.moved_to(parent))
    }

    fn right(&self, outline: &Outline) -> Followed {
        let Some(row) = self.cursor.get_untracked() else { return self.move_to(0) };
        if self.is_folded(row) {
            return self.toggle(row);
        }
        if outline.columns.subtree[row as usize] > 0 { self.moved_to(row + 1) } else { Followed::Nothing }
    }

    fn expand_siblings(&self, outline: &Outline) -> Followed {
        let Some(row) = self.cursor.get_untracked() else { return Followed::Nothing };
        self.index.update(|index| {
            if let Some(index) = index {
                outline.children(outline.parent(row)).for_each(|sibling| index.unfold(sibling));
            }
        });
        Followed::Nothing
    }

    fn next_error(&self, outline: &Outline, forward: bool) -> Followed {
        let flags = &outline.columns.flags;
        let is_error = |row: &u32| flags[*row as usize] & TraceColumns::ERROR != 0;
        let rows = flags.len() as u32;
        let cursor = self.cursor.get_untracked();
        // Round the end: from the last one to the first one again.
        let found = if forward {
            let next = cursor.map_or(0, |row| row + 1);
            (next..rows).chain(0..next).find(is_error)
        } else {
            let cursor = cursor.unwrap_or(0);
            (0..cursor).rev().chain((cursor..rows).rev()).find(is_error)
        };
        found.map_or(Followed::Nothing, |row| self.moved_to(row))
    }

    fn zoom_to_span(&self, outline: &Outline) -> Followed {
        let Some(row) = self.cursor.get_untracked() else { return Followed::Nothing };
        let (start, duration) = (outline.columns.start[row as usize], outline.columns.duration[row as usize]);
        self.zoom(Window::around(start, duration, outline.columns.extent))
    }

    fn fold_all(&self, outline: &Outline) -> Followed {
        let columns = &outline.columns;
        let any_folded = self
            .index
            .with_untracked(|index| index.as_ref().is_some_and(|index| index.visible() < columns.len() as u32));
        let depth = (!any_folded).then_some(FOLD_ALL_DEPTH);
        self.index.update(|index| {
            if let Some(index) = index {
                index.fold_where(|row| depth.is_some_and(|depth| columns.depth[row as usize] >= depth));
            }
        });
        if let Some(row) = self.cursor.get_untracked() {
            self.cursor.set(Some(visible_ancestor(row, outline, depth)));
        }
        Followed::FoldedAll(depth)
    }
}

/// The row itself, or the ancestor that hides it.
fn visible_ancestor(row: u32, outline: &Outline, folded_from: Option<u16>) -> u32 {
    let mut at = row;
    while folded_from.is_some_and(|depth| outline.columns.depth[at as usize] > depth) {
        let Some(parent) = outline.parent(at) else { break };
        at = parent;
    }
    at
}
