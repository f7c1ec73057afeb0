//! What a span says about the other side of its call: database, queue, cache, service, host.
//!
//! Not here: which spans belong together (`edge`). Three generations of names are understood: the OpenTelemetry semantic
//! conventions, their older forms, and the peer attributes of OpenTracing.

mod facts;
mod keys;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

pub(crate) use keys::PeerKey;

use self::facts::PeerFacts;
use crate::batch::RowView;
use crate::edge::NodeKind;

/// The other side of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer<'a> {
    /// What it is.
    pub kind: NodeKind,
    /// What it is called: `postgresql/shop@db:5432`, `kafka/orders`, `api.example.com:443`.
    pub name: Cow<'a, str>,
    /// The product or protocol: `postgresql`, `kafka`, `grpc`, `http`. Empty when the span does not say.
    pub system: Cow<'a, str>,
    /// Which way the call goes.
    pub flow: Flow,
}

/// Which way a call goes between a span and its peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The span asks the peer or hands a message to it.
    ToPeer,
    /// The span takes a message from the peer, or is asked by it.
    FromPeer,
    /// The span acknowledges messages: work between the two that is no call.
    Settles,
}

/// The other side of the call of this span; `None` when it names none.
///
/// Server spans describe themselves with most of these attributes, so only a name of their client's service counts there.
pub fn peer<'a>(row: &RowView<'a>) -> Option<Peer<'a>> {
    let mut facts = PeerFacts::default();
    for (key, value) in row.attributes() {
        if let Some(key) = PeerKey::from_text(key) {
            facts.take(key, value);
        }
    }
    facts.peer(row.kind())
}
