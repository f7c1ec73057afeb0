//! What a span counts at once when it arrives, and where its search begins.

use super::super::fold::NodeId;
use super::super::slots::{Content, Half, Role, Search, SlotId, SpanKey};
use super::super::{Connection, NodeKind};
use super::Matcher;
use super::search::{client_side, met, server_side};
use crate::batch::{LinkCell, RowView, SpanBatch};
use crate::peer::Flow;
use crate::rollup::minute_of;
use crate::span::SpanKind;

/// Links of one span that are followed; further ones make no edge.
pub const LINKS_MAX: usize = 8;

/// A span on its way in.
pub(super) struct Arrival<'a> {
    pub(super) key: SpanKey,
    pub(super) half: Half,
    flow: Option<Flow>,
    links: &'a [LinkCell],
}

impl Matcher {
    /// Takes each span of a batch, whatever came before. A span id counts once, however often it comes.
    pub fn add(&mut self, batch: &SpanBatch) {
        self.numbers.begin(batch);
        for row in batch.rows() {
            let arrival = self.arrival(batch, &row);
            self.make_room();
            self.arrive(&arrival);
        }
    }

    pub(super) fn arrival<'a>(&mut self, batch: &'a SpanBatch, row: &RowView<'a>) -> Arrival<'a> {
        let columns = batch.columns();
        let service = self.numbers.service(row, &mut self.nodes);
        let (peer, flow) = self.numbers.peer(batch, row, &mut self.nodes).unzip();
        let kind = row.kind();
        let half = Half {
            parent: row.parent_span_id(),
            service,
            peer,
            duration: row.duration(),
            minute: minute_of(row.start()),
            kind,
            is_error: row.is_error(),
            role: role_of(kind, peer, flow),
            search: Search::NONE,
        };
        let key = SpanKey { trace_id: row.trace_id(), span_id: row.span_id() };
        Arrival { key, half, flow, links: &columns.links[columns.span_links[row.index()].range()] }
    }

    fn arrive(&mut self, arrival: &Arrival<'_>) {
        let id = self.slots.find_or_miss(arrival.key);
        if !matches!(self.slots.get(id).content, Content::Missing) {
            self.arrive_again(id, arrival);
            return;
        }
        self.slots.get_mut(id).content = Content::Span(arrival.half);
        self.count_at_once(arrival);
        self.begin_searches(id, arrival);
        self.wake(id);
    }

    /// Lets those who waited for a span go on: it is here.
    pub(super) fn wake(&mut self, id: SlotId) {
        while let Some(waiter) = self.slots.get(id).waiters {
            self.slots.leave(waiter);
            self.search_from(waiter, id);
        }
    }

    /// Edges to and from peers that report no spans of their own.
    fn count_at_once(&mut self, arrival: &Arrival<'_>) {
        let (half, trace_id) = (&arrival.half, arrival.key.trace_id);
        let (Some(peer), Some(flow)) = (half.peer, arrival.flow) else { return };
        let takes_message = flow == Flow::FromPeer && peer.kind() == NodeKind::Messaging;
        if takes_message {
            self.count(Some(server_side(trace_id, peer, Connection::Messaging, half)));
        } else if half.role == Role::Counted {
            self.count(Some(client_side(trace_id, peer, half)));
        }
    }

    fn begin_searches(&mut self, id: SlotId, arrival: &Arrival<'_>) {
        let (half, trace_id) = (&arrival.half, arrival.key.trace_id);
        let key_of = |link: &LinkCell| SpanKey { trace_id: link.trace_id, span_id: link.span_id };
        let is_consumer = half.kind == SpanKind::Consumer;
        let cause = arrival.links.first().filter(|_| is_consumer && half.topic().is_none()).map(key_of);
        let parent = half.parent.map(|span_id| SpanKey { trace_id, span_id });
        match cause.or(parent) {
            Some(key) => self.search(id, key),
            None if half.kind.is_entry() && half.topic().is_none() => self.count_root(arrival),
            None => {}
        }
        let follows_links = !is_consumer && arrival.flow != Some(Flow::FromPeer);
        for link in arrival.links.iter().take(LINKS_MAX).filter(|_| follows_links) {
            let link_id = self.slots.push_link(arrival.key, Half { search: Search::NONE, ..*half });
            self.search(link_id, key_of(link));
        }
    }

    /// The edge of an entry that names no parent: traces of requests begin with users.
    fn count_root(&mut self, arrival: &Arrival<'_>) {
        let half = &arrival.half;
        let (stranger, connection) = match half.kind {
            SpanKind::Consumer => (NodeId::UNKNOWN, Connection::Messaging),
            _ => (NodeId::USER, Connection::Call),
        };
        let caller = half.named_caller().unwrap_or(stranger);
        self.count(Some(server_side(arrival.key.trace_id, caller, connection, half)));
    }

    /// A second span with a known id: either the other half of a call whose halves share their id, as Zipkin's clients
    /// do, or a repetition, which changes nothing.
    fn arrive_again(&mut self, id: SlotId, arrival: &Arrival<'_>) {
        let known = *self.slots.half(id);
        let trace_id = arrival.key.trace_id;
        if known.role.is_client() && arrival.half.kind.is_entry() {
            // Children of the id belong below the server half.
            self.slots.leave(id);
            self.slots.get_mut(id).content = Content::Span(arrival.half);
            self.count_at_once(arrival);
            self.count(met(trace_id, &known, &arrival.half));
        } else if known.kind.is_entry() && arrival.half.role.is_client() && self.slots.leave(id) {
            self.count_at_once(arrival);
            self.count(met(trace_id, &arrival.half, &known));
        }
    }
}

fn role_of(kind: SpanKind, peer: Option<NodeId>, flow: Option<Flow>) -> Role {
    match kind {
        SpanKind::Internal | SpanKind::Server | SpanKind::Consumer => Role::Inside,
        SpanKind::Client | SpanKind::Producer => match (flow, peer) {
            (Some(Flow::FromPeer | Flow::Settles), _) => Role::Idle,
            (_, Some(peer)) if peer.kind().is_final() => Role::Counted,
            _ => Role::Open,
        },
    }
}
