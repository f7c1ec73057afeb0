//! What part of the trace is on the screen: the window of time, and the rows under a scroll position. Not here: elements.

use std::ops::Range;

/// Firefox ends elements at 17.9 million pixels; beyond this height scrolling is proportional.
pub const CONTENT_PX_MAX: f64 = 8_000_000.0;
/// Rows kept above and below the visible ones.
pub const OVERSCAN_ROWS: u32 = 8;
/// Shortest window of time.
const WINDOW_NANOS_MIN: u64 = 100;

/// The window of time on the screen, nanoseconds from the start of the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First instant.
    pub start: u64,
    /// Last instant, after the first.
    pub end: u64,
}

/// Rows on the screen as pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scroll {
    /// Visible rows in all.
    pub rows: u32,
    /// Height of one, pixels.
    pub row_px: f64,
    /// Height of the view, pixels.
    pub view_px: f64,
    /// Scroll position, pixels.
    pub top_px: f64,
}

// === impl Window ===

impl Window {
    /// The whole trace.
    pub fn whole(extent: u64) -> Window {
        Window { start: 0, end: extent.max(WINDOW_NANOS_MIN) }
    }

    /// From `start` to `end`, moved and widened until it lies inside the trace.
    pub fn new(start: u64, end: u64, extent: u64) -> Window {
        let whole = Window::whole(extent);
        let (start, end) = (start.min(end), start.max(end));
        let length = (end - start).clamp(WINDOW_NANOS_MIN, whole.end);
        let start = start.min(whole.end - length);
        Window { start, end: start + length }
    }

    /// Length, never zero.
    pub fn length(self) -> u64 {
        self.end - self.start
    }

    /// Whether nothing of the trace is outside.
    pub fn is_whole(self, extent: u64) -> bool {
        self == Window::whole(extent)
    }

    /// Makes what is shown `factor` times as long; the instant at `share` (0 left, 1 right) stays in place.
    pub fn scaled(self, factor: f64, share: f64, extent: u64) -> Window {
        let length = (self.length() as f64 * factor).clamp(WINDOW_NANOS_MIN as f64, Window::whole(extent).end as f64);
        let fixed = self.at(share);
        let start = (fixed as f64 - length * share.clamp(0.0, 1.0)).max(0.0) as u64;
        Window::new(start, start.saturating_add(length as u64), extent)
    }

    /// The instant at `share` of the window.
    pub fn at(self, share: f64) -> u64 {
        self.start + (self.length() as f64 * share.clamp(0.0, 1.0)) as u64
    }

    /// A span with a tenth of air on both sides.
    pub fn around(start: u64, duration: u64, extent: u64) -> Window {
        let air = (duration / 10).max(WINDOW_NANOS_MIN);
        Window::new(start.saturating_sub(air), start.saturating_add(duration).saturating_add(air), extent)
    }
}

// === impl Scroll ===

impl Scroll {
    /// Height of the content, capped.
    pub fn content_px(&self) -> f64 {
        self.rows_px().min(CONTENT_PX_MAX)
    }

    /// Positions to draw, with overscan.
    pub fn drawn(&self) -> Range<u32> {
        if self.row_px <= 0.0 {
            return 0..0;
        }
        let first = self.first_row();
        let start = (first as u32).saturating_sub(OVERSCAN_ROWS);
        let end = (first + self.view_px / self.row_px).ceil() as u32;
        start.min(self.rows)..end.saturating_add(OVERSCAN_ROWS).min(self.rows)
    }

    /// How many rows from the top of the content the row at `position` is drawn.
    /// It is `position` itself until the height is capped; then rows are placed around the scroll position.
    pub fn place(&self, position: u32) -> f64 {
        if self.rows_px() <= CONTENT_PX_MAX {
            return f64::from(position);
        }
        self.top_px / self.row_px + (f64::from(position) - self.first_row())
    }

    /// Whole rows that fit the view, at least one.
    pub fn page_rows(&self) -> u32 {
        if self.row_px <= 0.0 {
            return 1;
        }
        ((self.view_px / self.row_px) as u32).saturating_sub(1).max(1)
    }

