//! Small answers for the tests of the trace page.

use api::SpanDetails;

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
