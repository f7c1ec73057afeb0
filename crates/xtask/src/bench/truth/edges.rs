//! Who calls whom among what was generated, trace by trace. Spans here have neither links nor consumers, all parents are there,
//! and parents come first. Not here: the server's way to find halves that come in any order.

use std::collections::{BTreeMap, HashMap};

use super::{EdgeAnswer, NodeAnswer, SideAnswer};
use crate::bench::percentile::of_sorted;
use crate::bench::span::{Attributes, Kind, Row, Spans};
use crate::bench::workload::Workload;

const MINUTE_NANOS: u64 = 60_000_000_000;

/// Edges with calls in these minutes, sorted.
pub(super) fn edges(workload: &dyn Workload, spans: &Spans, minutes: std::ops::Range<u64>) -> Vec<EdgeAnswer> {
    let mut all = Edges { workload, minutes, nodes: Nodes::default(), counts: BTreeMap::new() };
    for trace in 0..spans.traces.len() as u32 {
        all.add(spans.of_trace(trace), spans.traces[trace as usize].first);
    }
    all.answers()
}

/// A node as a number.
type NodeId = u32;

#[derive(Default)]
struct Nodes {
    ids: HashMap<NodeAnswer, NodeId>,
    names: Vec<NodeAnswer>,
}

/// Client, server, and whether a message is handed over.
type Key = (NodeId, NodeId, bool);

#[derive(Default)]
struct Counted {
    calls: u64,
    errors: u64,
    /// Durations.
    client: Vec<u64>,
    server: Vec<u64>,
}

/// What a span is in calls.
#[derive(Clone, Copy)]
struct Half<'a> {
    row: &'a Row,
    kind: Kind,
    service: NodeId,
    peer: Option<NodeId>,
    /// Asks something that reports no spans, so nobody else answers.
    is_final: bool,
}

/// Who called a span.
enum Caller {
    /// The client half at this place.
    Client(usize),
    Service(NodeId),
    User,
    Nobody,
}

struct Edges<'a> {
    workload: &'a dyn Workload,
    minutes: std::ops::Range<u64>,
    nodes: Nodes,
    counts: BTreeMap<Key, Counted>,
}

impl Half<'_> {
    fn is_client(&self) -> bool {
        matches!(self.kind, Kind::Client | Kind::Producer)
    }

    fn is_open(&self) -> bool {
        self.is_client() && !self.is_final
    }
}

impl Edges<'_> {
    fn add(&mut self, rows: &[Row], first: u32) {
        let halves: Vec<Half<'_>> = rows.iter().map(|row| self.half(row)).collect();
        let parent = |place: usize| rows[place].parent.map(|parent| (parent - first) as usize);
        let mut met = vec![false; rows.len()];
        for (place, own) in halves.iter().enumerate() {
            if let (true, Some(peer)) = (own.is_final, own.peer) {
                self.count((own.service, peer), Some(own), None);
            }
            match caller(&halves, &parent, place) {
                Caller::Client(client) => {
                    met[client] = true;
                    let asked = halves[client];
                    match asked.peer.filter(|_| asked.is_final) {
                        Some(peer) => self.count((peer, own.service), None, Some(own)),
                        None => self.count((asked.service, own.service), Some(&asked), Some(own)),
                    }
                }
                Caller::Service(service) => self.count((service, own.service), None, Some(own)),
                Caller::User if own.kind == Kind::Server => {
                    let user = self.nodes.id("user", "user");
                    self.count((user, own.service), None, Some(own));
                }
                Caller::User | Caller::Nobody => {}
            }
            // Of two clients of one service one wraps the other: it waits for nobody.
            if let Some(above) = parent(place)
                && (own.is_client() && halves[above].is_client() && halves[above].service == own.service)
            {
                met[if halves[above].is_open() { above } else { place }] = true;
            }
        }
        for (own, _) in halves.iter().zip(met).filter(|(own, met)| own.is_open() && !met) {
            let unknown = self.nodes.id("unknown", "unknown");
            self.count((own.service, own.peer.unwrap_or(unknown)), Some(own), None);
        }
    }

    fn half<'r>(&mut self, row: &'r Row) -> Half<'r> {
        let kind = self.workload.kind(row);
        let service = self.nodes.id("service", &self.workload.services()[usize::from(row.service)]);
        let peer = match kind {
            Kind::Client | Kind::Producer => peer_of(&self.workload.attributes(row)),
            Kind::Internal | Kind::Server => None,
        };
        let is_final = peer.as_ref().is_some_and(|(kind, _)| ["database", "cache", "messaging"].contains(kind));
        let peer = peer.map(|(kind, name)| self.nodes.id(kind, &name));
        Half { row, kind, service, peer, is_final }
    }

    /// Counts a call, of which at least one half is seen, in the minute in which the first of them began.
    fn count(
        &mut self,
        (client_node, server_node): (NodeId, NodeId),
        client: Option<&Half<'_>>,
        server: Option<&Half<'_>>,
    ) {
        let first = client.or(server).expect("a call has a half");
        if !self.minutes.contains(&(first.row.start / MINUTE_NANOS)) {
            return;
        }
        let is_queue = |node: NodeId| self.nodes.names[node as usize].kind == "messaging";
        let is_message =
            is_queue(client_node) || is_queue(server_node) || client.is_some_and(|half| half.kind == Kind::Producer);
        let counted = self.counts.entry((client_node, server_node, is_message)).or_default();
        counted.calls += 1;
        counted.errors +=
            u64::from(client.is_some_and(|half| half.row.is_error) || server.is_some_and(|half| half.row.is_error));
        counted.client.extend(client.map(|half| half.row.duration));
        counted.server.extend(server.map(|half| half.row.duration));
    }

    fn answers(self) -> Vec<EdgeAnswer> {
        let Edges { nodes, counts, .. } = self;
        let answer = |((client, server, is_message), counted): (Key, Counted)| EdgeAnswer {
            client: nodes.names[client as usize].clone(),
            server: nodes.names[server as usize].clone(),
            connection: if is_message { "messaging" } else { "call" }.to_owned(),
            calls: counted.calls,
            errors: counted.errors,
            client_side: side(counted.client),
            server_side: side(counted.server),
        };
        let mut answers: Vec<EdgeAnswer> = counts.into_iter().map(answer).collect();
        answers.sort();
        answers
    }
}

