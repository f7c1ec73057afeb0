//! Query strings of Jaeger's API: what clients really send, and Jaeger's words for what is wrong. Not here: asking.

use std::collections::BTreeMap;

use api::{ApiError, ErrorCode};
use axum::extract::Query;
use axum::http::Uri;
use model::{SpanDuration, SpanKind, TimeRange, TraceId, UnixNanos};
use storage::{FieldCondition, TraceQuery};

use crate::http::error::invalid;
use crate::query::duration;

/// Traces in an answer unless the request says otherwise.
const LIMIT_DEFAULT: usize = 100;
/// Most traces in an answer; more are asked for, this many come.
const LIMIT_MAX: usize = 1_500;
/// Most traces asked for by id at once.
const IDS_MAX: usize = 100;
/// Without `start`, the search goes back this far.
const LOOKBACK: SpanDuration = SpanDuration(2 * 24 * 3_600 * 1_000_000_000);
/// The same for dependencies: a day.
const DEPENDENCIES_LOOKBACK_MILLIS: u64 = 24 * 3_600 * 1_000;
/// Times below this are milliseconds, from here on microseconds: 1973 in the latter, 5138 in the former.
const MICROS_MIN: u64 = 100_000_000_000_000;

/// The pairs of a query string; names may repeat.
pub(super) struct Pairs(Vec<(String, String)>);

/// What `/api/traces` asks for.
#[derive(Debug, PartialEq)]
pub(super) struct TraceParameters {
    /// These traces and nothing else, when there are any.
    pub(super) ids: Vec<TraceId>,
    pub(super) query: TraceQuery,
}

// === impl Pairs ===

impl Pairs {
    pub(super) fn of(uri: &Uri) -> Result<Pairs, ApiError> {
        let Query(pairs) = Query::try_from_uri(uri).map_err(|rejection| invalid(rejection.body_text()))?;
        Ok(Pairs(pairs))
    }

    /// The first value that is not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.all(name).find(|value| !value.is_empty())
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.text(name) {
            None | Some("false" | "0" | "f" | "F" | "FALSE" | "False") => Ok(false),
            Some("true" | "1" | "t" | "T" | "TRUE" | "True") => Ok(true),
            Some(other) => Err(unable_to_parse(name, &format!("`{other}` is not true or false"))),
        }
    }

    pub(super) fn span_kind(&self) -> Result<Option<SpanKind>, ApiError> {
        let Some(word) = self.text("spanKind") else { return Ok(None) };
        let kind = SpanKind::from_word(&word.to_ascii_lowercase());
        kind.map(Some).ok_or_else(|| invalid(format!("unsupported span kind: '{word}'")))
    }

    /// The range of dependencies: the milliseconds of `lookback` before `endTs`.
    pub(super) fn lookback(&self, now: UnixNanos) -> Result<TimeRange, ApiError> {
        let to = self.number("endTs")?.map_or(now, UnixNanos::from_millis);
        let lookback = self.number("lookback")?.unwrap_or(DEPENDENCIES_LOOKBACK_MILLIS);
        let from = UnixNanos::from_millis(to.millis().saturating_sub(lookback));
        Ok(TimeRange { from, to })
    }

    fn all<'a, 'b>(&'a self, name: &'b str) -> impl Iterator<Item = &'a str> + use<'a, 'b> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn number(&self, name: &str) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        text.parse().map(Some).map_err(|_e| unable_to_parse(name, &format!("`{text}` is no whole number")))
    }

    fn duration(&self, name: &str) -> Result<Option<SpanDuration>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        duration::parse(text).map(Some).map_err(|sentence| unable_to_parse(name, &sentence))
    }

    /// Jaeger means microseconds, Grafana sends milliseconds: their sizes tell them apart.
    fn time(&self, name: &str) -> Result<Option<UnixNanos>, ApiError> {
        Ok(self.number(name)?.map(|number| match number {
            micros if micros >= MICROS_MIN => UnixNanos::from_micros(micros),
            millis => UnixNanos::from_millis(millis),
        }))
    }
}

// === impl TraceParameters ===

