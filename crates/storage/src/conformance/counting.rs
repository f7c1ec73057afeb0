//! Claims about names and counts.

use model::{RedCell, SpanDuration, SpanId, SpanKind, StatusCode, TimeRange, UnixNanos};

use super::bed::{Bed, names, red, write};
use super::data::{DAY, of_service, timed};
use crate::{
    AttributeScope, AttributeValue, AttributesWanted, NameOrder, Names, NamesQuery, OperationName, RedPoint, RedQuery,
    RedSeries, ServiceName, ValueKind,
};

const MINUTE: u64 = 60_000_000_000;

pub fn services_are_counted(bed: &mut dyn Bed) {
    let store = bed.store();
    assert_eq!(names(&*store, NamesQuery::Services), Names::Services(vec![]));
    write(&*store, &[of_service(timed(1, 1, 0, 0), "shop"), of_service(timed(1, 2, 0, 0), "pay")]);
    write(&*store, &[of_service(timed(1, 2, 0, 0), "pay"), of_service(timed(1, 3, 0, 0), "pay")]);
    let count = |service: &str, spans| ServiceName { service: service.into(), spans };
    assert_eq!(names(&*store, NamesQuery::Services), Names::Services(vec![count("pay", 2), count("shop", 1)]));
}

pub fn operations_are_counted_by_kind(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut served = timed(1, 1, 0, 0);
    served.kind = SpanKind::Server;
    served.name = "get".into();
    let mut called = served.clone();
    called.kind = SpanKind::Client;
    write(&*store, &[served, called, of_service(timed(1, 9, 0, 0), "pay")]);
    let operation =
        |service: &str, name: &str, kind| OperationName { service: service.into(), name: name.into(), kind, spans: 1 };
    let all = names(&*store, NamesQuery::Operations { service: None, kind: None });
    let expected = vec![
        operation("pay", "op 9", SpanKind::Internal),
        operation("shop", "get", SpanKind::Server),
        operation("shop", "get", SpanKind::Client),
    ];
    assert_eq!(all, Names::Operations(expected.clone()));
    let some = |service: Option<&str>, kind| {
        names(&*store, NamesQuery::Operations { service: service.map(str::to_owned), kind })
    };
    assert_eq!(some(Some("pay"), None), Names::Operations(expected[..1].to_vec()));
    assert_eq!(some(None, Some(SpanKind::Client)), Names::Operations(expected[2..].to_vec()));
    assert_eq!(some(Some("nobody"), None), Names::Operations(vec![]));
}

pub fn keys_and_values_of_attributes_are_counted_by_span(bed: &mut dyn Bed) {
    let store = bed.store();
    let with = |id: u8, pairs: &[(&str, model::Value)]| {
        let mut span = timed(1, id, id.into(), 1);
        pairs.iter().for_each(|(key, value)| span.attributes.set(*key, value.clone()));
        span
    };
    let mut twice = with(1, &[("k", "v".into()), ("k2", 1.into())]);
    for value in ["v", "v", "w"] {
        let mut attributes = model::Attributes::new();
        attributes.set("k", value);
        twice.events.push(model::Event { time: DAY, name: "e".into(), attributes, attributes_dropped: 0 });
    }
    let other = of_service(with(3, &[("k", 1.into()), ("other", true.into())]), "pay");
    write(&*store, &[twice, with(2, &[("k", "w".into()), ("k2", model::Value::Empty)]), other]);
    let wanted = || AttributesWanted {
        prefix: "k".into(),
        service: Some("shop".into()),
        ..AttributesWanted::most_frequent(TimeRange::ALL, 10)
    };
    let keys = |wanted| match names(&*store, NamesQuery::AttributeKeys(wanted)) {
        Names::AttributeKeys(keys) => keys,
        other => panic!("{other:?}"),
    };
    let counted = |name: &str, spans| (name.to_owned(), spans);
    assert_eq!(keys(wanted()), [counted("k", 2), counted("k2", 2)], "a span counts once, however often it has the key");
    assert_eq!(keys(AttributesWanted { scope: AttributeScope::Event, ..wanted() }), [counted("k", 1)]);
    assert_eq!(keys(AttributesWanted { limit: 1, ..wanted() }), [counted("k", 2)]);
    let range = TimeRange { from: UnixNanos(DAY.0 + 2), to: UnixNanos(DAY.0 + 3) };
    assert_eq!(keys(AttributesWanted { range, ..wanted() }), [counted("k", 1), counted("k2", 1)]);
    let values = |order, scope| {
        let wanted = AttributesWanted { order, scope, ..AttributesWanted::most_frequent(TimeRange::ALL, 10) };
        match names(&*store, NamesQuery::AttributeValues { key: "k".into(), wanted }) {
            Names::AttributeValues(values) => values,
            other => panic!("{other:?}"),
        }
    };
    let value = |form: &str, kind, spans| (AttributeValue { form: form.to_owned(), kind }, spans);
    let (one, v, w) = (value("1", ValueKind::Int, 1), value("v", ValueKind::Text, 1), value("w", ValueKind::Text, 2));
    assert_eq!(values(NameOrder::MostSpans, AttributeScope::Any), [w.clone(), one.clone(), v.clone()]);
    assert_eq!(values(NameOrder::ByName, AttributeScope::Any), [one, v.clone(), w]);
    assert_eq!(values(NameOrder::ByName, AttributeScope::Event), [v, value("w", ValueKind::Text, 1)]);
}

