//! Which rows are visible under folds: row to position and back in logarithmic time. Not here: pixels, and who folds what.
//!
//! There is no vector of visible rows: a bitmap over the depth-first order says what is hidden, and a Fenwick tree counts what is visible
//! in each word of 64 rows. A fold touches the words of its subtree and nothing else.

use std::sync::Arc;

use api::TraceColumns;

/// Visible rows of a trace, in depth-first order.
#[derive(Clone, Debug)]
pub struct RowIndex {
    columns: Arc<TraceColumns>,
    /// Rows below a folded one.
    hidden: Bitmap,
    /// Rows whose descendants are hidden.
    folded: Bitmap,
    /// Invariant: word `w` counts the zeros of `hidden` in word `w`.
    visible: Fenwick,
}

// === impl RowIndex ===

impl RowIndex {
    /// Every row visible.
    pub fn new(columns: Arc<TraceColumns>) -> RowIndex {
        let rows = columns.len();
        let hidden = Bitmap::zeros(rows);
        let visible = Fenwick::of(&hidden, rows);
        RowIndex { folded: Bitmap::zeros(rows), hidden, visible, columns }
    }

    /// The trace.
    pub fn columns(&self) -> &Arc<TraceColumns> {
        &self.columns
    }

    /// How many rows are visible.
    pub fn visible(&self) -> u32 {
        self.visible.total
    }

    /// The row at `position` among the visible ones.
    pub fn row_at(&self, position: u32) -> Option<u32> {
        if position >= self.visible.total {
            return None;
        }
        let (word, before) = self.visible.word_of(position);
        let mut zeros = !self.hidden.words[word];
        for _ in before..position {
            zeros &= zeros - 1;
        }
        Some(word as u32 * 64 + zeros.trailing_zeros())
    }

    /// Where `row` stands among the visible ones; `None` while it is hidden.
    pub fn position_of(&self, row: u32) -> Option<u32> {
        if row as usize >= self.columns.len() || self.hidden.get(row) {
            return None;
        }
        let word = row as usize / 64;
        let below = (1u64 << (row % 64)) - 1;
        Some(self.visible.before(word) + (!self.hidden.words[word] & below).count_ones())
    }

    /// Whether the descendants of `row` are hidden.
    pub fn is_folded(&self, row: u32) -> bool {
        self.folded.get(row)
    }

    /// Hides the descendants of `row`. A row without any stays as it is.
    pub fn fold(&mut self, row: u32) {
        if self.columns.subtree[row as usize] == 0 {
            return;
        }
        self.folded.set(row, true);
        self.hide(row + 1, self.end_of(row), true);
    }

    /// Shows the children of `row`, and below them what was not folded itself.
    pub fn unfold(&mut self, row: u32) {
        if !self.folded.get(row) {
            return;
        }
        self.folded.set(row, false);
        if self.hidden.get(row) {
            return;
        }
        let end = self.end_of(row);
        self.hide(row + 1, end, false);
        let mut from = row + 1;
        while let Some(inner) = self.folded.next_one(from, end) {
            from = self.end_of(inner);
            self.hide(inner + 1, from, true);
        }
    }

    /// Unfolds whatever hides `row`.
    pub fn reveal(&mut self, row: u32) {
        let mut folded_above = Vec::new();
        let mut above = self.columns.parent[row as usize];
        while above != TraceColumns::NO_PARENT {
            if self.folded.get(above) {
                folded_above.push(above);
            }
            above = self.columns.parent[above as usize];
        }
        // Outermost first: an inner one may only show its children once it is visible itself.
        for row in folded_above.into_iter().rev() {
            self.unfold(row);
        }
    }

    /// Folds exactly the rows that have descendants and for which `wanted` holds. Linear in the number of rows.
    pub fn fold_where(&mut self, mut wanted: impl FnMut(u32) -> bool) {
        let rows = self.columns.len() as u32;
        self.hidden = Bitmap::zeros(self.columns.len());
        let mut hidden_until = 0;
        for row in 0..rows {
            let folded = self.columns.subtree[row as usize] > 0 && wanted(row);
            self.folded.set(row, folded);
            if row < hidden_until {
                self.hidden.set(row, true);
            } else if folded {
                hidden_until = self.end_of(row);
            }
        }
        self.visible = Fenwick::of(&self.hidden, self.columns.len());
    }

