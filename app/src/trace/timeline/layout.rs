//! From times to places in the plot. Only numbers printed here reach a `style` attribute. Not here: elements.

use super::row::RowView;
use super::viewport::Window;

/// Width of the plot until the browser has measured it, pixels.
pub const PLOT_PX_ASSUMED: f64 = 720.0;
/// Average width of a letter in a label, pixels.
const LETTER_PX: f64 = 6.0;
/// Room around a label, pixels.
const LABEL_PADDING_PX: f64 = 12.0;
/// A label goes inside a bar that is this much longer than the label.
const INSIDE_FACTOR: f64 = 2.5;

/// A stretch of the plot in percent of its width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// From the left edge.
    pub left: f64,
    /// Never negative; the least width on the screen is a matter of style.
    pub width: f64,
}

/// What is drawn of a span.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// The whole span, cut to the window.
    pub body: Stretch,
    /// Own time, cut to the window.
    pub own: Vec<Stretch>,
    /// Where the label stands.
    pub label: LabelPlace,
    /// Whether the span starts before the window.
    pub cut_left: bool,
    /// Whether it ends after the window.
    pub cut_right: bool,
}

/// Where a label stands, percent from the named edge of the plot.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LabelPlace {
    /// On a long bar, from its left end on.
    Inside(f64),
    /// Behind the bar: distance of its left end from the left edge.
    Right(f64),
    /// Before the bar: distance of its right end from the right edge.
    Left(f64),
}

/// The bar of a row; `None` when it lies outside the window.
pub fn bar(row: &RowView, window: Window, plot_px: f64, label_letters: usize) -> Option<Bar> {
    let end = row.start.saturating_add(row.duration);
    if end < window.start || row.start > window.end {
        return None;
    }
    let body = stretch(row.start, end, window);
    Some(Bar {
        body,
        own: row.own.iter().map(|(from, to)| stretch(*from, *to, window)).collect(),
        label: label_place(body, plot_px, label_letters),
        cut_left: row.start < window.start,
        cut_right: end > window.end,
    })
}

/// `from..to` cut to the window.
pub fn stretch(from: u64, to: u64, window: Window) -> Stretch {
    let left = share(from, window);
    Stretch { left, width: (share(to, window) - left).max(0.0) }
}

/// The place of an instant, percent from the left; instants outside lie on the edge.
pub fn share(at: u64, window: Window) -> f64 {
    at.saturating_sub(window.start).min(window.length()) as f64 / window.length() as f64 * 100.0
}

fn label_place(body: Stretch, plot_px: f64, letters: usize) -> LabelPlace {
    let label_px = letters as f64 * LETTER_PX + LABEL_PADDING_PX;
    let bar_px = body.width / 100.0 * plot_px;
    let end = body.left + body.width;
    let room_right_px = (100.0 - end) / 100.0 * plot_px;
    if bar_px > label_px * INSIDE_FACTOR {
        LabelPlace::Inside(body.left)
    } else if room_right_px > label_px {
        LabelPlace::Right(end)
    } else if body.left / 100.0 * plot_px > label_px {
        LabelPlace::Left(100.0 - body.left)
    } else {
        LabelPlace::Inside(body.left)
    }
}

// === impl Stretch ===

impl Stretch {
    /// For a `style` attribute.
    pub fn style(self) -> String {
        format!("left:{};width:{}", percent(self.left), percent(self.width))
    }
}

// === impl LabelPlace ===

impl LabelPlace {
    /// For a `style` attribute.
    pub fn style(self) -> String {
        match self {
            LabelPlace::Inside(left) | LabelPlace::Right(left) => format!("left:{}", percent(left)),
            LabelPlace::Left(right) => format!("right:{}", percent(right)),
        }
    }
}

/// For a `style` attribute: one instant.
pub fn left_style(share: f64) -> String {
    format!("left:{}", percent(share))
}

/// For a `style` attribute: which row of the content a row is drawn at.
pub fn place_style(place: f64) -> String {
    format!("--p:{place:.3}")
}

/// For a `style` attribute: rows of the content.
pub fn rows_style(rows: f64) -> String {
    format!("--n:{rows:.3}")
}

fn percent(number: f64) -> String {
    let text = format!("{number:.3}");
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(start: u64, duration: u64) -> RowView {
        RowView { start, duration, own: vec![(start, start + duration)], ..RowView::default() }
    }

    fn place(start: u64, duration: u64) -> LabelPlace {
        bar(&row(start, duration), Window::whole(1_000), 720.0, 7).expect("inside the window").label
    }

    #[test]
    fn a_bar_is_cut_to_the_window() {
        let bar = bar(&row(100, 800), Window::new(200, 700, 1_000), 720.0, 7).expect("inside the window");
        assert_eq!(bar.body, Stretch { left: 0.0, width: 100.0 });
        assert!(bar.cut_left && bar.cut_right);
        assert_eq!(super::bar(&row(0, 100), Window::new(200, 700, 1_000), 720.0, 7), None);
    }

    #[test]
    fn labels_stand_where_there_is_room() {
        assert_eq!(place(0, 900), LabelPlace::Inside(0.0));
        assert_eq!(place(100, 50), LabelPlace::Right(15.0));
        assert_eq!(place(950, 50), LabelPlace::Left(5.0));
    }

    #[test]
    fn printed_numbers_are_short() {
        assert_eq!(Stretch { left: 0.0, width: 33.333_333 }.style(), "left:0%;width:33.333%");
        assert_eq!(LabelPlace::Left(5.5).style(), "right:5.5%");
    }

    proptest! {
        #[test]
        fn nothing_is_drawn_outside_the_plot(start: u64, duration: u64, from: u64, to: u64, extent: u64) {
            let window = Window::new(from, to, extent);
            let duration = duration.min(u64::MAX - start);
            if let Some(bar) = bar(&row(start, duration), window, 720.0, 7) {
                for stretch in bar.own.iter().chain([&bar.body]) {
                    prop_assert!(stretch.left >= 0.0 && stretch.width >= 0.0);
                    prop_assert!(stretch.left + stretch.width < 100.001);
                }
            }
        }

        #[test]
        fn a_style_holds_numbers_only(left in -1e9f64..1e9, width: f64) {
            let style = Stretch { left, width }.style();
            prop_assert!(style.chars().all(|c| c.is_ascii_alphanumeric() || ".:;%-+".contains(c)), "{}", style);
        }
    }
}
