//! Which marks stand for a trace of any size in a strip of fixed size. Not here: elements.

use api::TraceColumns;

/// Width of the picture, its own units.
pub const WIDTH: u32 = 1_000;
/// Height of the picture.
pub const HEIGHT: u32 = 54;
/// Lines of the picture; each stands for as many rows as needed.
const LANES: usize = 48;
/// Marks per lane: the longest spans, and the errors.
const MARKS_PER_LANE: usize = 6;
/// Room above and below.
const PADDING: f64 = 3.0;
/// Least width and height of a mark.
const MARK_MIN: f64 = 1.0;

/// One span, or the longest of several, in units of the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// At least one.
    pub width: f64,
    /// At least one.
    pub height: f64,
    /// Who ran it.
    pub service: String,
    /// Whether it failed.
    pub error: bool,
}

/// The marks of a trace, at most a few hundred.
pub fn marks(columns: &TraceColumns) -> Vec<Mark> {
    let lanes = columns.len().min(LANES);
    let lane_height = (f64::from(HEIGHT) - 2.0 * PADDING) / lanes.max(1) as f64;
    let mut marks = Vec::new();
    for lane in 0..lanes {
        let rows = columns.len() * lane / lanes..columns.len() * (lane + 1) / lanes;
        let y = PADDING + lane as f64 * lane_height;
        let height = (lane_height * 0.7).clamp(MARK_MIN, 4.0);
        marks.extend(chosen(columns, rows).into_iter().map(|row| mark(columns, row, y, height)));
    }
    marks
}

/// Longest first drawn, errors on top.
fn chosen(columns: &TraceColumns, rows: std::ops::Range<usize>) -> Vec<usize> {
    let is_error = |row: &usize| columns.flags[*row] & TraceColumns::ERROR != 0;
    let mut longest: Vec<usize> = Vec::with_capacity(MARKS_PER_LANE + 1);
    for row in rows.clone() {
        let at = longest.partition_point(|other| columns.duration[*other] >= columns.duration[row]);
        if at < MARKS_PER_LANE {
            longest.insert(at, row);
            longest.truncate(MARKS_PER_LANE);
        }
    }
    let errors: Vec<usize> = rows.filter(is_error).filter(|row| !longest.contains(row)).take(MARKS_PER_LANE).collect();
    longest.extend(errors);
    let (errors, mut drawn): (Vec<usize>, Vec<usize>) = longest.into_iter().partition(is_error);
    drawn.extend(errors);
    drawn
}

fn mark(columns: &TraceColumns, row: usize, y: f64, height: f64) -> Mark {
    let scale = f64::from(WIDTH) / columns.extent.max(1) as f64;
    let rounded = |number: f64| (number * 10.0).round() / 10.0;
    Mark {
        x: rounded((columns.start[row] as f64 * scale).min(f64::from(WIDTH) - MARK_MIN)),
        y: rounded(y),
        width: rounded((columns.duration[row] as f64 * scale).max(MARK_MIN)),
        height: rounded(height),
        service: columns.services[usize::from(columns.service[row])].clone(),
        error: columns.flags[row] & TraceColumns::ERROR != 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::timeline::testing::columns;
    use std::sync::Arc;

    #[test]
    fn each_span_of_a_small_trace_has_a_mark() {
        let marks = marks(&columns(&[(0, 0, 1_000), (1, 500, 250)]));
        assert_eq!(marks.iter().map(|mark| (mark.x, mark.width)).collect::<Vec<_>>(), [(0.0, 1_000.0), (500.0, 250.0)]);
    }

    #[test]
    fn a_large_trace_has_few_marks_and_keeps_a_rare_error() {
        let mut large = Arc::unwrap_or_clone(columns(&vec![(0, 0, 1_000); 100_000]));
        large.duration[77_777] = 1;
        large.flags[77_777] |= TraceColumns::ERROR;
        let marks = marks(&large);
        assert!(marks.len() <= LANES * 2 * MARKS_PER_LANE, "{}", marks.len());
        assert_eq!(marks.iter().filter(|mark| mark.error).count(), 1);
    }

    #[test]
    fn no_trace_leaves_the_picture() {
        for trace in [columns(&[]), columns(&[(0, 0, 0)]), columns(&[(0, u64::MAX / 2, 0), (0, 0, 5)])] {
            for mark in marks(&trace) {
                assert!(mark.x >= 0.0 && mark.x + mark.width <= f64::from(WIDTH) && mark.height >= MARK_MIN);
            }
        }
    }
}