    /// First row after the subtree of `row`.
    fn end_of(&self, row: u32) -> u32 {
        row + 1 + self.columns.subtree[row as usize]
    }

    fn hide(&mut self, from: u32, end: u32, hidden: bool) {
        for word in from as usize / 64..(end as usize).div_ceil(64) {
            let mask = mask_of(word, from, end);
            let before = self.hidden.words[word];
            let after = if hidden { before | mask } else { before & !mask };
            if before != after {
                self.hidden.words[word] = after;
                self.visible.add(word, i64::from(before.count_ones()) - i64::from(after.count_ones()));
            }
        }
    }
}

/// Bits of `word` that stand for rows in `from..end`.
fn mask_of(word: usize, from: u32, end: u32) -> u64 {
    let first = (word * 64) as u32;
    let low = from.saturating_sub(first).min(64);
    let high = end.saturating_sub(first).min(64);
    let below = |bits: u32| if bits == 64 { u64::MAX } else { (1u64 << bits) - 1 };
    below(high) & !below(low)
}

/// One bit per row.
#[derive(Clone, Debug)]
struct Bitmap {
    words: Vec<u64>,
}

impl Bitmap {
    fn zeros(rows: usize) -> Bitmap {
        Bitmap { words: vec![0; rows.div_ceil(64)] }
    }

    fn get(&self, row: u32) -> bool {
        self.words[row as usize / 64] & (1 << (row % 64)) != 0
    }

    fn set(&mut self, row: u32, bit: bool) {
        let word = &mut self.words[row as usize / 64];
        let mask = 1u64 << (row % 64);
        *word = if bit { *word | mask } else { *word & !mask };
    }

    fn next_one(&self, from: u32, end: u32) -> Option<u32> {
        (from as usize / 64..(end as usize).div_ceil(64)).find_map(|word| {
            let ones = self.words[word] & mask_of(word, from, end);
            (ones != 0).then(|| (word * 64) as u32 + ones.trailing_zeros())
        })
    }
}

/// Visible rows per word, with prefix sums in logarithmic time.
#[derive(Clone, Debug)]
struct Fenwick {
    /// Node `n` (from 1) covers the words `n - lowest bit of n .. n`.
    nodes: Vec<u32>,
    total: u32,
}

impl Fenwick {
    fn of(hidden: &Bitmap, rows: usize) -> Fenwick {
        let words = hidden.words.len();
        let mut nodes = vec![0u32; words + 1];
        let mut total = 0;
        for word in 0..words {
            let inside = mask_of(word, 0, rows as u32);
            let count = (!hidden.words[word] & inside).count_ones();
            total += count;
            nodes[word + 1] += count;
            let above = (word + 1) + lowest_bit(word + 1);
            if above <= words {
                nodes[above] += nodes[word + 1];
            }
        }
        Fenwick { nodes, total }
    }

    fn add(&mut self, word: usize, difference: i64) {
        let changed = |count: u32| (i64::from(count) + difference) as u32;
        self.total = changed(self.total);
        let mut node = word + 1;
        while node < self.nodes.len() {
            self.nodes[node] = changed(self.nodes[node]);
            node += lowest_bit(node);
        }
    }

    /// Visible rows in all words before `word`.
    fn before(&self, word: usize) -> u32 {
        let mut node = word;
        let mut sum = 0;
        while node > 0 {
            sum += self.nodes[node];
            node -= lowest_bit(node);
        }
        sum
    }

    /// The word that holds the visible row number `position`, and how many stand before that word.
    fn word_of(&self, position: u32) -> (usize, u32) {
        let mut node = 0;
        let mut before = 0;
        let mut step = self.nodes.len().next_power_of_two();
        while step > 0 {
            let next = node + step;
            if next < self.nodes.len() && before + self.nodes[next] <= position {
                node = next;
                before += self.nodes[next];
            }
            step /= 2;
        }
        (node, before)
    }
}