impl Nodes {
    fn id(&mut self, kind: &str, name: &str) -> NodeId {
        let node = NodeAnswer { kind: kind.to_owned(), name: name.to_owned() };
        let names = &mut self.names;
        *self.ids.entry(node).or_insert_with_key(|node| {
            names.push(node.clone());
            names.len() as u32 - 1
        })
    }
}

fn side(mut durations: Vec<u64>) -> SideAnswer {
    durations.sort_unstable();
    let quantiles = [500, 950, 990].map(|per_mille| of_sorted(&durations, per_mille));
    SideAnswer { calls: durations.len() as u64, quantiles }
}

/// Upwards, past work inside of services.
fn caller(halves: &[Half<'_>], parent: &impl Fn(usize) -> Option<usize>, place: usize) -> Caller {
    let own = &halves[place];
    let Some(mut at) = parent(place) else { return Caller::User };
    let mut nearest: Option<NodeId> = None;
    let mut is_first = true;
    loop {
        let above = &halves[at];
        let is_same = above.service == own.service;
        if let Some(nearest) = nearest.filter(|nearest| *nearest != above.service) {
            return Caller::Service(nearest);
        }
        // What is asked by its own service is asked only when it is an entry; and a call came in at the first foreign span.
        let is_inside = if is_same { own.kind != Kind::Server } else { nearest.is_none() && !is_first };
        if is_inside {
            return Caller::Nobody;
        }
        if above.is_client() {
            return Caller::Client(at);
        }
        if above.kind != Kind::Internal {
            return if is_same { Caller::Nobody } else { Caller::Service(above.service) };
        }
        if !is_same {
            nearest = Some(above.service);
        }
        is_first = false;
        match (parent(at), nearest) {
            (Some(next), _) => at = next,
            (None, Some(nearest)) => return Caller::Service(nearest),
            (None, None) => return Caller::Nobody,
        }
    }
}

/// What the attributes of a client name; of all that may name something, those that workloads have.
fn peer_of(attributes: &Attributes<'_>) -> Option<(&'static str, String)> {
    let value = |wanted: &str| {
        let found = attributes.iter().find(|(key, _)| key == wanted);
        found.map(|(_, value)| value.text().into_owned())
    };
    let address = value("server.address").map(|host| match value("server.port") {
        Some(port) => format!("{host}:{port}"),
        None => host,
    });
    if let (Some(system), Some(queue)) = (value("messaging.system"), value("messaging.destination.name")) {
        return Some(("messaging", format!("{system}/{queue}")));
    }
    if let (Some(system), Some(namespace), Some(address)) = (value("db.system.name"), value("db.namespace"), &address) {
        return Some(("database", format!("{system}/{namespace}@{address}")));
    }
    let kind = if value("rpc.system").is_some() { "rpc" } else { "external" };
    address.map(|address| (kind, address))
}
