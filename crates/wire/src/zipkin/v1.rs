//! Spans of Zipkin's first version as spans of the second: annotations say who did what, and one span may hold both sides.

use model::{SpanId, SpanKind, TraceId, UnixNanos, Value};

use super::draft::{Annotation, Endpoint, SpanDraft};
use crate::intake::{AttributesDraft, Intake};

/// Words at a point in time, said by a host.
pub(super) struct HostAnnotation {
    pub(super) micros: u64,
    pub(super) value: String,
    pub(super) host: Endpoint,
}

/// A key, a typed value, and the host that said it.
pub(super) struct BinaryAnnotation {
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) host: Endpoint,
}

/// A span.
pub(super) struct V1Draft {
    pub(super) trace_id: Result<TraceId, &'static str>,
    pub(super) span_id: Result<SpanId, &'static str>,
    pub(super) parent_span_id: Option<SpanId>,
    pub(super) name: String,
    /// Microseconds; zero when it is not said.
    pub(super) timestamp: u64,
    pub(super) duration: u64,
    pub(super) is_debug: bool,
    pub(super) annotations: Vec<HostAnnotation>,
    pub(super) annotations_dropped: u32,
    pub(super) binary: Vec<BinaryAnnotation>,
    /// Counts what was left out of `binary`.
    pub(super) binary_dropped: AttributesDraft,
}

/// What two annotations say together: a side of a call, from its begin to its end.
struct Side {
    kind: SpanKind,
    begin: &'static str,
    end: &'static str,
    /// The binary annotation that names the other side.
    remote: &'static str,
}

const SIDES: [Side; 4] = [
    Side { kind: SpanKind::Client, begin: "cs", end: "cr", remote: "sa" },
    Side { kind: SpanKind::Server, begin: "sr", end: "ss", remote: "ca" },
    Side { kind: SpanKind::Producer, begin: "ms", end: "", remote: "ma" },
    Side { kind: SpanKind::Consumer, begin: "mr", end: "", remote: "ma" },
];

/// Names the component, by its value and its host.
const LOCAL_COMPONENT: &str = "lc";

impl Default for V1Draft {
    fn default() -> V1Draft {
        V1Draft {
            trace_id: Err("trace id is missing"),
            span_id: Err("span id is missing"),
            parent_span_id: None,
            name: String::new(),
            timestamp: 0,
            duration: 0,
            is_debug: false,
            annotations: Vec::new(),
            annotations_dropped: 0,
            binary: Vec::new(),
            binary_dropped: AttributesDraft::default(),
        }
    }
}

impl V1Draft {
    pub(super) fn admits_annotation(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<HostAnnotation>(self.annotations.len(), intake.limits.events_max);
        self.annotations_dropped += u32::from(!admitted);
        admitted
    }

    pub(super) fn admits_binary(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<BinaryAnnotation>(self.binary.len(), intake.limits.attributes_max);
        let dropped = &mut self.binary_dropped.dropped_by_client;
        *dropped = dropped.saturating_add(u32::from(!admitted));
        admitted
    }

    /// One span, or one for each side that the annotations tell of.
    pub(super) fn into_spans(self) -> Vec<SpanDraft> {
        let mut sides: Vec<SpanDraft> = SIDES.iter().filter_map(|side| self.side(side)).collect();
        if sides.is_empty() {
            sides.push(SpanDraft { local: self.local_of_none(), ..self.common() });
        }
        if let [only] = sides.as_mut_slice() {
            // Without a second side, what the span says of itself counts.
            only.start = if self.timestamp == 0 { only.start } else { self.timestamp };
            only.duration = if self.duration == 0 { only.duration } else { self.duration };
        } else {
            // One id, two sides: the second one joined the span of the first.
            sides.iter_mut().filter(|span| span.kind == SpanKind::Server).for_each(|span| span.is_shared = true);
        }
        self.distribute(&mut sides);
        sides
    }

    fn common(&self) -> SpanDraft {
        SpanDraft {
            trace_id: self.trace_id,
            span_id: self.span_id,
            parent_span_id: self.parent_span_id,
            name: self.name.clone(),
            start: self.timestamp,
            duration: self.duration,
            is_debug: self.is_debug,
            ..SpanDraft::default()
        }
    }

    fn side(&self, side: &Side) -> Option<SpanDraft> {
        let said = |value: &str| self.annotations.iter().find(|annotation| annotation.value == value);
        let (begin, end) = (said(side.begin), said(side.end));
        let of_host = begin.or(end)?;
        let start = begin.or(end).map_or(0, |annotation| annotation.micros);
        let duration = begin.zip(end).map_or(0, |(begin, end)| end.micros.saturating_sub(begin.micros));
        Some(SpanDraft { kind: side.kind, start, duration, local: of_host.host.clone(), ..self.common() })
    }

    /// The host of whatever was said first.
    fn local_of_none(&self) -> Endpoint {
        let component = self.binary.iter().find(|binary| binary.key == LOCAL_COMPONENT).map(|binary| &binary.host);
        let any = self.annotations.iter().map(|annotation| &annotation.host);
        let any = any.chain(self.binary.iter().filter(|binary| !is_remote(binary)).map(|binary| &binary.host));
        component.into_iter().chain(any).find(|host| **host != Endpoint::default()).cloned().unwrap_or_default()
    }

    /// Gives what is left to the side whose host said it, else to the first one.
    fn distribute(self, sides: &mut [SpanDraft]) {
        let place =
            |sides: &[SpanDraft], host: &Endpoint| sides.iter().position(|side| side.local == *host).unwrap_or(0);
        sides[0].annotations_dropped = self.annotations_dropped;
        sides[0].tags = self.binary_dropped;
        for HostAnnotation { micros, value, host } in self.annotations {
            let is_core = SIDES.iter().any(|side| side.begin == value || (!side.end.is_empty() && side.end == value));
            if !is_core {
                let place = place(sides, &host);
                sides[place].annotations.push(Annotation { time: UnixNanos::from_micros(micros), value });
            }
        }
        for binary in self.binary {
            if is_remote(&binary) {
                // `sa` is what clients call, `ca` who called a server, `ma` the broker between.
                let names = |side: &&mut SpanDraft| {
                    SIDES.iter().any(|known| known.kind == side.kind && known.remote == binary.key)
                };
                match sides.iter_mut().find(names) {
                    Some(side) => side.remote = binary.host,
                    // Without a side of its own it still says who was there.
                    None => sides[0].remote = binary.host,
                }
                continue;
            }
            let place = place(sides, &binary.host);
            let is_empty_component = binary.key == LOCAL_COMPONENT && binary.value.as_str() == Some("");
            if !is_empty_component {
                sides[place].tags.push(model::Attribute { key: binary.key, value: binary.value });
            }
        }
    }
}

/// Whether it names the other side and says nothing else.
fn is_remote(binary: &BinaryAnnotation) -> bool {
    let is_true = matches!(binary.value, Value::Bool(true)) || binary.value.as_str() == Some("true");
    is_true && matches!(binary.key.as_str(), "sa" | "ca" | "ma")
}