fn lowest_bit(node: usize) -> usize {
    node & node.wrapping_neg()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A forest from depths: each row is at most one deeper than the one before.
    fn forest(steps: &[u8]) -> Arc<TraceColumns> {
        let mut columns = TraceColumns::default();
        let mut open: Vec<u32> = Vec::new();
        for (row, step) in (0u32..).zip(steps) {
            open.truncate(usize::from(*step) % (open.len() + 1));
            columns.parent.push(open.last().copied().unwrap_or(TraceColumns::NO_PARENT));
            columns.depth.push(open.len() as u16);
            columns.subtree.push(0);
            columns.start.push(0);
            for above in &open {
                columns.subtree[*above as usize] += 1;
            }
            open.push(row);
        }
        Arc::new(columns)
    }

    fn naive(columns: &TraceColumns, folded: &[bool]) -> Vec<u32> {
        let hidden = |row: u32| {
            let mut above = columns.parent[row as usize];
            while above != TraceColumns::NO_PARENT {
                if folded[above as usize] {
                    return true;
                }
                above = columns.parent[above as usize];
            }
            false
        };
        (0..columns.len() as u32).filter(|row| !hidden(*row)).collect()
    }

    fn agrees(index: &RowIndex, folded: &[bool]) -> Result<(), TestCaseError> {
        let expected = naive(index.columns(), folded);
        prop_assert_eq!(index.visible(), expected.len() as u32);
        let rows: Vec<u32> = (0..index.visible()).filter_map(|position| index.row_at(position)).collect();
        prop_assert_eq!(&rows, &expected);
        prop_assert_eq!(index.row_at(index.visible()), None);
        for row in 0..folded.len() as u32 {
            let position = expected.binary_search(&row).ok().map(|position| position as u32);
            prop_assert_eq!(index.position_of(row), position);
        }
        Ok(())
    }

    #[test]
    fn an_unfolded_row_keeps_what_was_folded_inside_it() {
        let mut index = RowIndex::new(forest(&[0, 1, 2, 1]));
        index.fold(1);
        index.fold(0);
        assert_eq!(index.visible(), 1);
        index.unfold(0);
        assert_eq!((0..index.visible()).filter_map(|at| index.row_at(at)).collect::<Vec<_>>(), [0, 1, 3]);
    }

    #[test]
    fn a_row_beyond_the_trace_has_no_position() {
        assert_eq!(RowIndex::new(forest(&[0])).position_of(7), None);
        assert_eq!(RowIndex::new(forest(&[])).row_at(0), None);
    }

    proptest! {
        #[test]
        fn folds_agree_with_a_walk_to_the_root(
            steps in proptest::collection::vec(any::<u8>(), 1..300),
            acts in proptest::collection::vec((0u8..4, any::<proptest::sample::Index>()), 0..40),
        ) {
            let columns = forest(&steps);
            let mut index = RowIndex::new(columns.clone());
            let mut folded = vec![false; columns.len()];
            for (act, row) in acts {
                let row = row.index(columns.len()) as u32;
                match act {
                    0 => {
                        index.fold(row);
                        folded[row as usize] |= columns.subtree[row as usize] > 0;
                    }
                    1 => {
                        index.unfold(row);
                        folded[row as usize] = false;
                    }
                    2 => {
                        index.reveal(row);
                        let mut above = columns.parent[row as usize];
                        while above != TraceColumns::NO_PARENT {
                            folded[above as usize] = false;
                            above = columns.parent[above as usize];
                        }
                    }
                    _ => {
                        index.fold_where(|other| other % 3 == row % 3);
                        for (other, fold) in (0u32..).zip(&mut folded) {
                            *fold = other % 3 == row % 3 && columns.subtree[other as usize] > 0;
                        }
                    }
                }
                agrees(&index, &folded)?;
            }
        }
    }
}
