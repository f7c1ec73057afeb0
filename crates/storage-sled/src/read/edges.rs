//! Who called whom, by adding up the cells of memtables and blocks. Not here: how halves meet.

use std::collections::BTreeMap;

use hashbrown::Equivalent;
use model::rollup::EdgeSum;
use model::{EdgeCell, EdgeKey, UnixNanos};
use storage::{Answer, EdgePoint, EdgeSeries, EdgesQuery};

use super::sums::{SeriesKey, Sums};
use crate::pages::PageBytes;
use crate::rollup::{Moment, edge_cells};
use crate::shared::Shared;

/// An edge, borrowed.
#[derive(Hash)]
struct KeyRef<'a>(&'a EdgeKey);

/// The series of the query.
pub(crate) fn edges(shared: &Shared, query: &EdgesQuery) -> Answer<Vec<EdgeSeries>> {
    let steps = query.steps();
    let mut sums: Sums<EdgeKey, EdgeSum> = Sums::new(steps);
    let mut provisional: BTreeMap<EdgeKey, BTreeMap<UnixNanos, u64>> = BTreeMap::new();
    let mut look = shared.tally.look(shared, Moment::of);
    look.for_each_edges(query.provisional, |key, minute, cell, is_provisional| {
        if !query.accepts(key) {
            return;
        }
        sums.add_cell(&KeyRef(key), minute, cell);
        if let Some(point) = steps.point_of_minute(minute.into()).filter(|_| is_provisional) {
            *provisional.entry(key.clone()).or_default().entry(point).or_default() += cell.calls;
        }
    });
    let moment = look.into_taken();
    let fetch = |source: &PageBytes| edge_cells(shared, source);
    moment.for_each(shared, &steps, fetch, |cells, counts| {
        sums.add(cells, counts, |key| query.accepts(key).then_some(KeyRef(key)));
    });
    let mut matched = 0;
    let mut series = Vec::new();
    for (key, points) in sums.finish() {
        let provisional = provisional.remove(&key).unwrap_or_default();
        let point = |(start, cell): (UnixNanos, EdgeCell)| {
            matched += cell.calls;
            EdgePoint { start, cell, calls_provisional: provisional.get(&start).copied().unwrap_or_default() }
        };
        let points = points.into_iter().map(point).collect();
        series.push(EdgeSeries { key, points });
    }
    Answer { value: series, completeness: shared.completeness(matched, moment.spans, moment.watermark) }
}

// === impl KeyRef ===

impl SeriesKey<EdgeKey> for KeyRef<'_> {
    fn owned(&self) -> EdgeKey {
        self.0.clone()
    }
}

impl Equivalent<EdgeKey> for KeyRef<'_> {
    fn equivalent(&self, key: &EdgeKey) -> bool {
        self.0 == key
    }
}
