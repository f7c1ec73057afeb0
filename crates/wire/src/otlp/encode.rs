//! Spans to OTLP, strict in either form, and the replies to an export. Not here: error bodies (`status`).

mod group;
mod json;
mod message;

use model::{Resource, Scope, Span, Value};

use crate::json::write::push_string;
use crate::protobuf::write::Writer;

/// Bytes of an error message in a reply; the whole reply must stay below 64 kB whatever a client sent.
const REPLY_MESSAGE_BYTES_MAX: usize = 4096;

/// An `ExportTraceServiceRequest` with these spans, by resource and scope, each in the order given.
pub fn request_proto(spans: &[Span]) -> Vec<u8> {
    let mut writer = Writer::default();
    for by_resource in group::by_resource(spans) {
        writer.message(1, |w| message::write_resource_spans(w, &by_resource));
    }
    writer.into_bytes()
}

/// `TracesData` in OTLP's strict JSON: hex ids, numbers for enums, text for 64-bit integers.
pub fn spans_json(spans: &[Span]) -> String {
    json::traces_data(&group::by_resource(spans))
}

/// An `ExportTraceServiceResponse`: how many spans were rejected and why. No bytes when all is well.
pub fn response_proto(rejected: Option<(u64, &str)>) -> Vec<u8> {
    let mut writer = Writer::default();
    if let Some((count, message)) = rejected {
        writer.message(1, |partial_success| {
            partial_success.varint(1, count.min(i64::MAX as u64));
            partial_success.bytes(2, reply_message(message).as_bytes());
        });
    }
    writer.into_bytes()
}

/// The same in JSON: exactly `{}` when all is well.
pub fn response_json(rejected: Option<(u64, &str)>) -> String {
    let Some((count, message)) = rejected else { return "{}".to_owned() };
    let mut json = format!(r#"{{"partialSuccess":{{"rejectedSpans":"{count}","errorMessage":"#);
    push_string(&mut json, reply_message(message));
    json.push_str("}}");
    json
}

/// The beginning of `message`, short enough for a reply.
pub(super) fn reply_message(message: &str) -> &str {
    &message[..message.floor_char_boundary(REPLY_MESSAGE_BYTES_MAX)]
}

/// Equal for equal resources only.
pub(crate) fn resource_key(resource: &Resource) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.message(1, |w| message::write_resource(w, resource));
    writer.bytes(3, resource.schema_url.as_bytes());
    writer.into_bytes()
}

/// Equal for equal scopes only.
pub(crate) fn scope_key(scope: &Scope) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.message(1, |w| message::write_scope(w, scope));
    writer.bytes(3, scope.schema_url.as_bytes());
    writer.into_bytes()
}

/// A value as short JSON, for people, for example `[1,"a",{"b":true}]`.
pub(super) fn text_from_value(value: &Value) -> String {
    json::plain_value(value)
}
