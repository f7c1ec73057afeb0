//! What the search benchmark asks. Not here: the store that it asks.

use model::{SpanDuration, TimeRange, TraceId, UnixNanos};
use storage::conformance::block_on;
use storage::{
    AttributesWanted, Comparison, Count, EdgesQuery, Field, FieldCondition, Literal, NamesQuery, Order, RedQuery,
    TraceQuery, TraceReader, ValueTest,
};
use storage_sled::SledStore;

/// About the third of ten million spans.
const SOME_TIME: TimeRange =
    TimeRange { from: UnixNanos(1_767_225_900_000_000_000), to: UnixNanos(1_767_226_500_000_000_000) };

pub(crate) type Question = Box<dyn Fn(&SledStore, usize) -> u64>;

pub(crate) fn all() -> Vec<(&'static str, Question)> {
    let search = |make: fn(usize) -> TraceQuery| -> Question {
        Box::new(move |store, round| {
            let answer = block_on(store.search(make(round))).expect("answers");
            assert!(answer.completeness.complete);
            answer.completeness.matched
        })
    };
    let names = |make: fn() -> NamesQuery| -> Question {
        Box::new(move |store, _| block_on(store.names(make())).expect("answers").completeness.matched)
    };
    vec![
        ("newest 20 of all, counted", search(|_| newest())),
        ("newest 20 of all", search(|_| TraceQuery { count: Count::None, ..newest() })),
        ("newest 20 by service, attribute, min duration, counted", search(typical)),
        ("newest 20 by service, attribute, min duration", search(|n| TraceQuery { count: Count::None, ..typical(n) })),
        ("newest 20 by number at least, counted", search(|_| by_status())),
        (
            "rare value of a key with few values, counted",
            search(|n| by_form("network.peer.port", &(40_000 + n).to_string())),
        ),
        ("value that is nowhere, counted", search(|n| by_form("app.user.id", &n.to_string()))),
        ("text contains, counted", search(|_| containing())),
        ("newest 20 of a service, counted", search(|n| of_service(n, newest()))),
        ("newest 20 by service, name, min duration, counted", search(by_name)),
        ("newest 20 by service, attribute, counted", search(|n| of_service(n, by_form("app.tenant", "gold")))),
        ("newest 20 by common attribute, counted", search(|_| by_form("app.tenant", "gold"))),
        ("newest 20 failed of some time, counted", search(|_| failed())),
        ("longest 20 by service, attribute, min duration, time, counted", search(longest_of_some_time)),
        ("newest 20 by min duration of trace, counted", search(|_| lasting())),
        ("longest 20, counted", search(|_| TraceQuery { order: Order::LongestFirst, ..newest() })),
        ("longest 20", search(|_| TraceQuery { order: Order::LongestFirst, count: Count::None, ..newest() })),
        ("RED of all services of a day", red(of_all())),
        ("RED of entry spans of a day by half hours", red(by_half_hours())),
        ("edges of a day", Box::new(|store, _| edges(store))),
        ("keys of attributes", names(|| NamesQuery::AttributeKeys(wanted()))),
        ("values of http.route", names(|| NamesQuery::AttributeValues { key: "http.route".into(), wanted: wanted() })),
        (
            "values of app.user.id",
            names(|| NamesQuery::AttributeValues { key: "app.user.id".into(), wanted: wanted() }),
        ),
    ]
}

fn red(query: RedQuery) -> Question {
    Box::new(move |store, _| block_on(store.red(query.clone())).expect("answers").completeness.matched)
}

fn of_all() -> RedQuery {
    RedQuery { range: TimeRange::ALL, step: None, service: None, by_name: false, entry_only: false }
}

fn by_half_hours() -> RedQuery {
    let range = TimeRange { from: UnixNanos(1_767_225_600_000_000_000), to: UnixNanos(u64::MAX) };
    RedQuery { range, step: Some(SpanDuration::from_secs(1_800)), entry_only: true, ..of_all() }
}

fn edges(store: &SledStore) -> u64 {
    let query = EdgesQuery { range: TimeRange::ALL, step: None, node: None, provisional: true };
    block_on(store.edges(query)).expect("answers").completeness.matched
}

fn newest() -> TraceQuery {
    TraceQuery::newest(TimeRange::ALL, 20)
}

fn typical(round: usize) -> TraceQuery {
    let service = ["cart", "checkout", "payment", "frontend"][round % 4];
    TraceQuery {
        service: Some(service.to_owned()),
        fields: vec![FieldCondition::of_form("app.tenant", "gold")],
        span_duration_min: Some(SpanDuration(50_000_000)),
        ..newest()
    }
}

fn of_service(round: usize, query: TraceQuery) -> TraceQuery {
    TraceQuery { service: Some(["cart", "checkout", "payment", "shipping"][round % 4].to_owned()), ..query }
}

fn by_name(round: usize) -> TraceQuery {
    let query = of_service(round, newest());
    let name = query.service.as_ref().map(|service| format!("GET /api/{service}/{{id}}"));
    TraceQuery { name, span_duration_min: Some(SpanDuration(50_000_000)), ..query }
}

fn failed() -> TraceQuery {
    TraceQuery { errors_only: true, range: SOME_TIME, ..newest() }
}

fn longest_of_some_time(round: usize) -> TraceQuery {
    TraceQuery { order: Order::LongestFirst, range: SOME_TIME, ..typical(round) }
}

fn lasting() -> TraceQuery {
    TraceQuery { trace_duration_min: Some(SpanDuration(500_000_000)), ..newest() }
}

/// The trace of which most spans are found in a list of long ones.
pub(crate) fn largest(store: &SledStore) -> TraceId {
    let long = TraceQuery { order: Order::LongestFirst, limit: 200, ..newest() };
    let found = block_on(store.search(long)).expect("answers").value.traces;
    found.iter().max_by_key(|trace| trace.spans).expect("there are traces").trace_id
}

fn by_status() -> TraceQuery {
    let test = ValueTest::Compares(Comparison::GreaterOrEqual, Literal::Int(500));
    TraceQuery { fields: vec![FieldCondition::new(Field::any("http.response.status_code"), test)], ..newest() }
}

fn by_form(key: &str, value: &str) -> TraceQuery {
    TraceQuery { fields: vec![FieldCondition::of_form(key, value)], ..newest() }
}

fn containing() -> TraceQuery {
    let test = ValueTest::Contains("SELECT id, body FROM pay".into());
    TraceQuery { fields: vec![FieldCondition::new(Field::any("db.query.text"), test)], ..newest() }
}

fn wanted() -> AttributesWanted {
    AttributesWanted::most_frequent(TimeRange::ALL, 20)
}
