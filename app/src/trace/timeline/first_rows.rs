//! The rows that are part of the first HTML, in a form small enough to be in the page twice: once drawn, once for hydration.

use std::collections::HashMap;
use std::sync::Arc;

use api::TraceColumns;
use serde::{Deserialize, Serialize};

use super::outline::Outline;
use super::row::RowView;
use super::rows::RowIndex;
use super::viewport::Window;

/// Rows in the first HTML.
pub const FIRST_ROWS: u32 = 60;

/// The first visible rows, and how many there are in all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Packed", try_from = "Packed")]
pub struct FirstRows {
    /// At most [`FIRST_ROWS`].
    pub rows: Vec<RowView>,
    /// Visible rows in all.
    pub visible: u32,
    /// Length of the trace, nanoseconds.
    pub extent: u64,
}

/// Words once, numbers without keys.
#[derive(Clone, Serialize, Deserialize)]
struct Packed {
    words: Vec<String>,
    rows: Vec<PackedRow>,
    visible: u32,
    extent: String,
}

/// Row, depth and guides; siblings; subtree and whether folded; name and service; start and duration; flags and marks; own time from start; after parent.
type PackedRow =
    ((u32, u16, u32), (u32, u32), (u32, bool), (usize, usize), (u64, u64), (u8, Vec<u8>), Vec<(u64, u64)>, Option<u64>);

// === impl FirstRows ===

impl FirstRows {
    /// Rows of a trace under a fold. Rows of depth `folded_from` and deeper are folded.
    pub fn of(columns: Arc<TraceColumns>, folded_from: Option<u16>, window: Option<(u64, u64)>) -> FirstRows {
        let extent = columns.extent;
        let window = window.map_or(Window::whole(extent), |(start, end)| Window::new(start, end, extent));
        let outline = Outline::of(columns.clone());
        let mut index = RowIndex::new(columns.clone());
        if let Some(depth) = folded_from {
            index.fold_where(|row| columns.depth[row as usize] >= depth);
        }
        let rows = (0..FIRST_ROWS).map_while(|position| RowView::at(position, &index, &outline, window)).collect();
        FirstRows { rows, visible: index.visible(), extent }
    }
}

impl From<FirstRows> for Packed {
    fn from(first: FirstRows) -> Packed {
        let mut words = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut index = |word: String| {
            *known.entry(word).or_insert_with_key(|word| {
                words.push(word.clone());
                words.len() - 1
            })
        };
        let pack = |row: RowView| {
            let own = row.own.iter().map(|(from, to)| (from - row.start, to - from)).collect();
            (
                (row.row, row.depth, row.guides),
                (row.sibling, row.siblings),
                (row.subtree, row.folded),
                (index(row.name), index(row.service)),
                (row.start, row.duration),
                (row.flags, row.marks),
                own,
                row.after_parent,
            )
        };
        let rows = first.rows.into_iter().map(pack).collect();
        Packed { words, rows, visible: first.visible, extent: first.extent.to_string() }
    }
}

impl TryFrom<Packed> for FirstRows {
    type Error = String;

    fn try_from(packed: Packed) -> Result<FirstRows, String> {
        let word = |index: usize| packed.words.get(index).cloned().ok_or("a row names an unknown word");
        let unpack = |(position, packed): (u32, &PackedRow)| {
            let (place, siblings, subtree, words, times, flags, own, after_parent) = packed;
            let start = times.0;
            let own = own.iter().map(|(from, length)| (start + from, start + from + length)).collect();
            Ok(RowView {
                row: place.0,
                position,
                depth: place.1,
                guides: place.2,
                sibling: siblings.0,
                siblings: siblings.1,
                subtree: subtree.0,
                folded: subtree.1,
                name: word(words.0)?,
                service: word(words.1)?,
                start,
                duration: times.1,
                flags: flags.0,
                marks: flags.1.clone(),
                own,
                after_parent: *after_parent,
            })
        };
        let rows = (0u32..).zip(&packed.rows).map(unpack).collect::<Result<_, &str>>()?;
        let extent = packed.extent.parse().map_err(|_e| "the extent is not a number")?;
        Ok(FirstRows { rows, visible: packed.visible, extent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::timeline::testing::columns;

    /// A chain of `rows` spans with long names, the longest numbers and a mark each.
    fn worst(rows: u16) -> Arc<TraceColumns> {
        let second = 1_000_000_000;
        let shape: Vec<_> =
            (0..rows).map(|row| (row % 9, 7_200 * second + u64::from(row) * 1_234_567, 61 * second)).collect();
        let mut columns = Arc::unwrap_or_clone(columns(&shape));
        columns.names = (0..rows).map(|row| format!("GET /api/v1/resources/{{id}}/{row}")).collect();
        columns.name = (0..u32::from(rows)).collect();
        columns.marks = (0..u32::from(rows)).map(|row| (row, 1)).collect();
        Arc::new(columns)
    }

    #[test]
    fn first_rows_read_back_and_fit_the_page() {
        let first = FirstRows::of(worst(500), None, None);
        assert_eq!((first.rows.len(), first.visible), (FIRST_ROWS as usize, 500));
        let json = serde_json::to_string(&first).expect("plain values");
        assert!(json.len() < 10_000, "{}", json.len());
        assert_eq!(serde_json::from_str::<FirstRows>(&json).expect("as written"), first);
    }

    #[test]
    fn a_fold_in_the_link_holds_for_the_first_rows() {
        let first = FirstRows::of(columns(&[(0, 0, 9), (1, 0, 1), (2, 0, 1), (1, 1, 1)]), Some(1), None);
        assert_eq!(first.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [0, 1, 3]);
        assert!(first.rows[1].folded && !first.rows[0].folded);
    }
}
