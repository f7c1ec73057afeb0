//! Which services and span names there are, from what memtables and partitions keep in memory. Not here: time.

use std::collections::BTreeMap;

use model::SpanKind;
use storage::{Answer, Names, OperationName, ServiceName};

use crate::rollup::{self, Moment};
use crate::shared::Shared;

/// Services with the numbers of their spans.
pub(crate) fn services(shared: &Shared) -> Answer<Names> {
    let (all, moment) = all(shared);
    let list = services_of(&all);
    let matched = list.len();
    answer(shared, &moment, Names::Services(list), matched)
}

/// Span names of one service and kind, or of all, with the numbers of their spans.
pub(crate) fn operations(shared: &Shared, service: Option<&str>, kind: Option<SpanKind>) -> Answer<Names> {
    let (all, moment) = all(shared);
    let list = operations_of(&all, service, kind);
    let matched = list.len();
    answer(shared, &moment, Names::Operations(list), matched)
}

fn all(shared: &Shared) -> (rollup::Names, Moment) {
    let mut all = rollup::Names::default();
    let mut look = shared.tally.look(shared, |index| {
        index.partitions.values().for_each(|partition| all.merge(&partition.names));
        Moment::of(index)
    });
    look.for_each_red(|name, _minute, cell| all.add(name.service, name.name, name.kind, cell.cell.calls));
    (all, look.into_taken())
}

fn answer(shared: &Shared, moment: &Moment, value: Names, matched: usize) -> Answer<Names> {
    Answer { value, completeness: shared.completeness(matched as u64, moment.spans, moment.watermark) }
}

fn services_of(all: &rollup::Names) -> Vec<ServiceName> {
    let mut services: BTreeMap<&str, u64> = BTreeMap::new();
    all.iter().for_each(|(service, .., spans)| *services.entry(service).or_default() += spans);
    services.into_iter().map(|(service, spans)| ServiceName { service: service.to_owned(), spans }).collect()
}

/// In the order in which they are kept: by service, name and kind.
fn operations_of(all: &rollup::Names, wanted: Option<&str>, wanted_kind: Option<SpanKind>) -> Vec<OperationName> {
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
