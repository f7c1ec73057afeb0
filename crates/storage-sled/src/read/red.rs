//! Rate, errors and durations, by adding up the cells of memtables and blocks. Not here: how cells come to be.

use std::collections::BTreeMap;

use model::red::RedName;
use model::{RedCell, UnixNanos};
use storage::{Answer, RedPoint, RedQuery, RedSeries, RedSteps};

use crate::block::annex::Part;
use crate::pages::PageBytes;
use crate::rollup::{Moment, red_cells};
use crate::shared::Shared;

/// Points by service, name and start; without names all of a service are under the empty one.
type Sums = BTreeMap<Box<str>, BTreeMap<Box<str>, BTreeMap<UnixNanos, RedCell>>>;

struct Sum<'a> {
    query: &'a RedQuery,
    steps: RedSteps,
    sums: Sums,
    matched: u64,
}

/// The series of the query.
pub(crate) fn red(shared: &Shared, query: &RedQuery) -> Answer<Vec<RedSeries>> {
    let mut sum = Sum { query, steps: query.steps(), sums: Sums::new(), matched: 0 };
    let mut look = shared.tally.look(shared, Moment::of);
    look.for_each_red(|RedName { service, name, is_entry, .. }, minute, cell| {
        sum.add(service, name, is_entry, std::iter::once((minute, &cell.cell)));
    });
    let moment = look.into_taken();
    let part = if query.by_name { Part::Operations } else { Part::Services };
    let (steps, fetch) = (sum.steps, |source: &PageBytes| red_cells(shared, source, part));
    moment.for_each(shared, &steps, fetch, |cells, counts| {
        for (key, minutes) in cells.series() {
            let cells = minutes.iter().filter(|(minute, _)| counts(**minute));
            sum.add(&key.service, &key.name, key.is_entry, cells.map(|(minute, cell)| (*minute, &cell.cell)));
        }
    });
    let matched = sum.matched;
    Answer { value: sum.series(), completeness: shared.completeness(matched, moment.spans, moment.watermark) }
}

// === impl Sum ===

impl Sum<'_> {
    /// Adds cells of one service and name with their minutes.
    fn add<'c>(&mut self, service: &str, name: &str, is_entry: bool, cells: impl Iterator<Item = (u32, &'c RedCell)>) {
        let is_other = self.query.service.as_ref().is_some_and(|wanted| wanted != service);
        if is_other || (self.query.entry_only && !is_entry) {
            return;
        }
        let steps = self.steps;
        let cells = cells.filter_map(|(minute, cell)| Some((steps.point_of_minute(minute.into())?, cell)));
        let mut cells = cells.peekable();
        if cells.peek().is_none() {
            return;
        }
        let name = if self.query.by_name { name } else { "" };
        let points = entry(entry(&mut self.sums, service), name);
        for (start, cell) in cells {
            self.matched += cell.calls;
            points.entry(start).or_default().merge(cell);
        }
    }

    fn series(self) -> Vec<RedSeries> {
        let by_name = self.query.by_name;
        let named = self
            .sums
            .into_iter()
            .flat_map(|(service, names)| names.into_iter().map(move |(name, points)| (service.clone(), name, points)));
        let series = named.map(|(service, name, points)| RedSeries {
            service: service.into(),
            name: by_name.then(|| name.into()),
            points: points.into_iter().map(|(start, cell)| RedPoint { start, cell }).collect(),
        });
        series.collect()
    }
}

/// The value of a text; made when there is none.
fn entry<'m, V: Default>(map: &'m mut BTreeMap<Box<str>, V>, key: &str) -> &'m mut V {
    if !map.contains_key(key) {
        map.insert(key.into(), V::default());
    }
    map.get_mut(key).expect("inserted when it was missing")
}
