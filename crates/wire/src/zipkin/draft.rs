//! A span as Zipkin's second version says it, whichever language it came in. Not here: what becomes of it (`translate`).

use std::net::{Ipv4Addr, Ipv6Addr};

use model::{SpanId, SpanKind, TraceId, UnixNanos};

use crate::intake::{AttributesDraft, Intake};

/// One side of a call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) service: String,
    /// As text; empty when it is not known.
    pub(super) ip: String,
    /// Zero when it is not known.
    pub(super) port: u16,
}

/// Words at a point in time.
pub(super) struct Annotation {
    pub(super) time: UnixNanos,
    pub(super) value: String,
}

/// A span.
pub(super) struct SpanDraft {
    pub(super) trace_id: Result<TraceId, &'static str>,
    pub(super) span_id: Result<SpanId, &'static str>,
    pub(super) parent_span_id: Option<SpanId>,
    pub(super) name: String,
    pub(super) kind: SpanKind,
    /// Microseconds; zero when it is not known.
    pub(super) start: u64,
    pub(super) duration: u64,
    pub(super) is_debug: bool,
    /// The server's half of a span that the client reports too, under the same id.
    pub(super) is_shared: bool,
    pub(super) local: Endpoint,
    pub(super) remote: Endpoint,
    pub(super) annotations: Vec<Annotation>,
    pub(super) annotations_dropped: u32,
    pub(super) tags: AttributesDraft,
}

impl Default for SpanDraft {
    fn default() -> SpanDraft {
        SpanDraft {
            trace_id: Err("trace id is missing"),
            span_id: Err("span id is missing"),
            parent_span_id: None,
            name: String::new(),
            kind: SpanKind::default(),
            start: 0,
            duration: 0,
            is_debug: false,
            is_shared: false,
            local: Endpoint::default(),
            remote: Endpoint::default(),
            annotations: Vec::new(),
            annotations_dropped: 0,
            tags: AttributesDraft::default(),
        }
    }
}

impl SpanDraft {
    /// Whether one more annotation is taken; counts it as dropped when not.
    pub(super) fn admits_annotation(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<Annotation>(self.annotations.len(), intake.limits.events_max);
        self.annotations_dropped += u32::from(!admitted);
        admitted
    }
}

impl Endpoint {
    pub(super) fn set_ipv4(&mut self, bytes: &[u8]) {
        // An IPv6 address that came before says more.
        if self.ip.is_empty()
            && let Ok(bytes) = <[u8; 4]>::try_from(bytes)
            && bytes != [0; 4]
        {
            self.ip = Ipv4Addr::from(bytes).to_string();
        }
    }

    pub(super) fn set_ipv6(&mut self, bytes: &[u8]) {
        if let Ok(bytes) = <[u8; 16]>::try_from(bytes)
            && bytes != [0; 16]
        {
            self.ip = Ipv6Addr::from(bytes).to_string();
        }
    }

    /// A port that is none becomes zero.
    pub(super) fn set_port(&mut self, number: i64) {
        // Thrift has no unsigned 16 bits: ports above 32,767 travel as negative numbers.
        self.port = u16::try_from(number).or_else(|_| i16::try_from(number).map(|port| port as u16)).unwrap_or(0);
    }
}

/// Hex digits of either case, short ones padded on the left.
pub(super) fn trace_id_of(text: &str) -> Result<TraceId, &'static str> {
    match is_hex(text, 32) {
        true => TraceId::from_hex(text).ok_or("trace id is zero"),
        false => Err("trace id should be 1 to 32 hex digits with no prefix"),
    }
}

/// The same for a span.
pub(super) fn span_id_of(text: &str) -> Result<SpanId, &'static str> {
    match is_hex(text, 16) {
        true => SpanId::from_hex(text).ok_or("span id is zero"),
        false => Err("span id should be 1 to 16 hex digits with no prefix"),
    }
}

fn is_hex(text: &str, digits_max: usize) -> bool {
    (1..=digits_max).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}
