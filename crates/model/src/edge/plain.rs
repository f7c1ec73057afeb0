//! Which spans make an edge, with all spans at hand: slow, plain, and what the matcher must agree with.
//!
//! It is written for spans of which no two share an id in a trace; of those that do, the first is found by its children.
//! Not here: bounds, and any order of arrival.

use std::collections::HashMap;

use crate::batch::BatchBuilder;
use crate::edge::{Call, Connection, EdgeCell, EdgeKey, LINKS_MAX, Node, NodeKind, WALK_STEPS_MAX};
use crate::peer::{Flow, peer};
use crate::rollup::{EdgeCells, minute_of};
use crate::span::{Span, SpanKind};
use crate::{SpanId, TraceId};

/// A span, and what it says about its peer.
struct Told<'a> {
    span: &'a Span,
    service: Node,
    peer: Option<(Node, Flow)>,
}

/// Who called a span.
enum Caller<'a> {
    /// This client half.
    Client(&'a Told<'a>),
    /// This service, which recorded no client half.
    Service(Node),
    /// Nobody: it is work inside a service.
    None,
    /// The way up ends at a span that is not here.
    Unknown,
}

/// The edges of some spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlainEdges {
    /// What no further span changes.
    pub counted: EdgeCells,
    /// What is counted if no further span comes: halves that wait for another span.
    pub provisional: EdgeCells,
}

/// All spans, and where each id is.
struct Spans<'a> {
    told: Vec<Told<'a>>,
    places: HashMap<(TraceId, SpanId), usize>,
}

impl PlainEdges {
    /// Both together.
    pub fn all(mut self) -> EdgeCells {
        self.counted.merge(self.provisional);
        self.counted
    }
}

/// The edges of these spans.
pub fn edges(spans: &[Span]) -> PlainEdges {
    let told = Spans::new(spans);
    let mut edges = EdgeCells::default();
    let mut provisional = EdgeCells::default();
    let mut met = vec![false; told.told.len()];
    for own in &told.told {
        if let Some((client, server)) = at_once(own) {
            count(&mut edges, client, server, own, own, Sides { client: !own.takes(), server: own.takes() });
        }
        for (cause, _) in own.followed_links().filter_map(|link| told.find(link.trace_id, link.span_id)) {
            if cause.service != own.service {
                let key = EdgeKey {
                    client: cause.service.clone(),
                    server: own.service.clone(),
                    connection: Connection::Link,
                };
                add(&mut edges, key, own, own, Sides { client: false, server: true });
            }
        }
        let (caller, waits) = told.caller(own);
        let answers = if waits { &mut provisional } else { &mut edges };
        match caller {
            Caller::Client(client) => {
                if let Some((_, place)) = told.find(client.span.trace_id, client.span.span_id) {
                    met[place] = true;
                }
                count_met(answers, client, own);
            }
            Caller::Service(service) if !own.has_topic() => count_server(answers, service, own),
            Caller::Unknown if own.span.kind.is_entry() && !own.has_topic() => {
                let named = own.peer.as_ref().filter(|(peer, _)| peer.kind == NodeKind::Service);
                let is_request = own.span.kind == SpanKind::Server && own.span.parent_span_id.is_none();
                let stranger = if is_request { Node::user() } else { Node::unknown() };
                count_server(answers, named.map_or(stranger, |(peer, _)| peer.clone()), own);
            }
            Caller::Service(_) | Caller::Unknown | Caller::None => {}
        }
    }
    for (inner, own) in told.told.iter().enumerate() {
        let parent = own.span.parent_span_id.and_then(|parent| told.find(own.span.trace_id, parent));
        let Some((outer, place)) = parent.filter(|(outer, _)| outer.service == own.service) else { continue };
        if own.is_client() && outer.is_client() && place != inner {
            // One of the two wraps the other.
            met[if outer.is_open() { place } else { inner }] = true;
        }
    }
    for (own, met) in told.told.iter().zip(met) {
        if own.is_open() && !met {
            let server = own.peer.as_ref().map_or(Node::unknown(), |(peer, _)| peer.clone());
            count(&mut provisional, own.service.clone(), server, own, own, Sides { client: true, server: false });
        }
    }
    PlainEdges { counted: edges, provisional }
}

/// Which halves of a call were seen.
#[derive(Clone, Copy)]
struct Sides {
    client: bool,
    server: bool,
}

impl Told<'_> {
    /// Takes a message from its peer.
    fn takes(&self) -> bool {
        self.peer.as_ref().is_some_and(|(peer, flow)| peer.kind == NodeKind::Messaging && *flow == Flow::FromPeer)
    }

    fn has_topic(&self) -> bool {
        self.span.kind == SpanKind::Consumer
            && self.peer.as_ref().is_some_and(|(peer, _)| peer.kind == NodeKind::Messaging)
    }

    fn is_client(&self) -> bool {
        let is_idle = self.peer.as_ref().is_some_and(|(_, flow)| *flow != Flow::ToPeer);
        matches!(self.span.kind, SpanKind::Client | SpanKind::Producer) && !is_idle
    }

    /// Its peer may turn out to be a service that reports.
    fn is_open(&self) -> bool {
        self.is_client() && !self.peer.as_ref().is_some_and(|(peer, _)| peer.kind.is_final())
    }

    fn followed_links(&self) -> impl Iterator<Item = &crate::Link> {
        let is_followed = self.span.kind != SpanKind::Consumer && !self.comes_from_peer();
        self.span.links.iter().take(LINKS_MAX).filter(move |_| is_followed)
    }

    fn comes_from_peer(&self) -> bool {
        self.peer.as_ref().is_some_and(|(_, flow)| *flow == Flow::FromPeer)
    }
}

