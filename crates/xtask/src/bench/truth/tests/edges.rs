//! Who calls whom, from the spans as they were sent: one call after the other, as few rules as will do.

use std::collections::BTreeMap;

use super::Span;
use crate::bench::truth::{EdgeAnswer, NodeAnswer, SideAnswer};

const CLIENT: u64 = 3;
const PRODUCER: u64 = 4;
const SERVER: u64 = 2;
const INTERNAL: u64 = 1;

/// One call: its ends, and the spans that recorded it.
struct Call<'a> {
    from: NodeAnswer,
    to: NodeAnswer,
    client: Option<&'a Span>,
    server: Option<&'a Span>,
}

fn node(kind: &str, name: &str) -> NodeAnswer {
    NodeAnswer { kind: kind.to_owned(), name: name.to_owned() }
}

fn service(span: &Span) -> NodeAnswer {
    node("service", &span.service)
}

fn asks(span: &Span) -> bool {
    span.kind == CLIENT || span.kind == PRODUCER
}

fn peer(span: &Span) -> Option<NodeAnswer> {
    let value =
        |key: &str| span.attributes.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    let has = |key: &str| value(key).is_some();
    let host = match (value("server.address"), value("server.port")) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (host, _) => host.unwrap_or_default().to_owned(),
    };
    if has("messaging.system") {
        return Some(node(
            "messaging",
            &format!("{}/{}", value("messaging.system")?, value("messaging.destination.name")?),
        ));
    }
    if has("db.system.name") {
        return Some(node("database", &format!("{}/{}@{host}", value("db.system.name")?, value("db.namespace")?)));
    }
    (!host.is_empty()).then(|| node(if has("rpc.system") { "rpc" } else { "external" }, &host))
}

fn never_answers(span: &Span) -> bool {
    asks(span) && peer(span).is_some_and(|peer| peer.kind == "messaging" || peer.kind == "database")
}

/// Its ancestors, the nearest first.
fn above<'a>(by_id: &BTreeMap<(&str, u64), &'a Span>, span: &'a Span) -> Vec<&'a Span> {
    let mut all = Vec::new();
    let mut at = span;
    while let Some(parent) = by_id.get(&(at.trace.as_str(), at.parent)) {
        all.push(*parent);
        at = parent;
    }
    all
}

/// The call by which the work of a span was asked for, and the client span that met its answer.
fn call_of<'a>(span: &'a Span, above: &[&'a Span]) -> (Option<Call<'a>>, Option<&'a Span>) {
    let served = |from: NodeAnswer| Call { from, to: service(span), client: None, server: Some(span) };
    let Some(parent) = above.first() else {
        return ((span.kind == SERVER).then(|| served(node("user", "user"))), None);
    };
    // Internal spans of one service between the caller and the span.
    let passed = above.iter().take_while(|other| other.kind == INTERNAL && other.service == parent.service).count();
    let met = |client: &'a Span| match peer(client).filter(|_| never_answers(client)) {
        Some(peer) => (Some(served(peer)), Some(client)),
        None => (Some(Call { from: service(client), client: Some(client), ..served(service(span)) }), Some(client)),
    };
    let next = above.get(passed);
    if parent.service == span.service {
        // Only entries are called by their own service, and then by a client.
        return match next {
            Some(client) if span.kind == SERVER && client.service == span.service && asks(client) => met(client),
            _ => (None, None),
        };
    }
    match next {
        Some(client) if client.service == parent.service && asks(client) => met(client),
        _ => (Some(served(service(parent))), None),
    }
}

pub(super) fn edges(spans: &[Span], from_millis: u64, to_millis: u64) -> Vec<EdgeAnswer> {
    let by_id: BTreeMap<(&str, u64), &Span> = spans.iter().map(|span| ((span.trace.as_str(), span.id), span)).collect();
    let mut calls: Vec<Call<'_>> = Vec::new();
    let mut answered: Vec<*const Span> = Vec::new();
    for span in spans {
        if never_answers(span) {
            let to = peer(span).expect("it asks something");
            calls.push(Call { from: service(span), to, client: Some(span), server: None });
        }
        let above = above(&by_id, span);
        let (call, client) = call_of(span, &above);
        calls.extend(call);
        answered.extend(client.map(std::ptr::from_ref));
        if let Some(outer) = above.first()
            && (asks(span) && asks(outer) && outer.service == span.service)
        {
            answered.push(if never_answers(outer) { span } else { *outer });
        }
    }
    for span in spans.iter().filter(|span| asks(span) && !never_answers(span)) {
        if !answered.contains(&std::ptr::from_ref(span)) {
            let to = peer(span).unwrap_or_else(|| node("unknown", "unknown"));
            calls.push(Call { from: service(span), to, client: Some(span), server: None });
        }
    }
    let minute = |call: &Call<'_>| call.client.or(call.server).expect("somebody recorded it").start / 60_000_000_000;
    calls.retain(|call| minute(call) >= from_millis / 60_000 && minute(call) * 60_000 < to_millis);
    let mut by_edge: BTreeMap<(NodeAnswer, NodeAnswer, String), Vec<Call<'_>>> = BTreeMap::new();
    for call in calls {
        let is_message = [&call.from, &call.to].iter().any(|node| node.kind == "messaging")
            || call.client.is_some_and(|client| client.kind == PRODUCER);
        let connection = if is_message { "messaging" } else { "call" };
        by_edge.entry((call.from.clone(), call.to.clone(), connection.to_owned())).or_default().push(call);
    }
    by_edge
        .into_iter()
        .map(|((client, server, connection), calls)| answer(client, server, connection, &calls))
        .collect()
}

fn answer(client: NodeAnswer, server: NodeAnswer, connection: String, calls: &[Call<'_>]) -> EdgeAnswer {
    let failed = |call: &&Call<'_>| [call.client, call.server].into_iter().flatten().any(|span| span.is_error);
    let side = |durations: Vec<u64>| {
        let mut sorted = durations;
        sorted.sort_unstable();
        let quantile = |share: f64| {
            let rank = (share * sorted.len() as f64).ceil().max(1.0) as usize;
            sorted.get(rank - 1).copied().unwrap_or_default()
        };
        SideAnswer { calls: sorted.len() as u64, quantiles: [0.5, 0.95, 0.99].map(quantile) }
    };
    let duration = |span: &Span| span.end - span.start;
    EdgeAnswer {
        client,
        server,
        connection,
        calls: calls.len() as u64,
        errors: calls.iter().filter(failed).count() as u64,
        client_side: side(calls.iter().filter_map(|call| call.client).map(duration).collect()),
        server_side: side(calls.iter().filter_map(|call| call.server).map(duration).collect()),
    }
}
