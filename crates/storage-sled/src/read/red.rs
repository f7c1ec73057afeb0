//! Rate, errors and durations, by adding up the cells of memtables and blocks. Not here: how cells come to be.

use hashbrown::Equivalent;
use model::red::RedName;
use model::rollup::RedSum;
use storage::{Answer, RedPoint, RedQuery, RedSeries};

use super::sums::{SeriesKey, Sums};
use crate::block::annex::Part;
use crate::pages::PageBytes;
use crate::rollup::{Moment, red_cells};
use crate::shared::Shared;

/// Service and name of a series; without names all of a service are under the empty one.
type Named = (Box<str>, Box<str>);

/// The same, borrowed.
#[derive(Hash)]
struct NamedRef<'a>(&'a str, &'a str);

/// The series of the query.
pub(crate) fn red(shared: &Shared, query: &RedQuery) -> Answer<Vec<RedSeries>> {
    let mut sums: Sums<Named, RedSum> = Sums::new(query.steps());
    let mut look = shared.tally.look(shared, Moment::of);
    look.for_each_red(|RedName { service, name, is_entry, .. }, minute, cell| {
        if let Some(named) = NamedRef::of(query, service, name, is_entry) {
            sums.add_cell(&named, minute, &cell.cell);
        }
    });
    let moment = look.into_taken();
    let part = if query.by_name { Part::Operations } else { Part::Services };
    let fetch = |source: &PageBytes| red_cells(shared, source, part);
    moment.for_each(shared, &query.steps(), fetch, |cells, counts| {
        sums.add(cells, counts, |key| NamedRef::of(query, &key.service, &key.name, key.is_entry));
    });
    let mut matched = 0;
    let mut series = Vec::new();
    for ((service, name), points) in sums.finish() {
        let points: Vec<RedPoint> = points.into_iter().map(|(start, cell)| RedPoint { start, cell }).collect();
        matched += points.iter().map(|point| point.cell.calls).sum::<u64>();
        series.push(RedSeries { service: service.into(), name: query.by_name.then(|| name.into()), points });
    }
    Answer { value: series, completeness: shared.completeness(matched, moment.spans, moment.watermark) }
}

// === impl NamedRef ===

impl<'a> NamedRef<'a> {
    /// The series of spans with this service and name; `None` when they are not asked for.
    fn of(query: &RedQuery, service: &'a str, name: &'a str, is_entry: bool) -> Option<NamedRef<'a>> {
        let is_other = query.service.as_ref().is_some_and(|wanted| wanted != service);
        let is_wanted = !is_other && (is_entry || !query.entry_only);
        is_wanted.then_some(NamedRef(service, if query.by_name { name } else { "" }))
    }
}

impl SeriesKey<Named> for NamedRef<'_> {
    fn owned(&self) -> Named {
        (self.0.into(), self.1.into())
    }
}

impl Equivalent<Named> for NamedRef<'_> {
    fn equivalent(&self, (service, name): &Named) -> bool {
        *self.0 == **service && *self.1 == **name
    }
}
