//! What the timeline shows at the moment, as signals, and what actions do to it. Not here: elements, requests, the address bar.

use std::sync::Arc;

use api::TraceColumns;
use leptos::prelude::*;

use super::first_rows::FirstRows;
use super::keyboard::Action;
use super::layout::PLOT_PX_ASSUMED;
use super::outline::Outline;
use super::row::RowView;
use super::rows::RowIndex;
use super::viewport::{Scroll, Window};

/// Rows that exist as elements from the start; more are made for a view that shows more.
pub const SLOTS_MIN: usize = 80;
/// Height of a row until the browser has measured it, pixels.
const ROW_PX_ASSUMED: f64 = 24.0;
/// Height of the view until then.
const VIEW_PX_ASSUMED: f64 = 960.0;
/// What one key press zooms by.
const ZOOM_STEP: f64 = 0.6;
/// Depth to which `fold all` folds: roots and their children stay.
const FOLD_ALL_DEPTH: u16 = 1;

/// A row and where it is drawn, in rows from the top of the content.
pub type Slot = ArcRwSignal<Option<(RowView, f64)>>;

/// Signals of one timeline. Made once per trace page.
#[derive(Clone, Copy)]
pub struct Timeline {
    /// The trace, once its columns have arrived.
    pub outline: RwSignal<Option<Arc<Outline>>>,
    /// Its folds.
    pub index: RwSignal<Option<RowIndex>>,
    /// Row under the cursor.
    pub cursor: RwSignal<Option<u32>>,
    /// Whether the details of that row are open.
    pub details_open: RwSignal<bool>,
    /// Window of time.
    pub window: RwSignal<Window>,
    /// Length of the trace, nanoseconds.
    pub extent: RwSignal<u64>,
    /// Width of the plot, pixels.
    pub plot_px: RwSignal<f64>,
    /// Height of a row, pixels.
    pub row_px: RwSignal<f64>,
    /// Height of the rows on the screen, pixels.
    pub view_px: RwSignal<f64>,
    /// Scroll position, pixels.
    pub top_px: RwSignal<f64>,
    /// Where the view shall scroll to.
    pub wanted_top_px: RwSignal<Option<f64>>,
    /// How many rows exist as elements.
    pub slot_count: RwSignal<usize>,
    slots: StoredValue<Vec<Slot>>,
    visible_at_first: u32,
}

/// What the page must do after an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Followed {
    /// Nothing.
    Nothing,
    /// The cursor moved to a row.
    Moved,
    /// The window changed.
    Zoomed,
    /// The descendants of a row were folded or unfolded.
    Toggled(u32),
    /// The rule for all rows changed; the depth from which on rows are folded.
    FoldedAll(Option<u16>),
    /// The link is wanted.
    CopyLink,
}

// === impl Timeline ===

impl Timeline {
    /// Shows the first rows until the columns arrive.
    pub fn new(first: &FirstRows, window: Option<(u64, u64)>, selected: Option<u32>) -> Timeline {
        let slots = (0..SLOTS_MIN)
            .map(|at| ArcRwSignal::new(first.rows.get(at).map(|row| (row.clone(), f64::from(row.position)))));
        let window = window.map_or(Window::whole(first.extent), |(start, end)| Window::new(start, end, first.extent));
        Timeline {
            outline: RwSignal::new(None),
            index: RwSignal::new(None),
            cursor: RwSignal::new(selected),
            details_open: RwSignal::new(selected.is_some()),
            window: RwSignal::new(window),
            extent: RwSignal::new(first.extent),
            plot_px: RwSignal::new(PLOT_PX_ASSUMED),
            row_px: RwSignal::new(ROW_PX_ASSUMED),
            view_px: RwSignal::new(VIEW_PX_ASSUMED),
            top_px: RwSignal::new(0.0),
            wanted_top_px: RwSignal::new(None),
            slot_count: RwSignal::new(SLOTS_MIN),
            slots: StoredValue::new(slots.collect()),
            visible_at_first: first.rows.len() as u32,
        }
    }

