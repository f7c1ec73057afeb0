//! What the timeline shows at the moment, as signals, and what actions do to it. Not here: elements, requests, the address bar.

use std::sync::Arc;

use api::TraceColumns;
use leptos::prelude::*;

use super::first_rows::FirstRows;
use super::layout::PLOT_PX_ASSUMED;
use super::outline::Outline;
use super::row::RowView;
use super::rows::RowIndex;
use super::viewport::{Scroll, Window};

/// Rows that exist as elements from the start; more are made for a view that shows more.
pub const SLOTS_MIN: usize = 80;
/// Rows that exist as elements at most: four screens of 4K. A view that is higher than that was measured wrongly.
const SLOTS_MAX: u32 = 512;
/// Height of a row until the browser has measured it, pixels.
const ROW_PX_ASSUMED: f64 = 24.0;
/// Height of the view until then.
const VIEW_PX_ASSUMED: f64 = 960.0;

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
        let drawn = drawn.start..drawn.end.min(drawn.start.saturating_add(SLOTS_MAX));
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

    fn make_slots(&self, drawn: usize) {
        if self.slots.with_value(Vec::len) < drawn {
            self.slots.update_value(|slots| slots.resize_with(drawn, Slot::default));
            self.slot_count.set(drawn);
        }
    }
}
