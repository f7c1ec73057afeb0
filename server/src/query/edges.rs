//! Edges as people ask for them: a range and perhaps a node, and back to lines of an answer. Not here: asking the store.

use api::{ApiError, EdgeItem, EdgeList, EdgeSide, EdgesRequest, NodeItem};
use model::{EdgeCell, Exemplar, LatencyHistogram, Node, NodeKind, TimeRange, UnixNanos};
use storage::{Answer, EdgeSeries, EdgesQuery};

use super::search::{completeness_of, invalid};
use super::services::whole_minutes;

/// The range and the limit of one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EdgesQuestion {
    pub(super) query: EdgesQuery,
    limit: usize,
}

// === impl EdgesQuestion ===

impl EdgesQuestion {
    /// What `request` means at the moment `now`.
    pub(super) fn new(request: &EdgesRequest, now: UnixNanos) -> Result<EdgesQuestion, ApiError> {
        if !(1..=EdgesRequest::LIMIT_MAX).contains(&request.limit) {
            return Err(invalid(format!("limit is 1 to {}, not {}", EdgesRequest::LIMIT_MAX, request.limit)));
        }
        let range = whole_minutes(request.from, request.to, now)?;
        let query = EdgesQuery { range, step: None, node: node_of(request)?, provisional: request.provisional };
        Ok(EdgesQuestion { query, limit: request.limit as usize })
    }

    pub(super) fn list(&self, answer: Answer<Vec<EdgeSeries>>) -> EdgeList {
        let total = answer.value.len() as u64;
        let TimeRange { from, to } = self.query.range;
        EdgeList {
            edges: most_called(answer.value, self.limit).into_iter().map(item).collect(),
            total,
            completeness: completeness_of(answer.completeness),
            from_millis: from.millis(),
            to_millis: to.millis(),
        }
    }
}

/// Those with the most calls, in the order in which they came.
fn most_called(mut series: Vec<EdgeSeries>, limit: usize) -> Vec<EdgeSeries> {
    if series.len() > limit {
        let mut places: Vec<usize> = (0..series.len()).collect();
        places.sort_by_key(|place| (std::cmp::Reverse(calls_of(&series[*place])), *place));
        let mut is_listed = vec![false; series.len()];
        places[..limit].iter().for_each(|place| is_listed[*place] = true);
        let mut is_listed = is_listed.into_iter();
        series.retain(|_| is_listed.next().unwrap_or(false));
    }
    series
}

fn calls_of(series: &EdgeSeries) -> u64 {
    series.points.iter().map(|point| point.cell.calls).sum()
}

fn node_of(request: &EdgesRequest) -> Result<Option<Node>, ApiError> {
    // An empty field of a form means that nothing was asked.
    let text = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
    let kind = text(&request.kind).map(|word| {
        let words = NodeKind::ALL.map(NodeKind::word).join(", ");
        NodeKind::from_word(&word).ok_or_else(|| invalid(format!("kind is one of {words}, not `{word}`")))
    });
    let kind = kind.transpose()?;
    match (text(&request.node), kind) {
        (Some(name), kind) => Ok(Some(Node::new(kind.unwrap_or(NodeKind::Service), &name))),
        (None, None) => Ok(None),
        (None, Some(_)) => Err(invalid("kind belongs to a node: name the node".to_owned())),
    }
}

fn item(series: EdgeSeries) -> EdgeItem {
    let (mut cell, mut calls_provisional) = (EdgeCell::default(), 0);
    for point in &series.points {
        cell.merge(&point.cell);
        calls_provisional += point.calls_provisional;
    }
    let trace_id = |exemplar: Option<Exemplar>| exemplar.map(|exemplar| exemplar.trace_id.to_string());
    EdgeItem {
        client: node_item(series.key.client),
        server: node_item(series.key.server),
        connection: series.key.connection.word().to_owned(),
        calls: cell.calls,
        errors: cell.errors,
        calls_provisional,
        client_side: side(&cell.client),
        server_side: side(&cell.server),
        slowest_trace_id: trace_id(cell.exemplars.slowest),
        failed_trace_id: trace_id(cell.exemplars.failed),
    }
}

fn node_item(node: Node) -> NodeItem {
    NodeItem { kind: node.kind.word().to_owned(), name: node.name.into() }
}

fn side(durations: &LatencyHistogram) -> EdgeSide {
    let quantile = |share| durations.quantile(share).unwrap_or_default().0;
    EdgeSide { calls: durations.count(), p50: quantile(0.50), p95: quantile(0.95), p99: quantile(0.99) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::EdgeKey;
    use model::edge::Connection;
    use storage::{Completeness, EdgePoint};

    const NOW: UnixNanos = UnixNanos(1_700_000_000_000_000_000);

    fn question(request: EdgesRequest) -> Result<EdgesQuestion, String> {
        EdgesQuestion::new(&request, NOW).map_err(|error| error.detail)
    }

    /// An edge from `web` with calls in two minutes.
    fn series(server: &str, calls: u64) -> EdgeSeries {
        let point = |start, calls| EdgePoint {
            start: UnixNanos(start),
            cell: EdgeCell { calls, ..EdgeCell::default() },
            calls_provisional: 1,
        };
        let (client, server) = (Node::service("web"), Node::service(server));
        let key = EdgeKey { client, server, connection: Connection::Call };
        EdgeSeries { key, points: vec![point(0, 1), point(60_000_000_000, calls - 1)] }
    }

    #[test]
    fn beyond_the_limit_the_most_called_edges_are_listed_in_their_order() {
        let asked = question(EdgesRequest { limit: 2, ..EdgesRequest::default() }).expect("valid");
        let value = vec![series("ad", 7), series("cart", 3), series("mail", 9), series("quote", 7)];
        let list = asked.list(Answer { value, completeness: Completeness::default() });
        let listed: Vec<_> =
            list.edges.iter().map(|edge| (&*edge.server.name, edge.calls, edge.calls_provisional)).collect();
        assert_eq!((listed, list.total), (vec![("ad", 7, 2), ("mail", 9, 2)], 4));
    }

    #[test]
    fn a_node_is_a_service_unless_its_kind_is_said() {
        let some = |text: &str| Some(text.to_owned());
        let node =
            |node, kind| question(EdgesRequest { node, kind, ..EdgesRequest::default() }).map(|asked| asked.query.node);
        assert_eq!(node(some("cart"), None), Ok(Some(Node::service("cart"))));
        assert_eq!(node(some("redis"), some("cache")), Ok(Some(Node::new(NodeKind::Cache, "redis"))));
        assert_eq!(node(some(""), some("")), Ok(None), "fields of a form that are empty");
        assert!(node(some("cart"), some("thing")).is_err_and(|said| said.ends_with("not `thing`")));
        assert_eq!(node(None, some("cache")), Err("kind belongs to a node: name the node".to_owned()));
    }
}
