//! Search links of Jaeger's page: `/search?service=&operation=&lookback=&tags=`. Read here, never written.

use api::{SearchRequest, TimePoint};

/// Parameters that only Jaeger's links have.
const MARKS: [&str; 7] = ["operation", "lookback", "tags", "minDuration", "maxDuration", "start", "end"];

pub(super) fn is_jaeger(parameter: impl Fn(&str) -> Option<String>) -> bool {
    MARKS.iter().any(|mark| parameter(mark).is_some())
}

/// The search that the link meant.
pub(super) fn search_from_jaeger(parameter: impl Fn(&str) -> Option<String>) -> SearchRequest {
    let usual = SearchRequest::default();
    let micros = |key: &str| {
        let micros: u64 = parameter(key)?.parse().ok()?;
        Some(TimePoint::At { millis: micros / 1_000 })
    };
    let lookback = parameter("lookback").and_then(|back| format!("now-{back}").parse().ok());
    let pairs = parameter("tags").map(|tags| pairs_from_tags(&tags)).unwrap_or_default();
    let is_error = |(key, value): &&(String, String)| key == "error" && value == "true";
    let attributes: Vec<String> =
        pairs.iter().filter(|pair| !is_error(pair)).map(|(key, value)| format!("{key}={}", quoted(value))).collect();
    SearchRequest {
        // With a lookback the link means "until now"; its start and end are those of the day it was copied.
        from: lookback.or_else(|| micros("start")).unwrap_or(usual.from),
        to: if lookback.is_some() { usual.to } else { micros("end").unwrap_or(usual.to) },
        service: parameter("service"),
        name: parameter("operation").filter(|name| name != "all"),
        errors: pairs.iter().any(|pair| is_error(&pair)),
        attributes: (!attributes.is_empty()).then(|| attributes.join(" ")),
        min: parameter("minDuration"),
        max: parameter("maxDuration"),
        limit: parameter("limit")
            .and_then(|limit| limit.parse().ok())
            .map_or(usual.limit, |limit: u32| limit.clamp(1, SearchRequest::LIMIT_MAX)),
        ..usual
    }
}

/// A JSON object of texts; anything else has no pairs.
fn pairs_from_tags(json: &str) -> Vec<(String, String)> {
    let object: Option<std::collections::BTreeMap<String, String>> = serde_json::from_str(json).ok();
    object.into_iter().flatten().collect()
}

fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && !value.contains([' ', '"', '\\', '=']);
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}
