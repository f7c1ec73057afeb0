//! Who called whom, by adding up the cells of memtables and blocks. Not here: how halves meet.

use std::collections::BTreeMap;

use model::rollup::EdgeCells;
use model::{EdgeCell, EdgeKey, UnixNanos};
use storage::{Answer, EdgePoint, EdgeSeries, EdgesQuery, RedSteps};

use super::red::Moment;
use crate::rollup::edge_cells;
use crate::shared::Shared;

struct Sum<'a> {
    query: &'a EdgesQuery,
    steps: RedSteps,
    /// Cells by edge and start, and how many calls of them are provisional.
    sums: BTreeMap<EdgeKey, BTreeMap<UnixNanos, (EdgeCell, u64)>>,
    matched: u64,
}

/// The series of the query.
pub(crate) fn edges(shared: &Shared, query: &EdgesQuery) -> Answer<Vec<EdgeSeries>> {
    let mut sum = Sum { query, steps: query.steps(), sums: BTreeMap::new(), matched: 0 };
    let look = shared.tally.look(shared, Moment::of);
    look.for_each_edges(query.provisional, |cells, is_provisional| sum.add(cells, is_provisional));
    let Moment { blocks, spans, watermark } = look.into_taken();
    let steps = sum.steps;
    for block in blocks.iter().filter(|block| block.minutes.meet(&steps)) {
        match edge_cells(shared, block) {
            Ok(cells) => sum.add(&cells, false),
            Err(error) => shared.note_damage(block, &error),
        }
    }
    let matched = sum.matched;
    Answer { value: sum.series(), completeness: shared.completeness(matched, spans, watermark) }
}

impl Sum<'_> {
    fn add(&mut self, cells: &EdgeCells, is_provisional: bool) {
        for (key, minutes) in cells.series().filter(|(key, _)| self.query.accepts(key)) {
            let in_range = |(minute, cell): (&u32, _)| Some((self.steps.point_of_minute(u64::from(*minute))?, cell));
            let mut cells = minutes.iter().filter_map(in_range).peekable();
            if cells.peek().is_none() {
                continue;
            }
            if !self.sums.contains_key(key) {
                self.sums.insert(key.clone(), BTreeMap::new());
            }
            let points = self.sums.get_mut(key).expect("inserted when it was missing");
            for (start, cell) in cells {
                let (sum, provisional) = points.entry(start).or_default();
                sum.merge(cell);
                *provisional += if is_provisional { cell.calls } else { 0 };
                self.matched += cell.calls;
            }
        }
    }

    fn series(self) -> Vec<EdgeSeries> {
        let point = |(start, (cell, calls_provisional))| EdgePoint { start, cell, calls_provisional };
        let series = self.sums.into_iter();
        series.map(|(key, points)| EdgeSeries { key, points: points.into_iter().map(point).collect() }).collect()
    }
}
