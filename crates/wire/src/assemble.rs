//! From the parts of a request to `Decoded`: accepts or rejects each span, notes its oddities, shares equal resources and scopes.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Event, Link, Resource, Scope, Span, SpanId, SpanKind, Status, TraceId, UnixNanos, Warning, Warnings};

use crate::decoded::{Decoded, Rejected};
use crate::intake::{AttributesDraft, Intake};
use crate::limits::Limits;
use crate::otlp::encode::{resource_key, scope_key};

/// Collects the spans of one request.
pub(crate) struct Assembler<'l> {
    pub(crate) intake: Intake<'l>,
    spans: Vec<Span>,
    rejected: Rejected,
    /// Spans beyond [`Limits::spans_max`].
    excess: u64,
    /// By their canonical bytes.
    resources: HashMap<Vec<u8>, Arc<Resource>>,
    scopes: HashMap<Vec<u8>, Arc<Scope>>,
}

/// Who produced the spans that follow.
#[derive(Clone, Default)]
pub(crate) struct Origin {
    pub(crate) resource: Arc<Resource>,
    pub(crate) scope: Arc<Scope>,
    /// Noted about the resource and the scope; every span of theirs carries it.
    pub(crate) resource_warnings: Warnings,
    pub(crate) scope_warnings: Warnings,
}

/// A span as it is read, field by field.
pub(crate) struct SpanDraft {
    pub(crate) trace_id: Result<TraceId, &'static str>,
    pub(crate) span_id: Result<SpanId, &'static str>,
    pub(crate) parent_span_id: Option<SpanId>,
    pub(crate) trace_state: String,
    pub(crate) flags: u32,
    pub(crate) name: String,
    pub(crate) kind: SpanKind,
    pub(crate) start: UnixNanos,
    pub(crate) end: UnixNanos,
    pub(crate) attributes: AttributesDraft,
    pub(crate) events: Vec<Event>,
    pub(crate) events_dropped: u32,
    pub(crate) events_dropped_by_client: u32,
    pub(crate) links: Vec<Link>,
    pub(crate) links_dropped: u32,
    pub(crate) links_dropped_by_client: u32,
    pub(crate) status: Status,
}

// === impl Assembler ===

impl<'l> Assembler<'l> {
    pub(crate) fn new(request_bytes: usize, limits: &'l Limits) -> Assembler<'l> {
        Assembler {
            intake: Intake::new(request_bytes, limits),
            spans: Vec::new(),
            rejected: Rejected::default(),
            excess: 0,
            resources: HashMap::new(),
            scopes: HashMap::new(),
        }
    }

    /// `resource`, as the one that all equal ones of this request share.
    pub(crate) fn shared_resource(&mut self, resource: Resource) -> Arc<Resource> {
        let key = resource_key(&resource);
        Arc::clone(self.resources.entry(key).or_insert_with(|| Arc::new(resource)))
    }

    /// `scope`, likewise.
    pub(crate) fn shared_scope(&mut self, scope: Scope) -> Arc<Scope> {
        let key = scope_key(&scope);
        Arc::clone(self.scopes.entry(key).or_insert_with(|| Arc::new(scope)))
    }

    /// Whether another span is worth reading. When not, counts it as rejected.
    pub(crate) fn admits_span(&mut self) -> bool {
        let admitted = self.spans.len() < self.intake.limits.spans_max;
        if !admitted {
            self.excess += 1;
        }
        admitted
    }

    /// Takes the span in, or rejects it for its ids. `warnings` were noted while reading it.
    pub(crate) fn accept(&mut self, draft: SpanDraft, warnings: Warnings, origin: &Origin) {
        match draft.finish(warnings, origin) {
            Ok(span) => {
                self.intake.charge(size_of::<Span>());
                self.spans.push(span);
            }
            Err(reason) => self.rejected.add(reason, 1),
        }
    }

    pub(crate) fn reject(&mut self, reason: &str) {
        self.rejected.add(reason, 1);
    }

    /// Spans accepted, and those that were too many.
    pub(crate) fn spans_met(&self) -> u64 {
        self.spans.len() as u64 + self.excess
    }

    /// Whether no span was accepted.
    pub(crate) fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    pub(crate) fn finish(mut self) -> Decoded {
        let excess_reason = format!("more than {} spans in one request", self.intake.limits.spans_max);
        self.rejected.add(&excess_reason, self.excess);
        Decoded { spans: self.spans, rejected: self.rejected }
    }

    /// The same, for a request that was damaged.
    pub(crate) fn finish_salvaged(self) -> Decoded {
        let mut decoded = self.finish();
        for span in &mut decoded.spans {
            span.warnings.add(Warning::Salvaged);
        }
        decoded
    }
}

// === impl SpanDraft ===

impl Default for SpanDraft {
    fn default() -> SpanDraft {
        SpanDraft {
            trace_id: Err("trace id is missing"),
            span_id: Err("span id is missing"),
            parent_span_id: None,
            trace_state: String::new(),
            flags: 0,
            name: String::new(),
            kind: SpanKind::default(),
            start: UnixNanos(0),
            end: UnixNanos(0),
            attributes: AttributesDraft::default(),
            events: Vec::new(),
            events_dropped: 0,
            events_dropped_by_client: 0,
            links: Vec::new(),
            links_dropped: 0,
            links_dropped_by_client: 0,
            status: Status::default(),
        }
    }
}

impl SpanDraft {
    /// Whether one more event is taken; counts it as dropped when not.
    pub(crate) fn admits_event(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<Event>(self.events.len(), intake.limits.events_max);
        self.events_dropped += u32::from(!admitted);
        admitted
    }

