//! Shapes while spans are taken in: which there are, how often, and which of their columns say the same in every row.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashTable};

use super::super::schema::{Class, ColumnInfo, Head, Shape, Slot};

/// Below this many rows a value that never changes proves nothing, and the dictionary would become as long as the columns.
const CONSTANT_ROWS_MIN: u32 = 8;

/// Columns of a shape that are watched; further ones are never constant.
const WATCHED: usize = 64;

/// One shape.
struct Entry {
    head: Head,
    /// Number of its list of columns.
    list: u32,
    rows: u32,
    /// Where the cells of its first row lie.
    first: usize,
    /// Bit `n`: two rows differ in column `n`.
    varying: u64,
}

/// The cells of one row: those of the first row of its shape, but for the ones that differ.
#[derive(Clone, Copy)]
pub(super) struct Cells {
    pub(super) shape: u32,
    /// Bit `n`: the cell of column `n` differs.
    differing: u64,
    /// Where the differing ones lie, and after them those that are not watched.
    at: usize,
}

/// The shapes of spans, of events or of links.
#[derive(Default)]
pub(super) struct Shapes {
    entries: Vec<Entry>,
    numbers: HashMap<(Head, u32), u32>,
    /// Distinct lists of columns, one after the other.
    columns: Vec<u32>,
    /// Where each list lies.
    lists: Vec<(usize, usize)>,
    list_numbers: HashTable<u32>,
    hasher: DefaultHashBuilder,
    firsts: Vec<u64>,
    /// The shape that was found last for some heads; empty at first. Most rows are answered from here.
    hints: Vec<u32>,
}

/// Heads that share a hint push each other out.
const HINTS: usize = 4_096;

impl Shapes {
    /// The shape of a row with these columns, of which the cells lie at the end of `cells`, from `at` on. Only those stay
    /// there that the shape does not know from its first row.
    pub(super) fn intern(&mut self, head: Head, columns: &[u32], cells: &mut Vec<u64>, at: usize) -> Cells {
        let number = self.number(head, columns, &cells[at..]);
        let entry = &mut self.entries[number as usize];
        entry.rows += 1;
        let mut differing = 0;
        let mut kept = at;
        for (place, first) in self.firsts[entry.first..entry.first + columns.len()].iter().enumerate() {
            let cell = cells[at + place];
            if place >= WATCHED || cell != *first {
                differing |= if place < WATCHED { 1 << place } else { 0 };
                cells[kept] = cell;
                kept += 1;
            }
        }
        cells.truncate(kept);
        entry.varying |= differing;
        Cells { shape: number, differing, at }
    }

    /// The number of a shape, given now if it is new.
    fn number(&mut self, head: Head, columns: &[u32], cells: &[u64]) -> u32 {
        if self.hints.is_empty() {
            self.hints = vec![u32::MAX; HINTS];
        }
        let place = fold(fold(0, head.name), head.resource) >> 32;
        let place = place as usize % HINTS;
        let hint = self.hints[place];
        if self.entries.get(hint as usize).is_some_and(|entry| entry.head == head) && self.columns(hint) == columns {
            return hint;
        }
        let list = self.list(columns);
        let number = *self.numbers.entry((head, list)).or_insert_with(|| {
            self.entries.push(Entry { head, list, rows: 0, first: self.firsts.len(), varying: 0 });
            self.firsts.extend_from_slice(cells);
            self.entries.len() as u32 - 1
        });
        self.hints[place] = number;
        number
    }

    /// The cell of a row in one column of its shape.
    pub(super) fn cell(&self, all: &[u64], row: Cells, place: usize) -> u64 {
        let below = |places: usize| (row.differing & !(u64::MAX << places)).count_ones() as usize;
        if place >= WATCHED {
            all[row.at + row.differing.count_ones() as usize + place - WATCHED]
        } else if row.differing >> place & 1 == 1 {
            all[row.at + below(place)]
        } else {
            self.firsts[self.entries[row.shape as usize].first + place]
        }
    }

    fn list(&mut self, columns: &[u32]) -> u32 {
        let Shapes { columns: all, lists, list_numbers, hasher, .. } = self;
        let of = |lists: &[(usize, usize)], all: &[u32], list: u32| {
            let (start, end) = lists[list as usize];
            all[start..end].iter().copied().fold(0u64, fold)
        };
        let hash = columns.iter().copied().fold(0u64, fold);
        let same = |list: &u32| {
            let (start, end) = lists[*list as usize];
            all[start..end] == *columns
        };
        if let Some(list) = list_numbers.find(hasher.hash_one(hash), same) {
            return *list;
        }
        let list = lists.len() as u32;
        lists.push((all.len(), all.len() + columns.len()));
        all.extend_from_slice(columns);
        list_numbers.insert_unique(hasher.hash_one(hash), list, |list| hasher.hash_one(of(lists, all, *list)));
        list
    }

    /// Columns of a shape, in order.
    pub(super) fn columns(&self, shape: u32) -> &[u32] {
        let (start, end) = self.lists[self.entries[shape as usize].list as usize];
        &self.columns[start..end]
    }

    /// The shapes as they are stored, most frequent first, and the stored number of each.
    pub(super) fn finish(&self, columns: &[ColumnInfo]) -> (Vec<Shape>, Vec<u32>) {
        let mut order: Vec<u32> = (0..self.entries.len() as u32).collect();
        order.sort_by_key(|shape| std::cmp::Reverse(self.entries[*shape as usize].rows));
        let mut ranks = vec![0; order.len()];
        for (rank, shape) in order.iter().enumerate() {
            ranks[*shape as usize] = rank as u32;
        }
        let shapes = order.iter().map(|shape| self.shape(*shape, columns)).collect();
        (shapes, ranks)
    }

    fn shape(&self, shape: u32, columns: &[ColumnInfo]) -> Shape {
        let entry = &self.entries[shape as usize];
        let slot = |(place, column): (usize, &u32)| {
            let fits = matches!(columns[*column as usize].class, Class::Dictionary | Class::Number);
            let same = place < WATCHED && entry.varying >> place & 1 == 0;
            let is_constant = fits && same && entry.rows >= CONSTANT_ROWS_MIN;
            Slot { column: *column, constant: is_constant.then(|| self.firsts[entry.first + place]) }
        };
        Shape { head: entry.head, slots: self.columns(shape).iter().enumerate().map(slot).collect() }
    }
}

/// One step of a hash over columns, seeded by the hasher in the end.
fn fold(hash: u64, column: u32) -> u64 {
    (hash.rotate_left(5) ^ u64::from(column)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
