//! Scalars that only OTLP JSON has, in all the forms that clients give them. `null` is the default of each.

use model::{SpanId, SpanKind, StatusCode, TraceId, UnixNanos};

use crate::assemble::{span_id_from, trace_id_from};
use crate::base64;
use crate::json::number::u64_from;
use crate::json::read::{Fault, JsonReader};
use crate::json::scalar::unsigned;

pub(super) fn nanos(reader: &mut JsonReader<'_>) -> Result<UnixNanos, Fault> {
    unsigned(reader).map(UnixNanos)
}

/// A count or flags: 32 bits.
pub(super) fn count(reader: &mut JsonReader<'_>) -> Result<u32, Fault> {
    Ok(u32::try_from(unsigned(reader)?).unwrap_or(u32::MAX))
}

/// `2`, `"2"`, `"SPAN_KIND_SERVER"` or `"server"`.
pub(super) fn kind(reader: &mut JsonReader<'_>) -> Result<SpanKind, Fault> {
    let word = match enumeration(reader, "SPAN_KIND_")? {
        Enumeration::Number(number) => return Ok(SpanKind::from_number(number)),
        Enumeration::Word(word) => word,
    };
    // Later protocol versions may know more kinds than we do; a span is not worth less for that.
    Ok(SpanKind::from_word(&word).unwrap_or_default())
}

/// `2`, `"2"`, `"STATUS_CODE_ERROR"` or `"error"`.
pub(super) fn status_code(reader: &mut JsonReader<'_>) -> Result<StatusCode, Fault> {
    let word = match enumeration(reader, "STATUS_CODE_")? {
        Enumeration::Number(number) => return Ok(StatusCode::from_number(number)),
        Enumeration::Word(word) => word,
    };
    let known = [StatusCode::Ok, StatusCode::Error].into_iter().find(|code| code.word() == word);
    Ok(known.unwrap_or_default())
}

/// A trace id: 32 hex digits, 16 of an older client, or base64 of 16 bytes.
pub(super) fn trace_id(reader: &mut JsonReader<'_>) -> Result<Result<TraceId, &'static str>, Fault> {
    let scalar = reader.scalar()?;
    let text = scalar.as_text();
    Ok(match text.len() {
        16 | 32 if is_hex(text) => TraceId::from_hex(text).ok_or("trace id is zero"),
        _ => base64::decode(text).ok_or("trace id is neither hex nor base64").and_then(|bytes| trace_id_from(&bytes)),
    })
}

/// A span id: 16 hex digits, or base64 of 8 bytes.
pub(super) fn span_id(reader: &mut JsonReader<'_>) -> Result<Result<SpanId, &'static str>, Fault> {
    let bytes = id_bytes(reader)?;
    Ok(bytes.ok_or("span id is neither hex nor base64").and_then(|bytes| span_id_from(&bytes)))
}

/// The bytes of a span id, none for an empty text; `None` when it is neither hex nor base64.
pub(super) fn id_bytes(reader: &mut JsonReader<'_>) -> Result<Option<Vec<u8>>, Fault> {
    let scalar = reader.scalar()?;
    let text = scalar.as_text();
    Ok(match text.len() {
        16 if is_hex(text) => Some(SpanId::from_hex(text).map_or([0; 8], |id| *id.bytes()).to_vec()),
        _ => base64::decode(text),
    })
}

enum Enumeration {
    Number(i64),
    /// Lower case, without the prefix.
    Word(String),
}

fn enumeration(reader: &mut JsonReader<'_>, prefix: &str) -> Result<Enumeration, Fault> {
    let scalar = reader.scalar()?;
    let text = scalar.as_text();
    let text = text.trim();
    Ok(match u64_from(text) {
        Some(number) => Enumeration::Number(i64::try_from(number).unwrap_or(i64::MAX)),
        None => Enumeration::Word(text.strip_prefix(prefix).unwrap_or(text).to_ascii_lowercase()),
    })
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|digit| digit.is_ascii_hexdigit())
}
