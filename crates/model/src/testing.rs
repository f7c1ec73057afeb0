//! Small spans for tests of this and of other rooms. Not built into any product: behind `test` and the feature `testing`.

use std::sync::Arc;

use crate::{Attributes, Resource, Scope, Span, SpanId, SpanKind, Status, TraceId, UnixNanos, Warnings};

/// A plain internal span of service `shop`: trace and span ids repeat one byte, it starts at `1,000 * span` and lasts 500 ns.
pub fn span(trace: u8, span: u8, parent: Option<SpanId>) -> Span {
    let start = 1_000 * u64::from(span);
    Span {
        trace_id: TraceId::new([trace; 16]).expect("tests number traces from 1"),
        span_id: SpanId::new([span; 8]).expect("tests number spans from 1"),
        parent_span_id: parent,
        trace_state: String::new(),
        flags: 0,
        name: format!("op {span}"),
        kind: SpanKind::Internal,
        start: UnixNanos(start),
        end: UnixNanos(start + 500),
        attributes: Attributes::new(),
        attributes_dropped: 0,
        events: Vec::new(),
        events_dropped: 0,
        links: Vec::new(),
        links_dropped: 0,
        status: Status::default(),
        resource: resource("shop"),
        scope: Arc::new(Scope::default()),
        warnings: Warnings::NONE,
    }
}

/// A resource that only has a service name.
pub fn resource(service: &str) -> Arc<Resource> {
    let mut attributes = Attributes::new();
    attributes.set("service.name", service);
    Arc::new(Resource { attributes, ..Resource::default() })
}
