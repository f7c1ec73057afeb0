//! Who called whom, from all spans at once by the plain rules. Not here: the rules.

use std::collections::BTreeMap;

use model::edge::plain;
use model::{EdgeKey, Span, UnixNanos};

use super::State;
use crate::query::Answer;
use crate::rollup::{EdgePoint, EdgeSeries, EdgesQuery};

impl State {
    pub(super) fn edges(&self, query: &EdgesQuery) -> Answer<Vec<EdgeSeries>> {
        let spans: Vec<Span> = self.every_span().cloned().collect();
        let plain::PlainEdges { counted, provisional } = plain::edges(&spans);
        let steps = query.steps();
        let mut series: BTreeMap<EdgeKey, BTreeMap<UnixNanos, EdgePoint>> = BTreeMap::new();
        let mut matched = 0;
        for (cells, is_provisional) in [(counted, false), (provisional, true)] {
            for (key, minute, cell) in cells.iter().filter(|(key, ..)| query.accepts(key)) {
                let Some(start) = steps.point_of_minute(minute.into()) else { continue };
                if is_provisional && !query.provisional {
                    continue;
                }
                matched += cell.calls;
                let points = series.entry(key.clone()).or_default();
                let new = EdgePoint { start, cell: Default::default(), calls_provisional: 0 };
                let point = points.entry(start).or_insert(new);
                point.cell.merge(cell);
                point.calls_provisional += if is_provisional { cell.calls } else { 0 };
            }
        }
        let series = series.into_iter().map(|(key, points)| EdgeSeries { key, points: points.into_values().collect() });
        self.answer(series.collect(), matched, self.watermark)
    }
}
