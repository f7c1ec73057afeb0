//! Small answers for the tests of the trace page.

use api::search::ServiceShare;
use api::{SpanDetails, TraceHead, TraceItem};

/// A plain span; its id repeats the row number plus one.
pub(crate) fn details(row: u32) -> SpanDetails {
    SpanDetails {
        row,
        span_id: format!("{:016x}", row + 1),
        parent_span_id: None,
        service: "shop".into(),
        name: "op".into(),
        kind: "internal".into(),
        start: 0,
        duration: 1,
        status: "unset".into(),
        status_message: String::new(),
        trace_state: String::new(),
        flags: 0,
        attributes: Vec::new(),
        attributes_dropped: 0,
        events: Vec::new(),
        events_dropped: 0,
        links: Vec::new(),
        links_dropped: 0,
        resource: Vec::new(),
        scope_name: String::new(),
        scope_version: String::new(),
        scope_attributes: Vec::new(),
        warnings: Vec::new(),
    }
}

/// A checkout with three errors.
pub(crate) fn head() -> TraceHead {
    let trace = TraceItem {
        trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
        root_service: "checkout".into(),
        root_name: "POST /pay".into(),
        root_received: true,
        start: 1_795_269_621_482_000_000,
        duration: 2_300_000_000,
        spans: 412,
        errors: 3,
        services: vec![ServiceShare { service: "checkout".into(), spans: 412, errors: 3 }],
    };
    TraceHead {
        trace,
        depth: 4,
        sequence: 9,
        orphans: 0,
        warnings: 0,
        complete: true,
        reason: None,
        selected_row: None,
    }
}