impl TraceParameters {
    pub(super) fn read(pairs: &Pairs, now: UnixNanos) -> Result<TraceParameters, ApiError> {
        let range = range_of(pairs, now)?;
        let limit = match pairs.number("limit")? {
            Some(0) => return Err(unable_to_parse("limit", "at least 1")),
            Some(limit) => usize::try_from(limit).unwrap_or(LIMIT_MAX).min(LIMIT_MAX),
            None => LIMIT_DEFAULT,
        };
        let mut query = TraceQuery::newest(range, limit);
        query.service = pairs.text("service").map(str::to_owned);
        query.name = pairs.text("operation").filter(|name| *name != "all").map(str::to_owned);
        query.kind = pairs.span_kind()?;
        query.span_duration_min = pairs.duration("minDuration")?;
        query.span_duration_max = pairs.duration("maxDuration")?;
        if let (Some(min), Some(max)) = (query.span_duration_min, query.span_duration_max)
            && max <= min
        {
            return Err(invalid("'maxDuration' should be greater than 'minDuration'"));
        }
        for (key, value) in tags_of(pairs)? {
            add_tag(&mut query, key, value)?;
        }
        pairs.flag("raw")?;
        Ok(TraceParameters { ids: ids_of(pairs)?, query })
    }
}

/// Reads a trace id from a path or a parameter.
pub(super) fn trace_id_of(text: &str) -> Result<TraceId, ApiError> {
    const SHOWN_CHARS: usize = 64;
    TraceId::from_hex(text).ok_or_else(|| {
        let shown: String = text.chars().take(SHOWN_CHARS).collect();
        unable_to_parse("traceID", &format!("`{shown}` is not 1 to 32 hex digits that are not all zero"))
    })
}

/// Refuses times that do not read.
pub(super) fn check_times(pairs: &Pairs, now: UnixNanos) -> Result<(), ApiError> {
    range_of(pairs, now).map(|_range| ())
}

/// The end is part of the range.
fn range_of(pairs: &Pairs, now: UnixNanos) -> Result<TimeRange, ApiError> {
    let from = pairs.time("start")?.unwrap_or_else(|| now.before(LOOKBACK));
    let to = pairs.time("end")?.unwrap_or(now);
    // A microsecond holds a thousand instants, all of them meant.
    Ok(TimeRange { from, to: to.after(SpanDuration(1_000)) })
}

fn ids_of(pairs: &Pairs) -> Result<Vec<TraceId>, ApiError> {
    let mut ids = Vec::new();
    for text in pairs.all("traceID").filter(|text| !text.is_empty()) {
        let id = trace_id_of(text)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
        if ids.len() > IDS_MAX {
            return Err(invalid(format!("at most {IDS_MAX} trace ids at once")));
        }
    }
    Ok(ids)
}

/// `tag=key:value`, repeated, and `tags={"key":"value"}`.
fn tags_of(pairs: &Pairs) -> Result<Vec<(String, String)>, ApiError> {
    let mut tags = Vec::new();
    for tag in pairs.all("tag").filter(|tag| !tag.is_empty()) {
        let Some((key, value)) = tag.split_once(':').filter(|(key, _)| !key.is_empty()) else {
            return Err(invalid(format!("malformed 'tag' parameter, expecting key:value, received: {tag}")));
        };
        tags.push((key.to_owned(), value.to_owned()));
    }
    for text in pairs.all("tags").filter(|text| !text.is_empty()) {
        let map: BTreeMap<String, String> = serde_json::from_str(text)
            .map_err(|error| invalid(format!("malformed 'tags' parameter, cannot unmarshal JSON: {error}")))?;
        tags.extend(map);
    }
    Ok(tags)
}

/// Jaeger shows status and kind as tags, so people search for them as tags; here they are fields of the span.
fn add_tag(query: &mut TraceQuery, key: String, value: String) -> Result<(), ApiError> {
    match (key.as_str(), value.as_str()) {
        ("error", "true") | ("otel.status_code", "ERROR") => query.errors_only = true,
        ("span.kind", word) => {
            let kind = SpanKind::from_word(word).ok_or_else(|| invalid(format!("unsupported span kind: '{word}'")))?;
            if query.kind.is_some_and(|known| known != kind) {
                return Err(invalid("a span has one kind: spanKind and the tag span.kind differ"));
            }
            query.kind = Some(kind);
        }
        (
            "otel.status_code"
            | "otel.status_description"
            | "otel.scope.name"
            | "otel.scope.version"
            | "w3c.tracestate",
            _,
        ) => {
            return Err(ApiError::new(ErrorCode::Unsupported, format!("traces cannot be searched by the tag {key}")));
        }
        _ => query.fields.push(FieldCondition::of_form(key, value)),
    }
    Ok(())
}

