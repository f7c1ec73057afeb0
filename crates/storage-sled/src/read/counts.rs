//! Names and rates, from the counts of memtables and blocks.

use std::collections::BTreeMap;

use model::{RedCell, UnixNanos};
use storage::{Answer, Names, NamesQuery, OperationName, RedPoint, RedQuery, RedSeries, ServiceName};

use crate::index::RedKey;
use crate::shared::Shared;

/// Services or span names with their counts.
pub(crate) fn names(shared: &Shared, query: &NamesQuery) -> Answer<Names> {
    let index = shared.index();
    let counted = index.counts().flat_map(|counts| &counts.names);
    let (value, matched) = match query {
        NamesQuery::Services => {
            let mut services: BTreeMap<&str, u64> = BTreeMap::new();
            for ((service, _, _), spans) in counted {
                *services.entry(index.names.text(*service)).or_default() += spans;
            }
            let name = |(service, spans): (&str, u64)| ServiceName { service: service.to_owned(), spans };
            let services: Vec<_> = services.into_iter().map(name).collect();
            let matched = services.len();
            (Names::Services(services), matched)
        }
        NamesQuery::Operations { service: wanted, kind: wanted_kind } => {
            let mut operations: BTreeMap<_, u64> = BTreeMap::new();
            for ((service, name, kind), spans) in counted {
                let service: &str = index.names.text(*service);
                let is_wanted = wanted.as_ref().is_none_or(|wanted| wanted == service)
                    && wanted_kind.is_none_or(|wanted| wanted == *kind);
                if is_wanted {
                    *operations.entry((service, &**index.names.text(*name), *kind)).or_default() += spans;
                }
            }
            let operations = operations.into_iter().map(|((service, name, kind), spans)| OperationName {
                service: service.to_owned(),
                name: name.to_owned(),
                kind,
                spans,
            });
            let operations: Vec<_> = operations.collect();
            let matched = operations.len();
            (Names::Operations(operations), matched)
        }
    };
    Answer { value, completeness: shared.completeness(matched as u64, index.spans, index.watermark) }
}

/// Rate, errors and durations, by adding up minutes.
pub(crate) fn red(shared: &Shared, query: &RedQuery) -> Answer<Vec<RedSeries>> {
    let index = shared.index();
    let steps = query.steps();
    let mut series: BTreeMap<(u32, Option<u32>), BTreeMap<UnixNanos, RedCell>> = BTreeMap::new();
    let mut matched = 0;
    let wanted = query.service.as_ref().map(|service| index.names.find(service));
    for counts in index.counts() {
        for (minute, cells) in counts.red.range(steps.minute_first()..) {
            let Some(start) = steps.point_of_minute(*minute) else { break };
            let is_wanted = |(service, _, is_entry): &RedKey| {
                wanted.is_none_or(|wanted| wanted == Some(*service)) && (!query.entry_only || *is_entry)
            };
            cells.iter().filter(|(key, _)| is_wanted(key)).for_each(|((service, name, _), cell)| {
                matched += cell.calls;
                let points = series.entry((*service, query.by_name.then_some(*name))).or_default();
                points.entry(start).or_default().merge(cell);
            });
        }
    }
    let mut series: Vec<RedSeries> = series
        .into_iter()
        .map(|((service, name), points)| RedSeries {
            service: index.names.text(service).to_string(),
            name: name.map(|name| index.names.text(name).to_string()),
            points: points.into_iter().map(|(start, cell)| RedPoint { start, cell }).collect(),
        })
        .collect();
    series.sort_by(|left, right| (&left.service, &left.name).cmp(&(&right.service, &right.name)));
    Answer { value: series, completeness: shared.completeness(matched, index.spans, index.watermark) }
}