    /// The signal of one element.
    pub fn slot(&self, at: usize) -> Slot {
        self.slots.with_value(|slots| slots.get(at).cloned()).unwrap_or_default()
    }

    /// Takes the trace over from the first rows.
    pub fn load(&self, columns: Arc<TraceColumns>, index: RowIndex) {
        self.extent.set(columns.extent);
        self.window.update(|window| *window = Window::new(window.start, window.end, columns.extent));
        self.outline.set(Some(Arc::new(Outline::of(columns))));
        self.index.set(Some(index));
    }

    /// Visible rows, as far as they are known.
    pub fn visible(&self) -> u32 {
        self.index.with(|index| index.as_ref().map_or(self.visible_at_first, RowIndex::visible))
    }

    /// Rows as pixels.
    pub fn scroll(&self) -> Scroll {
        Scroll {
            rows: self.visible(),
            row_px: self.row_px.get(),
            view_px: self.view_px.get(),
            top_px: self.top_px.get(),
        }
    }

    /// Writes the rows on the screen into their slots. Runs when anything it reads changes.
    pub fn fill_slots(&self) {
        let Some(outline) = self.outline.get() else { return };
        let (window, scroll) = (self.window.get(), self.scroll());
        let drawn = scroll.drawn();
        self.make_slots(drawn.len());
        self.index.with(|index| {
            let Some(index) = index else { return };
            self.slots.with_value(|slots| {
                let count = slots.len() as u32;
                // The slot of a position never changes, so scrolling by one row rewrites one slot.
                for (at, slot) in (0u32..).zip(slots) {
                    let position = drawn.start + (at + count - drawn.start % count) % count;
                    let shown =
                        drawn.contains(&position).then(|| RowView::at(position, index, &outline, window)).flatten();
                    let placed = shown.map(|row| (row, scroll.place(position)));
                    if slot.with_untracked(|old| *old != placed) {
                        slot.set(placed);
                    }
                }
            });
        });
    }

    /// Puts the cursor on `row`, unfolds what hides it and scrolls it onto the screen.
    pub fn go_to(&self, row: u32) {
        let hidden =
            self.index.with_untracked(|index| index.as_ref().is_some_and(|index| index.position_of(row).is_none()));
        if hidden {
            self.index.update(|index| {
                if let Some(index) = index {
                    index.reveal(row);
                }
            });
        }
        self.cursor.set(Some(row));
        self.scroll_to(row, false);
    }

    /// Scrolls `row` onto the screen; `center`: even when it is there already.
    pub fn scroll_to(&self, row: u32, center: bool) {
        let Some(position) = self.index.with_untracked(|index| index.as_ref()?.position_of(row)) else { return };
        let scroll = untrack(|| self.scroll());
        let top = if center { Some(scroll.top_to_center(position)) } else { scroll.top_to_show(position) };
        if top.is_some() {
            self.wanted_top_px.set(top);
        }
    }

    /// Folds or unfolds `row`. A cursor inside moves up to it.
    pub fn toggle(&self, row: u32) -> Followed {
        self.index.update(|index| {
            let Some(index) = index else { return };
            if index.is_folded(row) { index.unfold(row) } else { index.fold(row) }
        });
        let hidden = self.index.with_untracked(|index| match (index, self.cursor.get_untracked()) {
            (Some(index), Some(cursor)) => index.position_of(cursor).is_none(),
            _ => false,
        });
        if hidden {
            self.cursor.set(Some(row));
        }
        Followed::Toggled(row)
    }

    /// Shows `window`.
    pub fn zoom(&self, window: Window) -> Followed {
        self.window.set(window);
        Followed::Zoomed
    }

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

    fn make_slots(&self, drawn: usize) {
        if self.slots.with_value(Vec::len) < drawn {
            self.slots.update_value(|slots| slots.resize_with(drawn, Slot::default));
            self.slot_count.set(drawn);
        }
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