fn query() -> RedQuery {
    let range = TimeRange { from: DAY, to: UnixNanos(DAY.0 + 3 * MINUTE) };
    RedQuery { range, step: Some(SpanDuration(MINUTE)), service: None, by_name: false, entry_only: false }
}

fn cell(spans: &[(u64, bool)]) -> RedCell {
    let mut cell = RedCell::default();
    spans.iter().for_each(|(duration, failed)| cell.add(SpanDuration(*duration), *failed));
    cell
}

pub fn red_counts_by_minute_and_service(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut failed = timed(1, 2, MINUTE - 1, 700);
    failed.status.code = StatusCode::Error;
    write(
        &*store,
        &[timed(1, 1, 0, 500), failed.clone(), timed(1, 3, 2 * MINUTE, 9), of_service(timed(1, 4, MINUTE, 1), "pay")],
    );
    write(&*store, &[failed, timed(2, 1, 3 * MINUTE, 9)]);
    let point =
        |minute: u64, spans: &[(u64, bool)]| RedPoint { start: UnixNanos(DAY.0 + minute * MINUTE), cell: cell(spans) };
    let pay = RedSeries { service: "pay".into(), name: None, points: vec![point(1, &[(1, false)])] };
    let first = point(0, &[(500, false), (700, true)]);
    let shop = RedSeries { service: "shop".into(), name: None, points: vec![first, point(2, &[(9, false)])] };
    assert_eq!(
        red(&*store, query()),
        [pay, shop.clone()],
        "a span at the end of the range is outside, a duplicate counts once"
    );
    assert_eq!(red(&*store, RedQuery { service: Some("shop".into()), ..query() }), std::slice::from_ref(&shop));
    let whole = RedQuery { step: None, service: Some("shop".into()), ..query() };
    let joined = RedSeries { points: vec![point(0, &[(500, false), (700, true), (9, false)])], ..shop };
    assert_eq!(red(&*store, whole), [joined]);
}

pub fn red_by_name_and_entry_only(bed: &mut dyn Bed) {
    let store = bed.store();
    let inner = |id: u8, kind| {
        let mut span = timed(1, id, 0, 5);
        span.parent_span_id = SpanId::new([1; 8]);
        span.kind = kind;
        span
    };
    let spans = [
        timed(1, 1, 0, 5),
        inner(2, SpanKind::Internal),
        inner(3, SpanKind::Server),
        inner(4, SpanKind::Consumer),
        inner(5, SpanKind::Client),
    ];
    write(&*store, &spans);
    let series = red(&*store, RedQuery { by_name: true, entry_only: true, ..query() });
    let names: Vec<_> = series.iter().map(|series| series.name.as_deref()).collect();
    assert_eq!(names, [Some("op 1"), Some("op 3"), Some("op 4")]);
    let calls: u64 = red(&*store, query()).iter().flat_map(|series| &series.points).map(|point| point.cell.calls).sum();
    assert_eq!(calls, 5);
}
