//! A batch as Jaeger says it, whichever language it came in. Not here: what becomes of it (`translate`).

use model::{Attribute, SpanId, TraceId, UnixNanos, Value};

use crate::intake::{AttributesDraft, Intake};

/// How a span refers to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReferenceKind {
    ChildOf,
    FollowsFrom,
}

/// A reference whose ids name something.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    pub(super) kind: ReferenceKind,
    pub(super) trace_id: TraceId,
    pub(super) span_id: SpanId,
}

/// Who ran the spans.
#[derive(Default)]
pub(super) struct ProcessDraft {
    pub(super) service: String,
    pub(super) tags: AttributesDraft,
}

/// A log: fields at a point in time.
pub(super) struct LogDraft {
    pub(super) time: UnixNanos,
    pub(super) fields: AttributesDraft,
}

/// A span.
pub(super) struct SpanDraft {
    pub(super) trace_id: Result<TraceId, &'static str>,
    pub(super) span_id: Result<SpanId, &'static str>,
    /// As its own field says it.
    pub(super) parent_span_id: Option<SpanId>,
    pub(super) name: String,
    pub(super) references: Vec<Reference>,
    pub(super) references_dropped: u32,
    pub(super) flags: u32,
    pub(super) start: UnixNanos,
    pub(super) end: UnixNanos,
    pub(super) tags: AttributesDraft,
    pub(super) logs: Vec<LogDraft>,
    pub(super) logs_dropped: u32,
}

impl Default for SpanDraft {
    fn default() -> SpanDraft {
        SpanDraft {
            trace_id: Err("trace id is missing"),
            span_id: Err("span id is missing"),
            parent_span_id: None,
            name: String::new(),
            references: Vec::new(),
            references_dropped: 0,
            flags: 0,
            start: UnixNanos(0),
            end: UnixNanos(0),
            tags: AttributesDraft::default(),
            logs: Vec::new(),
            logs_dropped: 0,
        }
    }
}

impl SpanDraft {
    /// Whether one more log is taken; counts it as dropped when not.
    pub(super) fn admits_log(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<LogDraft>(self.logs.len(), intake.limits.events_max);
        self.logs_dropped += u32::from(!admitted);
        admitted
    }

    /// Whether one more reference is taken; counts it as dropped when not.
    pub(super) fn admits_reference(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<Reference>(self.references.len(), intake.limits.links_max);
        self.references_dropped += u32::from(!admitted);
        admitted
    }

    /// Adds an admitted reference; one whose ids name nothing is counted as dropped.
    pub(super) fn push_reference(&mut self, reference: Option<Reference>) {
        match reference {
            Some(reference) => self.references.push(reference),
            None => self.references_dropped = self.references_dropped.saturating_add(1),
        }
    }
}

/// A tag, or a field of a log, as both languages carry it: every type has a place of its own, and the type says which counts.
pub(super) struct Tag<'a> {
    pub(super) key: &'a [u8],
    pub(super) text: &'a [u8],
    pub(super) raw: &'a [u8],
    pub(super) bool: bool,
    pub(super) int: i64,
    pub(super) double: f64,
    pub(super) kind: TagKind,
}

/// Which value of a tag counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum TagKind {
    #[default]
    Text,
    Bool,
    Int,
    Double,
    Raw,
}

impl Default for Tag<'_> {
    fn default() -> Self {
        Tag { key: b"", text: b"", raw: b"", bool: false, int: 0, double: 0.0, kind: TagKind::Text }
    }
}

impl Tag<'_> {
    pub(super) fn take(self, intake: &mut Intake<'_>) -> Attribute {
        let key = intake.key(self.key);
        let value = match self.kind {
            TagKind::Text => Value::String(intake.text(self.text)),
            TagKind::Bool => Value::Bool(self.bool),
            TagKind::Int => Value::Int(self.int),
            TagKind::Double => Value::Double(self.double),
            TagKind::Raw => Value::Bytes(intake.raw_of(self.raw)),
        };
        Attribute { key, value }
    }
}

/// The id of two halves, the upper one first. 64-bit ids leave the upper half zero.
pub(super) fn trace_id_of(high: u64, low: u64) -> Result<TraceId, &'static str> {
    let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
    TraceId::new(bytes).ok_or("trace id is zero")
}