fn unable_to_parse(name: &str, reason: &str) -> ApiError {
    invalid(format!("unable to parse param '{name}': {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixNanos = UnixNanos(1_700_000_000_000_000_000);

    fn read(query: &str) -> Result<TraceParameters, String> {
        let uri: Uri = format!("/api/traces?{query}").parse().expect("tests escape what a path needs escaped");
        let pairs = Pairs::of(&uri).map_err(|error| error.detail)?;
        TraceParameters::read(&pairs, NOW).map_err(|error| error.detail)
    }

    #[test]
    fn dependencies_are_those_of_a_day_unless_it_is_said_otherwise() {
        let range = |query: &str| {
            let uri: Uri = format!("/api/dependencies?{query}").parse().expect("a valid address");
            Pairs::of(&uri).and_then(|pairs| pairs.lookback(NOW)).map_err(|error| error.detail)
        };
        let day = SpanDuration::from_secs(86_400);
        assert_eq!(range(""), Ok(TimeRange { from: NOW.before(day), to: NOW }));
        let millis = |from, to| TimeRange { from: UnixNanos::from_millis(from), to: UnixNanos::from_millis(to) };
        assert_eq!(range("endTs=5000&lookback=2000"), Ok(millis(3_000, 5_000)));
        assert_eq!(range("endTs=5&lookback=2000"), Ok(millis(0, 5)), "nothing began before 1970");
        assert_eq!(range("endTs=x"), Err("unable to parse param 'endTs': `x` is no whole number".to_owned()));
    }

    fn query_of(query: &str) -> TraceQuery {
        read(query).expect("a valid query").query
    }

    #[test]
    fn microseconds_and_milliseconds_are_told_apart_by_their_size() {
        let micros = query_of("start=1700000000000000&end=1700000001000000").range;
        let millis = query_of("start=1700000000000&end=1700000001000").range;
        assert_eq!(micros, millis);
        assert_eq!(micros.from, NOW);
        assert!(micros.contains(UnixNanos(1_700_000_001_000_000_999)), "the end is part of the range");
    }

    #[test]
    fn without_times_the_last_two_days_are_searched_and_without_a_limit_a_hundred_traces_come() {
        let query = query_of("");
        assert_eq!(query.range.from, NOW.before(SpanDuration::from_secs(172_800)));
        assert_eq!((query.limit, query_of("limit=7").limit, query_of("limit=99999").limit), (100, 7, 1_500));
    }

    #[test]
    fn tags_come_in_two_forms_and_status_and_kind_are_fields_of_the_span() {
        let query =
            query_of("tag=a:b:c&tag=error:true&tags=%7B%22http.status_code%22%3A%22500%22%7D&tag=span.kind:server");
        let filter = |key: &str, value: &str| FieldCondition::of_form(key, value);
        assert_eq!(query.fields, [filter("a", "b:c"), filter("http.status_code", "500")]);
        assert!(query.errors_only);
        assert_eq!(query.kind, Some(SpanKind::Server));
    }

    #[test]
    fn ids_repeat_and_short_ones_are_padded() {
        let ids = read("traceID=abc&traceID=0abc&traceID=1").expect("valid").ids;
        assert_eq!(
            ids.iter().map(TraceId::to_string).collect::<Vec<_>>(),
            [format!("{:0>32}", "abc"), format!("{:0>32}", 1)]
        );
    }

    #[test]
    fn what_is_wrong_is_said_in_the_words_of_jaeger() {
        let refusal = |query: &str| read(query).expect_err("must be refused");
        assert_eq!(refusal("minDuration=2s&maxDuration=1s"), "'maxDuration' should be greater than 'minDuration'");
        assert_eq!(refusal("tag=x"), "malformed 'tag' parameter, expecting key:value, received: x");
        assert!(refusal("tags=%7B").starts_with("malformed 'tags' parameter, cannot unmarshal JSON: "));
        assert_eq!(refusal("spanKind=x"), "unsupported span kind: 'x'");
        assert_eq!(refusal("limit=many"), "unable to parse param 'limit': `many` is no whole number");
        assert!(refusal("start=-5").starts_with("unable to parse param 'start'"));
        assert!(refusal("minDuration=5").starts_with("unable to parse param 'minDuration'"));
        assert!(refusal("traceID=xyz").starts_with("unable to parse param 'traceID'"));
        assert!(refusal("raw=maybe").starts_with("unable to parse param 'raw'"));
        assert!(refusal("tag=otel.scope.name:x").contains("cannot be searched"));
    }
}
