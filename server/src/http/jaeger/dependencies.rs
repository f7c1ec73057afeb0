//! Edges as Jaeger draws them: pairs of names and a number of calls. Not here: asking for them.

use std::collections::BTreeMap;

use model::edge::Connection;
use model::{EdgeKey, NodeKind};
use serde::Serialize;
use storage::EdgeSeries;

/// One pair.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct DependencyJson {
    parent: String,
    child: String,
    #[serde(rename = "callCount")]
    calls: u64,
}

/// Sorted by parent and child.
///
/// Databases and queues are among them under their names: without queues, who takes messages would depend on nobody.
/// What calls itself, has no name or is only linked is no dependency to Jaeger.
pub(super) fn dependencies_of(series: &[EdgeSeries]) -> Vec<DependencyJson> {
    let mut calls_by_pair: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for EdgeSeries { key, points } in series.iter().filter(|series| is_dependency(&series.key)) {
        let side = |count: fn(&model::EdgeCell) -> u64| points.iter().map(|point| count(&point.cell)).sum::<u64>();
        // Halves that met too late were counted each alone, so that `calls` would count such a call twice.
        let calls = side(|cell| cell.client.count()).max(side(|cell| cell.server.count()));
        *calls_by_pair.entry((&key.client.name, &key.server.name)).or_default() += calls;
    }
    let dependency = |((parent, child), calls): ((&str, &str), u64)| DependencyJson {
        parent: parent.to_owned(),
        child: child.to_owned(),
        calls,
    };
    calls_by_pair.into_iter().map(dependency).collect()
}

fn is_dependency(key: &EdgeKey) -> bool {
    let is_named = |kind| !matches!(kind, NodeKind::User | NodeKind::Unknown);
    key.connection != Connection::Link
        && key.client.name != key.server.name
        && is_named(key.client.kind)
        && is_named(key.server.kind)
}
