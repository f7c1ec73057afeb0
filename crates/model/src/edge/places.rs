//! Finds places by hash. Open addressing without gravestones: slots come and go for ever, and nothing is ever rebuilt
//! but to grow; growing and removing touch no slot. Not here: what lies at a place, and its key.

/// Cells of the smallest table.
const CELLS_MIN: usize = 64;

/// Places by hash.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Linear probing. Invariant: a power of two of them (or none), at most half of them taken, and none free between a
    /// taken one and the cell that its hash names.
    cells: Vec<Cell>,
    count: usize,
}

/// A hash, and the place plus one; 0 is a free cell.
#[derive(Clone, Copy, Debug, Default)]
struct Cell {
    hash: u32,
    place: u32,
}

impl Places {
    /// The place with this hash for which `is_it` says yes.
    #[inline]
    pub(super) fn find(&self, hash: u32, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = self.home(hash);
        loop {
            let cell = self.cells.get(at)?;
            let place = (cell.place as usize).checked_sub(1)?;
            if cell.hash == hash && is_it(place) {
                return Some(place);
            }
            at = self.after(at);
        }
    }

    /// Adds a place that is not in the table.
    pub(super) fn insert(&mut self, hash: u32, place: usize) {
        let place = u32::try_from(place + 1).expect("places are numbered by 32 bits");
        if (self.count + 1) * 2 > self.cells.len() {
            let grown = vec![Cell::default(); (2 * self.cells.len()).max(CELLS_MIN)];
            let cells = std::mem::replace(&mut self.cells, grown);
            cells.into_iter().filter(|cell| cell.place != 0).for_each(|cell| self.put(cell));
        }
        self.count += 1;
        self.put(Cell { hash, place });
    }

    /// Removes a place that was added with this hash.
    pub(super) fn remove(&mut self, hash: u32, place: usize) {
        let mut free = self.home(hash);
        while self.cells[free].place as usize != place + 1 {
            assert!(self.cells[free].place != 0, "only what was added is removed");
            free = self.after(free);
        }
        let mut at = self.after(free);
        while self.cells[at].place != 0 {
            // What lies further from its home than from the gap moves into it.
            let home = self.home(self.cells[at].hash);
            if self.distance(home, at) >= self.distance(free, at) {
                self.cells[free] = self.cells[at];
                free = at;
            }
            at = self.after(at);
        }
        self.cells[free] = Cell::default();
        self.count -= 1;
    }

    fn put(&mut self, cell: Cell) {
        let mut at = self.home(cell.hash);
        while self.cells[at].place != 0 {
            at = self.after(at);
        }
        self.cells[at] = cell;
    }

    #[inline]
    fn home(&self, hash: u32) -> usize {
        hash as usize & self.cells.len().wrapping_sub(1)
    }

    #[inline]
    fn after(&self, at: usize) -> usize {
        (at + 1) & (self.cells.len() - 1)
    }

    fn distance(&self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.cells.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Few hashes, and some at the end of the table: neighbours, repetitions and runs around the corner.
        #[test]
        fn it_finds_what_a_map_finds(steps in prop::collection::vec((any::<bool>(), 0usize..60, 0usize..6), 0..300)) {
            let hashes = [0u32, 1, 62, 63, 126, 127];
            let (mut places, mut map) = (Places::default(), BTreeMap::new());
            for (adds, place, hash) in steps {
                match map.get(&place).copied() {
                    Some(known) if !adds => {
                        places.remove(known, place);
                        map.remove(&place);
                    }
                    None if adds => {
                        places.insert(hashes[hash], place);
                        map.insert(place, hashes[hash]);
                    }
                    _ => {}
                }
                for place in 0..60 {
                    for hash in hashes {
                        let wanted = (map.get(&place) == Some(&hash)).then_some(place);
                        prop_assert_eq!(places.find(hash, |found| found == place), wanted);
                    }
                }
            }
        }
    }
}
