//! A span's way up to its caller, and what is counted when it arrives or must stop.

use super::super::fold::{CellKey, NodeId};
use super::super::slots::{Content, Half, Role, Slot, SlotId, SpanKey};
use super::super::{Call, Connection, NodeKind};
use super::{Matcher, WALK_STEPS_MAX};
use crate::id::TraceId;
use crate::span::SpanKind;

/// One call and where it is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) key: CellKey,
    pub(super) call: Call,
}

/// What a span learns from one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Finding {
    /// It is the client half.
    Client,
    /// The caller is this service, which recorded no client half.
    Caller(NodeId),
    /// There is no caller: both are work of one service.
    NoCaller,
    /// Look further up; the nearest other service so far.
    Further(Option<NodeId>),
}

impl Matcher {
    /// Begins the search of slot `id` at the span `key`.
    pub(super) fn search(&mut self, id: SlotId, key: SpanKey) {
        let at = self.slots.find_or_miss(key);
        self.search_from(id, at);
    }

    /// Goes on with the search of slot `id` at slot `at`: as far as spans are known.
    pub(super) fn search_from(&mut self, id: SlotId, mut at: SlotId) {
        loop {
            let above = self.slots.get(at);
            let Some(client) = above.half() else {
                self.slots.wait(id, at);
                return;
            };
            let slot = self.slots.get(id);
            let (half, trace_id) = (self.slots.half(id), slot.key.trace_id);
            if matches!(slot.content, Content::Link(_)) {
                self.count(linked(trace_id, client.service, half));
                return;
            }
            match finding(half, client) {
                Finding::Client => {
                    let counted = met(trace_id, client, half);
                    self.slots.half_mut(at).role.meet();
                    self.count(counted);
                    return;
                }
                Finding::Caller(caller) => {
                    self.count(answered(trace_id, caller, half));
                    return;
                }
                Finding::NoCaller => {
                    self.wrap(at, id);
                    return;
                }
                Finding::Further(caller) => {
                    let parent = client.parent.filter(|_| half.search.steps < WALK_STEPS_MAX);
                    let Some(span_id) = parent else {
                        self.count(caller.and_then(|caller| answered(trace_id, caller, half)));
                        return;
                    };
                    let key = SpanKey { span_id, ..above.key };
                    let search = &mut self.slots.half_mut(id).search;
                    (search.caller, search.steps) = (caller, search.steps + 1);
                    at = self.slots.find_or_miss(key);
                }
            }
        }
    }
}

impl Matcher {
    /// Of two client halves of one service, one below the other, one is the call and the other its wrapping: the inner
    /// one is the call, unless the outer one alone knows that it goes to a database or the like.
    fn wrap(&mut self, outer: SlotId, inner: SlotId) {
        let (outer_role, inner_role) = (self.slots.half(outer).role, self.slots.half(inner).role);
        if outer == inner || !outer_role.is_client() || !inner_role.is_client() {
            return;
        }
        let wrapping = if outer_role == Role::Counted { inner } else { outer };
        self.slots.half_mut(wrapping).role.meet();
    }
}

fn finding(half: &Half, above: &Half) -> Finding {
    let caller = half.search.caller;
    if let Some(caller) = caller.filter(|caller| *caller != above.service) {
        return Finding::Caller(caller);
    }
    let is_same = above.service == half.service;
    if is_same && !half.kind.is_entry() {
        return Finding::NoCaller;
    }
    if !is_same && caller.is_none() && half.search.steps > 0 {
        // The way led through work of its own service, and the call into that is counted already.
        return Finding::NoCaller;
    }
    let ends = if is_same { Finding::NoCaller } else { Finding::Caller(above.service) };
    match (above.role, above.kind) {
        (Role::Open | Role::Met | Role::Counted, _) => Finding::Client,
        (Role::Inside, SpanKind::Internal) if is_same => Finding::Further(None),
        (Role::Inside, SpanKind::Internal) => Finding::Further(Some(above.service)),
        (Role::Idle | Role::Inside, _) => ends,
    }
}

/// The call of a client half that a server half found.
pub(super) fn met(trace_id: TraceId, client: &Half, server: &Half) -> Option<Counted> {
    let is_message = client.kind == SpanKind::Producer || server.kind == SpanKind::Consumer;
    let connection = if is_message { Connection::Messaging } else { Connection::Call };
    if client.role == Role::Counted {
        // From what the client named to the service that answered for it: database to its proxy, topic to consumer.
        return client.peer.and_then(|peer| answered(trace_id, peer, server));
    }
    let (to, duration) = match server.topic() {
        // The consumer's own edge comes from the topic: what is missing is the way to the topic.
        Some(topic) => (topic, None),
        None => (server.service, Some(server.duration)),
    };
    let is_error = client.is_error || (server.is_error && duration.is_some());
    Some(Counted {
        key: CellKey { client: client.service, server: to, connection, minute: client.minute },
        call: Call { trace_id, client: Some(client.duration), server: duration, is_error },
    })
}

/// The call of a server half whose caller is known and recorded no client half. None when its edge comes from its topic.
pub(super) fn answered(trace_id: TraceId, caller: NodeId, server: &Half) -> Option<Counted> {
    if server.topic().is_some() {
        return None;
    }
    let is_message = server.kind == SpanKind::Consumer || caller.kind() == NodeKind::Messaging;
    let connection = if is_message { Connection::Messaging } else { Connection::Call };
    Some(server_side(trace_id, caller, connection, server))
}

/// What a span counts when its search found nothing: only entries know that somebody called.
pub(super) fn unanswered(slot: &Slot) -> Option<Counted> {
    let Content::Span(half) = &slot.content else { return None };
    half.search.place?;
    let trace_id = slot.key.trace_id;
    match half.search.caller {
        Some(caller) => answered(trace_id, caller, half),
        None if half.kind.is_entry() => answered(trace_id, half.named_caller().unwrap_or(NodeId::UNKNOWN), half),
        None => None,
    }
}

/// What a client half counts that nobody met.
pub(super) fn unmet(slot: &Slot) -> Option<Counted> {
    let Content::Span(half) = &slot.content else { return None };
    (half.role == Role::Open).then(|| client_side(slot.key.trace_id, half.peer.unwrap_or(NodeId::UNKNOWN), half))
}

/// The edge of a link between two services.
fn linked(trace_id: TraceId, cause: NodeId, half: &Half) -> Option<Counted> {
    (cause != half.service).then(|| server_side(trace_id, cause, Connection::Link, half))
}

/// A call that only its client saw.
pub(super) fn client_side(trace_id: TraceId, server: NodeId, half: &Half) -> Counted {
    let is_message = half.kind == SpanKind::Producer || server.kind() == NodeKind::Messaging;
    let connection = if is_message { Connection::Messaging } else { Connection::Call };
    Counted {
        key: CellKey { client: half.service, server, connection, minute: half.minute },
        call: Call { trace_id, client: Some(half.duration), server: None, is_error: half.is_error },
    }
}

/// A call that only its server saw.
pub(super) fn server_side(trace_id: TraceId, client: NodeId, connection: Connection, half: &Half) -> Counted {
    Counted {
        key: CellKey { client, server: half.service, connection, minute: half.minute },
        call: Call { trace_id, client: None, server: Some(half.duration), is_error: half.is_error },
    }
}