fn tell(span: &Span) -> Told<'_> {
    let mut builder = BatchBuilder::new();
    builder.push(span);
    let batch = builder.finish().expect("one span");
    let peer = peer(&batch.row(0)).map(|peer| (Node::new(peer.kind, &peer.name), peer.flow));
    Told { span, service: Node::service(span.service()), peer }
}

fn at_once(own: &Told<'_>) -> Option<(Node, Node)> {
    let (peer, _) = own.peer.clone()?;
    if own.takes() {
        return Some((peer, own.service.clone()));
    }
    (own.is_client() && !own.is_open()).then(|| (own.service.clone(), peer))
}

impl<'a> Spans<'a> {
    fn new(spans: &'a [Span]) -> Spans<'a> {
        let told: Vec<Told<'_>> = spans.iter().map(tell).collect();
        let mut places = HashMap::new();
        for (place, told) in told.iter().enumerate() {
            places.entry((told.span.trace_id, told.span.span_id)).or_insert(place);
        }
        Spans { told, places }
    }

    fn find(&self, trace_id: TraceId, span_id: SpanId) -> Option<(&Told<'a>, usize)> {
        let place = *self.places.get(&(trace_id, span_id))?;
        Some((&self.told[place], place))
    }

    /// Walks up from a span past work inside of services. Also says whether the way ends at a span that is not here.
    fn caller<'s>(&'s self, own: &Told<'a>) -> (Caller<'s>, bool) {
        let is_entry = own.span.kind.is_entry();
        let link = own.span.links.first().filter(|_| own.span.kind == SpanKind::Consumer && !own.has_topic());
        let parent = own.span.parent_span_id.map(|parent| (own.span.trace_id, parent));
        let mut next = link.map(|link| (link.trace_id, link.span_id)).or(parent);
        let mut nearest: Option<&Node> = None;
        for step in 0.. {
            let Some((trace_id, span_id)) = next.filter(|_| step <= WALK_STEPS_MAX) else {
                return match nearest {
                    Some(nearest) => (Caller::Service(nearest.clone()), false),
                    None if step == 0 => (Caller::Unknown, false),
                    None => (Caller::None, false),
                };
            };
            let Some((above, _)) = self.find(trace_id, span_id) else {
                return (nearest.map_or(Caller::Unknown, |nearest| Caller::Service(nearest.clone())), true);
            };
            if let Some(nearest) = nearest.filter(|nearest| **nearest != above.service) {
                return (Caller::Service(nearest.clone()), false);
            }
            let is_same = above.service == own.service;
            if is_same && !is_entry {
                return (Caller::None, false);
            }
            if !is_same && nearest.is_none() && step > 0 {
                // The call came in at a span below `above`, which counts it.
                return (Caller::None, false);
            }
            if above.is_client() {
                return (Caller::Client(above), false);
            }
            if above.span.kind != SpanKind::Internal {
                return (if is_same { Caller::None } else { Caller::Service(above.service.clone()) }, false);
            }
            if !is_same {
                nearest = Some(&above.service);
            }
            next = above.span.parent_span_id.map(|parent| (above.span.trace_id, parent));
        }
        (Caller::None, false)
    }
}

fn count_met(edges: &mut EdgeCells, client: &Told<'_>, own: &Told<'_>) {
    match (&client.peer, &own.peer) {
        // The consumer's edge begins at its topic: only the producer's way to the topic is missing.
        (_, Some((topic, _))) if own.has_topic() => {
            if client.is_open() {
                let sides = Sides { client: true, server: false };
                count(edges, client.service.clone(), topic.clone(), client, own, sides);
            }
        }
        (Some((peer, _)), _) if !client.is_open() => count_server(edges, peer.clone(), own),
        _ => {
            let sides = Sides { client: true, server: true };
            count(edges, client.service.clone(), own.service.clone(), client, own, sides);
        }
    }
}

fn count_server(edges: &mut EdgeCells, client: Node, own: &Told<'_>) {
    count(edges, client, own.service.clone(), own, own, Sides { client: false, server: true });
}

fn count(edges: &mut EdgeCells, client: Node, server: Node, first: &Told<'_>, second: &Told<'_>, sides: Sides) {
    let is_message = client.kind == NodeKind::Messaging
        || server.kind == NodeKind::Messaging
        || first.span.kind == SpanKind::Producer && sides.client
        || second.span.kind == SpanKind::Consumer && sides.server;
    let connection = if is_message { Connection::Messaging } else { Connection::Call };
    add(edges, EdgeKey { client, server, connection }, first, second, sides);
}

fn add(edges: &mut EdgeCells, key: EdgeKey, client: &Told<'_>, server: &Told<'_>, sides: Sides) {
    let mut cell = EdgeCell::default();
    cell.add(&Call {
        trace_id: server.span.trace_id,
        client: sides.client.then(|| client.span.duration()),
        server: sides.server.then(|| server.span.duration()),
        is_error: (sides.client && client.span.is_error()) || (sides.server && server.span.is_error()),
    });
    edges.add(key, minute_of(if sides.client { client.span.start } else { server.span.start }), cell);
}
