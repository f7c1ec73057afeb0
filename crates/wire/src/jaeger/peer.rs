//! The other side of a call, from OpenTracing's tags into OpenTelemetry's attributes. The tags stay.

use std::net::Ipv4Addr;

use model::{SpanKind, Value};

use crate::intake::AttributesDraft;

/// Adds what the tags say and no attribute says yet. Whoever was called is a server, whoever called a client.
pub(super) fn add(tags: &mut AttributesDraft, kind: SpanKind) {
    let (address, port) = match kind.is_entry() {
        true => ("client.address", "client.port"),
        false => ("server.address", "server.port"),
    };
    if let Some(service) = text_of(tags, "peer.service") {
        tags.add("service.peer.name", service);
    }
    if let Some(name) = text_of(tags, "peer.hostname") {
        tags.add(address, name);
    }
    let ip = ipv4_of(tags).or_else(|| text_of(tags, "peer.ipv6")).or_else(|| text_of(tags, "peer.address"));
    if let Some(ip) = ip {
        tags.add("network.peer.address", ip.clone());
        tags.add(address, ip);
    }
    if let Some(number) = port_of(tags) {
        tags.add(port, Value::Int(number));
    }
}

fn text_of(tags: &AttributesDraft, key: &str) -> Option<Value> {
    tags.text(key).filter(|text| !text.is_empty()).map(Value::from)
}

/// As text, or as the number that the specification wants.
fn ipv4_of(tags: &AttributesDraft) -> Option<Value> {
    match tags.get("peer.ipv4")? {
        // Clients store it as a signed or as an unsigned number.
        Value::Int(number) => {
            let bits =
                u32::try_from(*number).ok().or_else(|| i32::try_from(*number).ok().map(|number| number as u32))?;
            Some(Value::String(Ipv4Addr::from_bits(bits).to_string()))
        }
        _ => text_of(tags, "peer.ipv4"),
    }
}

fn port_of(tags: &AttributesDraft) -> Option<i64> {
    match tags.get("peer.port")? {
        Value::Int(number) => Some(*number),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
    .filter(|number| (1..=65_535).contains(number))
}
