//! Which rows make which row group. Not here: their columns.

use std::ops::Range;

use super::super::{BuildError, GROUP_ROWS_MAX, GROUPS_MAX};
use super::intake::Intake;
use super::order::Order;

/// The rows of each group. A trace is split only when it is larger than a group, or when there is no room to keep it whole.
pub(super) fn cut(intake: &Intake<'_>, order: &Order) -> Result<Vec<Range<usize>>, BuildError> {
    let weight = |place: usize| intake.rows[order.rows[place] as usize].weight as usize;
    let mut left: usize = (0..order.rows.len()).map(weight).sum();
    let mut groups = Vec::new();
    let (mut start, mut filled) = (0, 0);
    for trace in &order.traces {
        let end = trace.first + trace.rows;
        let trace_weight: usize = (trace.first..end).map(weight).sum();
        let groups_left = GROUPS_MAX.saturating_sub(groups.len() + 1);
        let whole_fits_later = trace_weight <= GROUP_ROWS_MAX && left <= groups_left * GROUP_ROWS_MAX;
        if filled > 0 && filled + trace_weight > GROUP_ROWS_MAX && whole_fits_later {
            groups.push(start..trace.first);
            (start, filled) = (trace.first, 0);
        }
        for place in trace.first..end {
            if filled > 0 && filled + weight(place) > GROUP_ROWS_MAX {
                groups.push(start..place);
                (start, filled) = (place, 0);
            }
            filled += weight(place);
        }
        left -= trace_weight;
    }
    groups.push(start..order.rows.len());
    // Rows are counted before they are taken in; only very heavy ones need more groups than their number says.
    if groups.len() > GROUPS_MAX { Err(BuildError::Full) } else { Ok(groups) }
}
