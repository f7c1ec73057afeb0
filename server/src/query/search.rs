//! A search as people ask it, turned into a question to the store, and back. Not here: asking it (`service`).

use api::{ApiError, ErrorCode, ResultOrder, SearchRequest, TimePoint, TraceItem};
use model::{SpanDuration, TimeRange, UnixNanos};
use storage::{Answer, Order, SearchCapabilities, TraceQuery};

use super::cursor::{self, PageStart};
use super::{duration, filter};

/// A question to the store and the range that it means.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Search {
    pub(super) query: TraceQuery,
    pub(super) from_millis: u64,
    pub(super) to_millis: u64,
}

// === impl Search ===

impl Search {
    /// What `request` means at the moment `now`.
    pub(super) fn new(request: &SearchRequest, now: UnixNanos) -> Result<Search, ApiError> {
        if !(1..=SearchRequest::LIMIT_MAX).contains(&request.limit) {
            return Err(invalid(format!("limit is 1 to {}, not {}", SearchRequest::LIMIT_MAX, request.limit)));
        }
        let order = order_of(request.order);
        let start = request.after.as_deref().map(|text| page_start(text, order)).transpose()?;
        let (from_millis, to_millis) = match start {
            Some(start) => (start.from_millis, start.to_millis),
            None => millis_of(request.from, request.to, now)?,
        };
        let range = TimeRange { from: UnixNanos::from_millis(from_millis), to: UnixNanos::from_millis(to_millis) };
        let (min, max) = (duration_of("min", &request.min)?, duration_of("max", &request.max)?);
        if let (Some(min), Some(max)) = (min, max)
            && min > max
        {
            return Err(invalid("min is longer than max: swap them".to_owned()));
        }
        let attributes = filter::parse(request.attributes.as_deref().unwrap_or_default()).map_err(invalid)?;
        let mut query = TraceQuery::newest(range, request.limit as usize);
        query.service = text_of(&request.service);
        query.name = text_of(&request.name);
        query.errors_only = request.errors;
        query.fields = attributes;
        query.trace_duration_min = min;
        query.trace_duration_max = max;
        query.order = order;
        query.after = start.map(|start| start.cursor);
        Ok(Search { query, from_millis, to_millis })
    }

    /// The page that the store found.
    pub(super) fn page(&self, answer: Answer<storage::TraceList>, claims: SearchCapabilities) -> api::TraceList {
        let next = answer.value.next.map(|cursor| {
            let Search { from_millis, to_millis, .. } = *self;
            cursor::encode(&PageStart { order: self.query.order, cursor, from_millis, to_millis })
        });
        let mut completeness = completeness_of(answer.completeness);
        if !claims.exact_counts && completeness.complete {
            completeness.complete = false;
            completeness.reason = Some("this store does not count exactly".to_owned());
        }
        api::TraceList {
            traces: answer.value.traces.iter().map(TraceItem::from).collect(),
            next,
            completeness,
            from_millis: self.from_millis,
            to_millis: self.to_millis,
        }
    }
}

/// Refuses what the store would only answer approximately.
pub(super) fn check_capabilities(query: &TraceQuery, claims: SearchCapabilities) -> Result<(), ApiError> {
    let unsupported = |what: &str| Err(ApiError::new(ErrorCode::Unsupported, format!("this store cannot {what}")));
    if !query.fields.is_empty() && !claims.attributes {
        return unsupported("search by attributes");
    }
    if query.order == Order::LongestFirst && !claims.order_by_duration {
        return unsupported("order traces by duration");
    }
    Ok(())
}

/// The range in whole milliseconds; `now` is inside it.
pub(super) fn millis_of(from: TimePoint, to: TimePoint, now: UnixNanos) -> Result<(u64, u64), ApiError> {
    let from_millis = from.resolve(now).millis();
    let to_millis = match to {
        TimePoint::At { millis } => millis,
        // The first millisecond after the one that is running.
        TimePoint::BeforeNow { .. } => to.resolve(now).millis() + 1,
    };
    if from_millis >= to_millis {
        return Err(invalid(format!("from ({from}) is not before to ({to}): swap them")));
    }
    Ok((from_millis, to_millis))
}

pub(super) fn completeness_of(completeness: storage::Completeness) -> api::Completeness {
    api::Completeness {
        matched: completeness.matched,
        scanned: completeness.scanned,
        complete: completeness.complete,
        watermark: completeness.watermark,
        reason: completeness.reason,
    }
}

