//! State of the search page in the address bar and back, in our words and in Jaeger's. The same words go to the API.

mod iso;
mod jaeger;
mod query;

use api::{ResultOrder, SearchRequest, TimePoint};

pub use query::Query;

/// With a leading `?`, or empty when everything is as usual.
pub fn query_from_search(request: &SearchRequest) -> String {
    let usual = SearchRequest::default();
    let query = Query::new()
        .with_some("service", request.service.as_deref())
        .with_some("name", request.name.as_deref())
        .with_some("attributes", request.attributes.as_deref())
        .with_some("errors", request.errors.then_some("true"))
        .with_some("min", request.min.as_deref())
        .with_some("max", request.max.as_deref())
        .with_some("from", (request.from != usual.from).then_some(request.from))
        .with_some("to", (request.to != usual.to).then_some(request.to))
        .with_some("order", (request.order == ResultOrder::Longest).then_some("longest"))
        .with_some("limit", (request.limit != usual.limit).then_some(request.limit))
        .with_some("after", request.after.as_deref());
    query.to_string()
}

/// From the parameters of a link or of a form. What cannot be read counts as absent: a link never ends in an error page.
pub fn search_from_query(parameter: impl Fn(&str) -> Option<String>) -> SearchRequest {
    let usual = SearchRequest::default();
    let text = |key: &str| parameter(key).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if jaeger::is_jaeger(text) {
        return jaeger::search_from_jaeger(text);
    }
    let limit = text("limit").and_then(|limit| limit.parse().ok()).unwrap_or(usual.limit);
    SearchRequest {
        from: text("from").and_then(|time| time_point(&time)).unwrap_or(usual.from),
        to: text("to").and_then(|time| time_point(&time)).unwrap_or(usual.to),
        service: text("service"),
        name: text("name"),
        attributes: text("attributes"),
        errors: text("errors").is_some_and(|errors| errors == "true"),
        min: text("min"),
        max: text("max"),
        order: if text("order").is_some_and(|order| order == "longest") { ResultOrder::Longest } else { usual.order },
        limit: limit.clamp(1, SearchRequest::LIMIT_MAX),
        after: text("after"),
    }
}

/// `now-15m`, milliseconds, or what a `datetime-local` field holds, in UTC.
pub fn time_point(text: &str) -> Option<TimePoint> {
    text.parse().ok().or_else(|| iso::millis_from_iso(text).map(|millis| TimePoint::At { millis }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::option::of;
    use proptest::prelude::*;

    use super::*;

    /// What a browser makes of the address.
    fn parsed(query: &str) -> HashMap<String, String> {
        let pairs = query.strip_prefix('?').unwrap_or(query).split('&').filter(|pair| !pair.is_empty());
        pairs
            .map(|pair| {
                let (key, value) = pair.split_once('=').expect("each pair has a value");
                (key.to_owned(), decoded(value))
            })
            .collect()
    }

    fn decoded(text: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let [first, after @ ..] = rest {
            if *first == b'%' {
                let hex = str::from_utf8(&after[..2]).expect("hex digits");
                bytes.push(u8::from_str_radix(hex, 16).expect("hex digits"));
                rest = &after[2..];
            } else {
                bytes.push(*first);
                rest = after;
            }
        }
        String::from_utf8(bytes).expect("UTF-8")
    }

    fn search(query: &str) -> SearchRequest {
        let parameters = parsed(query);
        search_from_query(|key| parameters.get(key).cloned())
    }

    fn point() -> impl Strategy<Value = TimePoint> {
        prop_oneof![
            (0u64..10_000_000).prop_map(|secs| TimePoint::BeforeNow { secs }),
            any::<u64>().prop_map(|millis| TimePoint::At { millis }),
        ]
    }

    fn word() -> impl Strategy<Value = Option<String>> {
        of("[a-z&=?#%+\"/ é√]{0,12}x")
            .prop_map(|word| word.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()))
    }

    prop_compose! {
        fn request()(
            from in point(), to in point(), service in word(), name in word(), attributes in word(), errors: bool,
            min in word(), max in word(), longest: bool, limit in 1u32..=500, after in word(),
        ) -> SearchRequest {
            let order = if longest { ResultOrder::Longest } else { ResultOrder::Newest };
            SearchRequest { from, to, service, name, attributes, errors, min, max, order, limit, after }
        }
    }

    proptest! {
        #[test]
        fn every_search_survives_the_address_bar(request in request()) {
            prop_assert_eq!(search(&query_from_search(&request)), request);
        }
    }

    #[test]
    fn usual_search_needs_no_parameters_and_empty_fields_of_a_form_count_as_absent() {
        assert_eq!(query_from_search(&SearchRequest::default()), "");
        assert_eq!(search("?service=&name=&min=&from=now-15m&to=now&order=newest"), SearchRequest::default());
    }

    #[test]
    fn unreadable_parameters_count_as_absent() {
        assert_eq!(search("?from=yesterday&to=&limit=many&order=up&errors=maybe"), SearchRequest::default());
        assert_eq!(search("?limit=100000").limit, SearchRequest::LIMIT_MAX);
    }

    #[test]
    fn absolute_times_of_a_form_are_read_as_utc() {
        assert_eq!(search("?from=2026-11-21T14:00").from, TimePoint::At { millis: 1_795_269_600_000 });
        assert_eq!(search("?to=2026-11-21T14:00:21").to, TimePoint::At { millis: 1_795_269_621_000 });
    }

    #[test]
    fn links_of_jaeger_find_the_same_traces() {
        let request = search(
            "?service=cart&operation=GET%20%2Fcart&lookback=2h&minDuration=100ms&maxDuration=&limit=20\
             &tags=%7B%22error%22%3A%22true%22%2C%22http.status_code%22%3A%22503%22%7D",
        );
        let expected = SearchRequest {
            from: TimePoint::BeforeNow { secs: 7_200 },
            service: Some("cart".into()),
            name: Some("GET /cart".into()),
            attributes: Some("http.status_code=503".into()),
            errors: true,
            min: Some("100ms".into()),
            limit: 20,
            ..SearchRequest::default()
        };
        assert_eq!(request, expected);
        let absolute =
            search("?service=cart&operation=all&lookback=custom&start=1700000000000000&end=1700000060000000");
        assert_eq!(absolute.name, None);
        assert_eq!(absolute.from, TimePoint::At { millis: 1_700_000_000_000 });
        assert_eq!(absolute.to, TimePoint::At { millis: 1_700_000_060_000 });
    }
}
