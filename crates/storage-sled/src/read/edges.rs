//! Who called whom, by adding up the cells of memtables and blocks. Not here: how halves meet.

use std::collections::BTreeMap;

use model::rollup::EdgeCells;
use model::{EdgeCell, EdgeKey, UnixNanos};
use storage::{Answer, EdgePoint, EdgeSeries, EdgesQuery, RedSteps};

use crate::pages::PageBytes;
use crate::rollup::{Moment, edge_cells};
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
    look.for_each_edges(query.provisional, |cells, is_provisional| {
        sum.add(cells, &|_minute| true, is_provisional);
    });
    let moment = look.into_taken();
    let (steps, fetch) = (sum.steps, |source: &PageBytes| edge_cells(shared, source));
    moment.for_each(shared, &steps, fetch, |cells, counts| sum.add(cells, counts, false));
    let matched = sum.matched;
    Answer { value: sum.series(), completeness: shared.completeness(matched, moment.spans, moment.watermark) }
}

impl Sum<'_> {
    fn add(&mut self, cells: &EdgeCells, counts: &dyn Fn(u32) -> bool, is_provisional: bool) {
        for (key, minutes) in cells.series().filter(|(key, _)| self.query.accepts(key)) {
            let in_range = |(minute, cell): (&u32, _)| Some((self.steps.point_of_minute(u64::from(*minute))?, cell));
            let mut cells = minutes.iter().filter(|(minute, _)| counts(**minute)).filter_map(in_range).peekable();
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
