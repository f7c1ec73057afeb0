//! Which services and span names there are, from what memtables and partitions keep in memory. Not here: time.

use std::collections::BTreeMap;

use model::SpanKind;
use storage::{Answer, Names, NamesQuery, OperationName, ServiceName};

use crate::rollup::{self, Moment};
use crate::shared::Shared;

/// Services or span names with their counts.
pub(crate) fn names(shared: &Shared, query: &NamesQuery) -> Answer<Names> {
    let mut all = rollup::Names::default();
    let look = shared.tally.look(shared, |index| {
        index.partitions.values().for_each(|partition| all.merge(&partition.names));
        Moment::of(index)
    });
    look.for_each_red(|name, _minute, cell| all.add(name.service, name.name, name.kind, cell.cell.calls));
    let Moment { spans, watermark, .. } = look.into_taken();
    let value = match query {
        NamesQuery::Services => Names::Services(services(&all)),
        NamesQuery::Operations { service, kind } => Names::Operations(operations(&all, service.as_deref(), *kind)),
    };
    let matched = match &value {
        Names::Services(services) => services.len(),
        Names::Operations(operations) => operations.len(),
    };
    Answer { value, completeness: shared.completeness(matched as u64, spans, watermark) }
}

fn services(all: &rollup::Names) -> Vec<ServiceName> {
    let mut services: BTreeMap<&str, u64> = BTreeMap::new();
    all.iter().for_each(|(service, .., spans)| *services.entry(service).or_default() += spans);
    services.into_iter().map(|(service, spans)| ServiceName { service: service.to_owned(), spans }).collect()
}

/// In the order in which they are kept: by service, name and kind.
fn operations(all: &rollup::Names, wanted: Option<&str>, wanted_kind: Option<SpanKind>) -> Vec<OperationName> {
    let is_wanted = |(service, _, kind, _): &(&str, &str, SpanKind, u64)| {
        wanted.is_none_or(|wanted| wanted == *service) && wanted_kind.is_none_or(|wanted| wanted == *kind)
    };
    let operation = |(service, name, kind, spans): (&str, &str, SpanKind, u64)| OperationName {
        service: service.to_owned(),
        name: name.to_owned(),
        kind,
        spans,
    };
    all.iter().filter(is_wanted).map(operation).collect()
}