pub(super) fn invalid(detail: String) -> ApiError {
    ApiError::new(ErrorCode::InvalidArgument, detail)
}

/// An empty field of a form means that nothing was asked.
fn text_of(field: &Option<String>) -> Option<String> {
    field.clone().filter(|text| !text.is_empty())
}

fn order_of(order: ResultOrder) -> Order {
    match order {
        ResultOrder::Newest => Order::NewestFirst,
        ResultOrder::Longest => Order::LongestFirst,
    }
}

fn page_start(text: &str, order: Order) -> Result<PageStart, ApiError> {
    let start = cursor::decode(text)
        .ok_or_else(|| invalid("after is no cursor of ours: start at the first page".to_owned()))?;
    if start.order != order {
        return Err(invalid("after belongs to another order: start at the first page".to_owned()));
    }
    Ok(start)
}

fn duration_of(name: &str, field: &Option<String>) -> Result<Option<SpanDuration>, ApiError> {
    let Some(text) = text_of(field) else { return Ok(None) };
    duration::parse(&text).map(Some).map_err(|sentence| invalid(format!("{name}: {sentence}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixNanos = UnixNanos(1_700_000_000_123_456_789);

    fn refusal(request: SearchRequest) -> String {
        Search::new(&request, NOW).expect_err("must be refused").detail
    }

    #[test]
    fn the_millisecond_that_is_running_is_inside_the_range() {
        let search = Search::new(&SearchRequest::default(), NOW).expect("the default is valid");
        assert!(search.query.range.contains(NOW));
        assert_eq!((search.from_millis, search.to_millis), (1_699_999_100_123, 1_700_000_000_124));
    }

    #[test]
    fn the_second_page_keeps_the_range_of_the_first() {
        let request = SearchRequest::default();
        let first = Search::new(&request, NOW).expect("valid");
        let cursor =
            storage::Cursor { key: 5, trace_id: model::TraceId::new([1; 16]).expect("not zero"), watermark: 7 };
        let list = storage::TraceList { traces: Vec::new(), next: Some(cursor) };
        let claims = SearchCapabilities { exact_counts: true, ..SearchCapabilities::default() };
        let page = first.page(Answer { value: list, completeness: storage::Completeness::default() }, claims);
        let later = NOW.after(SpanDuration::from_secs(60));
        let second =
            Search::new(&SearchRequest { after: page.next, ..request.clone() }, later).expect("our own cursor");
        assert_eq!((second.query.range, second.query.after), (first.query.range, Some(cursor)));
        let other = SearchRequest { order: ResultOrder::Longest, after: Some("n1.5.1.1.1.1".to_owned()), ..request };
        assert_eq!(refusal(other), "after belongs to another order: start at the first page");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_name() {
        let base = SearchRequest::default();
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(refusal(SearchRequest { limit: 0, ..base.clone() }), "limit is 1 to 500, not 0");
        assert_eq!(
            refusal(SearchRequest { from: TimePoint::NOW, to: TimePoint::At { millis: 5 }, ..base.clone() }),
            "from (now) is not before to (5): swap them"
        );
        assert_eq!(
            refusal(SearchRequest { min: some("5"), ..base.clone() }),
            "min: a duration is written like 100ms, 1.5s or 2m, not `5`"
        );
        let swapped = SearchRequest { min: some("2s"), max: some("1s"), ..base.clone() };
        assert_eq!(refusal(swapped), "min is longer than max: swap them");
        assert!(refusal(SearchRequest { attributes: some("x"), ..base.clone() }).starts_with("an attribute condition"));
        assert!(refusal(SearchRequest { after: some("x"), ..base }).starts_with("after is no cursor"));
    }

    #[test]
    fn what_a_store_does_not_claim_is_refused() {
        let mut query = TraceQuery::newest(TimeRange::ALL, 1);
        assert_eq!(check_capabilities(&query, SearchCapabilities::default()), Ok(()));
        query.order = Order::LongestFirst;
        assert!(check_capabilities(&query, SearchCapabilities::default()).is_err());
        query.order = Order::NewestFirst;
        query.fields = filter::parse("a=b").expect("a pair");
        assert!(check_capabilities(&query, SearchCapabilities::default()).is_err());
    }
}