    /// Whether one more link is taken; counts it as dropped when not.
    pub(crate) fn admits_link(&mut self, intake: &mut Intake<'_>) -> bool {
        let admitted = intake.admits::<Link>(self.links.len(), intake.limits.links_max);
        self.links_dropped += u32::from(!admitted);
        admitted
    }

    /// Adds an admitted link; one whose ids name nothing is counted as dropped.
    pub(crate) fn push_link(&mut self, link: Option<Link>, intake: &mut Intake<'_>) {
        match link {
            Some(link) => self.links.push(link),
            None => {
                self.links_dropped = self.links_dropped.saturating_add(1);
                intake.warn(Warning::ListCut);
            }
        }
    }

    fn finish(mut self, mut warnings: Warnings, origin: &Origin) -> Result<Span, &'static str> {
        let (trace_id, span_id) = (self.trace_id?, self.span_id?);
        let (attributes, attributes_dropped) = self.attributes.finish();
        warnings.join(origin.resource_warnings);
        warnings.join(origin.scope_warnings);
        warnings.join(time_warnings(self.start, self.end));
        self.events.shrink_to_fit();
        self.links.shrink_to_fit();
        Ok(Span {
            trace_id,
            span_id,
            parent_span_id: self.parent_span_id,
            trace_state: self.trace_state,
            flags: self.flags,
            name: self.name,
            kind: self.kind,
            start: self.start,
            end: self.end,
            attributes,
            attributes_dropped,
            events: self.events,
            events_dropped: self.events_dropped_by_client.saturating_add(self.events_dropped),
            links: self.links,
            links_dropped: self.links_dropped_by_client.saturating_add(self.links_dropped),
            status: self.status,
            resource: Arc::clone(&origin.resource),
            scope: Arc::clone(&origin.scope),
            warnings,
        })
    }
}

/// What is odd about the times of a span. A start of 0 is left as it is: only the receiver knows the time of receipt.
pub(crate) fn time_warnings(start: UnixNanos, end: UnixNanos) -> Warnings {
    let mut warnings = Warnings::NONE;
    if end == UnixNanos(0) && start != UnixNanos(0) {
        warnings.add(Warning::EndMissing);
    } else if end < start {
        warnings.add(Warning::EndBeforeStart);
    }
    warnings
}

/// A trace id, or why it is none.
pub(crate) fn trace_id_from(bytes: &[u8]) -> Result<TraceId, &'static str> {
    match bytes.len() {
        0 => Err("trace id is missing"),
        16 => TraceId::from_slice(bytes).ok_or("trace id is zero"),
        _ => Err("trace id has not 16 bytes"),
    }
}

/// The same where ids of 64 bits travel as eight bytes: zeros go in front.
pub(crate) fn padded_trace_id_from(bytes: &[u8]) -> Result<TraceId, &'static str> {
    match <[u8; 8]>::try_from(bytes) {
        Ok(low) => TraceId::new(u128::from(u64::from_be_bytes(low)).to_be_bytes()).ok_or("trace id is zero"),
        Err(_) => trace_id_from(bytes),
    }
}

/// A span id, or why it is none.
pub(crate) fn span_id_from(bytes: &[u8]) -> Result<SpanId, &'static str> {
    match bytes.len() {
        0 => Err("span id is missing"),
        8 => SpanId::from_slice(bytes).ok_or("span id is zero"),
        _ => Err("span id has not 8 bytes"),
    }
}

/// The parent, `None` for a root. A parent id of another length names nothing: the span stays, and says so.
pub(crate) fn parent_span_id_from(bytes: &[u8], intake: &mut Intake<'_>) -> Option<SpanId> {
    if !matches!(bytes.len(), 0 | 8) {
        intake.warn(Warning::ParentMissing);
    }
    SpanId::from_slice(bytes)
}