    /// The scroll position nearest to the present one at which `position` is wholly on the screen; `None` when it is already.
    pub fn top_to_show(&self, position: u32) -> Option<f64> {
        let first = self.first_row();
        let fit = self.view_px / self.row_px;
        let position = f64::from(position);
        if position < first {
            Some(self.top_for(position))
        } else if position + 1.0 > first + fit {
            Some(self.top_for(position + 1.0 - fit))
        } else {
            None
        }
    }

    /// The scroll position that puts `position` a third down the view.
    pub fn top_to_center(&self, position: u32) -> f64 {
        self.top_for(f64::from(position) - self.view_px / self.row_px / 3.0)
    }

    fn rows_px(&self) -> f64 {
        f64::from(self.rows) * self.row_px
    }

    /// The row at the upper edge, with its hidden fraction.
    fn first_row(&self) -> f64 {
        self.top_px.max(0.0) * self.stretch() / self.row_px
    }

    fn top_for(&self, first_row: f64) -> f64 {
        let most = (self.content_px() - self.view_px).max(0.0);
        (first_row * self.row_px / self.stretch()).clamp(0.0, most)
    }

    /// Pixels of rows that one pixel of scrolling passes: 1 until the height is capped.
    fn stretch(&self) -> f64 {
        let scrolled_max = self.content_px() - self.view_px;
        if scrolled_max <= 0.0 {
            return 1.0;
        }
        (self.rows_px() - self.view_px) / scrolled_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scroll(rows: u32, top_px: f64) -> Scroll {
        Scroll { rows, row_px: 24.0, view_px: 600.0, top_px }
    }

    #[test]
    fn a_window_is_moved_into_the_trace() {
        assert_eq!(Window::new(900, 1_500, 1_000), Window { start: 400, end: 1_000 });
        assert_eq!(Window::new(700, 200, 1_000), Window { start: 200, end: 700 });
        assert_eq!(Window::new(5, 5, 1_000).length(), WINDOW_NANOS_MIN);
        assert!(Window::new(0, u64::MAX, 1_000).is_whole(1_000));
        assert!(Window::whole(0).length() > 0, "a trace without extent still has a scale");
    }

    #[test]
    fn zooming_keeps_the_instant_under_the_pointer() {
        let window = Window::whole(1_000_000).scaled(0.5, 0.25, 1_000_000);
        assert_eq!(window, Window { start: 125_000, end: 625_000 });
        assert_eq!(window.at(0.25), 250_000);
    }

    #[test]
    fn rows_on_the_screen_and_around_it_are_drawn() {
        assert_eq!(scroll(1_000, 2_400.0).drawn(), 92..133);
        assert_eq!(scroll(10, 0.0).drawn(), 0..10);
        assert_eq!(scroll(1_000, 2_400.0).place(100), 100.0);
    }

    #[test]
    fn the_last_of_a_million_rows_can_be_reached() {
        let mut million = scroll(1_000_000, 0.0);
        assert_eq!(million.content_px(), CONTENT_PX_MAX);
        million.top_px = CONTENT_PX_MAX - million.view_px;
        assert_eq!(million.drawn().end, 1_000_000);
        let bottom_px = (million.place(999_999) + 1.0) * million.row_px;
        assert!((bottom_px - CONTENT_PX_MAX).abs() < 0.1, "{bottom_px}");
    }

    proptest! {
        #[test]
        fn a_shown_row_is_wholly_on_the_screen(rows in 1u32..2_000_000, position: u32, top in 0.0f64..1.0) {
            let position = position % rows;
            let mut scroll = scroll(rows, 0.0);
            scroll.top_px = top * (scroll.content_px() - scroll.view_px).max(0.0);
            if let Some(top_px) = scroll.top_to_show(position) {
                scroll.top_px = top_px;
            }
            prop_assert!(scroll.drawn().contains(&position));
            let y = scroll.place(position) * scroll.row_px - scroll.top_px;
            prop_assert!(y > -0.5 && y + scroll.row_px < scroll.view_px + 0.5, "{}", y);
        }

        #[test]
        fn any_window_lies_inside_the_trace(start: u64, end: u64, extent: u64, factor in 0.01f64..100.0, share in -1.0f64..2.0) {
            for window in [Window::new(start, end, extent), Window::new(start, end, extent).scaled(factor, share, extent)] {
                prop_assert!(window.start < window.end);
                prop_assert!(window.end <= extent.max(WINDOW_NANOS_MIN));
            }
        }
    }
}
