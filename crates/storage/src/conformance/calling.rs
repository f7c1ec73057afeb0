//! Claims about edges: who called whom.

use model::edge::Connection;
use model::testing::span;
use model::{EdgeKey, Node, NodeKind, Span, SpanDuration, SpanId, SpanKind, StatusCode, TimeRange, TraceId, UnixNanos};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::bed::{Bed, edges, write};
use super::data::{DAY, of_service, timed};
use crate::{EdgeSeries, EdgesQuery, MemoryStore, Store};

const MINUTE: u64 = 60_000_000_000;

fn query() -> EdgesQuery {
    EdgesQuery { range: TimeRange::ALL, step: None, node: None, provisional: true }
}

/// A span of `service` below `parent`.
fn half(trace: u8, id: u8, parent: u8, service: &str, kind: SpanKind) -> Span {
    let mut span = of_service(timed(trace, id, 0, 100 + u64::from(id)), service);
    span.parent_span_id = SpanId::new([parent; 8]);
    span.kind = kind;
    span
}

/// `web -> cart 1/0 of 1` for each edge: calls, durations seen by clients, of servers, and calls that are provisional.
fn drawn(series: &[EdgeSeries]) -> Vec<String> {
    let lines = series.iter().flat_map(|EdgeSeries { key, points }| {
        points.iter().map(move |point| {
            let (clients, servers) = (point.cell.client.count(), point.cell.server.count());
            let (from, to, calls) = (&key.client.name, &key.server.name, point.cell.calls);
            format!("{from} -> {to} {calls}: {clients}/{servers}, provisional {}", point.calls_provisional)
        })
    });
    lines.collect()
}

pub fn two_halves_are_one_call_in_either_order(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut failed = half(2, 2, 1, "cart", SpanKind::Server);
    failed.status.code = StatusCode::Error;
    write(&*store, &[half(1, 1, 9, "web", SpanKind::Client)]);
    write(&*store, &[half(1, 2, 1, "cart", SpanKind::Server), failed]);
    write(&*store, &[half(2, 1, 9, "web", SpanKind::Client)]);
    let found = edges(&*store, query());
    assert_eq!(drawn(&found), ["web -> cart 2: 2/2, provisional 0"]);
    let cell = &found[0].points[0].cell;
    assert_eq!((cell.errors, cell.exemplars.failed.map(|failed| failed.trace_id)), (1, TraceId::new([2; 16])));
    let key = EdgeKey { client: Node::service("web"), server: Node::service("cart"), connection: Connection::Call };
    assert_eq!(found[0].key, key);
}

pub fn what_reports_no_spans_is_a_node(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut asks = half(1, 1, 0, "cart", SpanKind::Client);
    asks.attributes.set("db.system.name", "postgresql");
    asks.attributes.set("server.address", "db");
    write(&*store, &[asks, half(2, 1, 0, "web", SpanKind::Server), half(3, 1, 0, "web", SpanKind::Internal)]);
    let found = edges(&*store, EdgesQuery { provisional: false, ..query() });
    let kinds: Vec<_> = found.iter().map(|series| (series.key.client.kind, series.key.server.kind)).collect();
    assert_eq!(kinds, [(NodeKind::Service, NodeKind::Database), (NodeKind::User, NodeKind::Service)]);
}

pub fn a_half_waits_and_is_provisional(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[half(1, 1, 9, "web", SpanKind::Client)]);
    assert_eq!(drawn(&edges(&*store, query())), ["web -> unknown 1: 1/0, provisional 1"]);
    let last = EdgesQuery { provisional: false, ..query() };
    assert_eq!(edges(&*store, last.clone()), []);
    write(&*store, &[half(1, 2, 1, "cart", SpanKind::Server)]);
    assert_eq!(drawn(&edges(&*store, query())), ["web -> cart 1: 1/1, provisional 0"]);
    assert_eq!(edges(&*store, last), edges(&*store, query()));
}

pub fn calls_are_counted_by_minute_and_by_node(bed: &mut dyn Bed) {
    let store = bed.store();
    let root = |trace: u8, service: &str, minute: u64| {
        let mut span = of_service(timed(trace, 1, minute * MINUTE, 5), service);
        span.kind = SpanKind::Server;
        span
    };
    write(&*store, &[root(1, "web", 0), root(2, "web", 1), root(3, "web", 3)]);
    write(&*store, &[root(4, "web", 1), root(5, "shop", 1), root(6, "web", 0)]);
    let range = TimeRange { from: DAY, to: UnixNanos(DAY.0 + 2 * MINUTE) };
    let by_minute = EdgesQuery { range, step: Some(SpanDuration(MINUTE)), node: Some(Node::service("web")), ..query() };
    let found = edges(&*store, by_minute.clone());
    let points: Vec<_> = found.iter().flat_map(|series| &series.points).collect();
    let points: Vec<_> = points.into_iter().map(|point| ((point.start.0 - DAY.0) / MINUTE, point.cell.calls)).collect();
    assert_eq!((found.len(), points), (1, vec![(0, 2), (1, 2)]));
    let of_users = edges(&*store, EdgesQuery { node: Some(Node::user()), step: None, ..by_minute.clone() });
    assert_eq!(drawn(&of_users).len(), 2);
    assert_eq!(edges(&*store, EdgesQuery { node: Some(Node::service("user")), ..by_minute }), []);
}

pub fn a_span_that_comes_again_is_no_second_call(bed: &mut dyn Bed) {
    let store = bed.store();
    let call = [half(1, 1, 9, "web", SpanKind::Client), half(1, 2, 1, "cart", SpanKind::Server)];
    write(&*store, &call);
    write(&*store, &call[1..]);
    write(&*store, &call);
    assert_eq!(drawn(&edges(&*store, query())), ["web -> cart 1: 1/1, provisional 0"]);
}

pub fn a_half_waits_on_after_reopening(bed: &mut dyn Bed) {
    write(&*bed.store(), &[half(1, 1, 9, "web", SpanKind::Client), half(2, 2, 1, "cart", SpanKind::Server)]);
    bed.reopen();
    write(&*bed.store(), &[half(1, 2, 1, "cart", SpanKind::Server), half(2, 1, 9, "web", SpanKind::Client)]);
    assert_eq!(drawn(&edges(&*bed.store(), query())), ["web -> cart 2: 2/2, provisional 0"]);
    bed.reopen();
    assert_eq!(drawn(&edges(&*bed.store(), query())), ["web -> cart 2: 2/2, provisional 0"]);
}

prop_compose! {
    /// A span numbered `id`; its parent is any of twelve, some of which never come.
    fn any_half(id: u8)(
        trace in 0u8..2, parent in 0u8..14, service in 0u8..3, kind in 1i64..6, peer in 0u8..4, minute in 0u64..3,
        nanos in 1u64..1_000_000, is_error: bool,
    ) -> Span {
        let mut span = of_service(span(1 + trace, id, SpanId::new([parent; 8])), ["web", "cart", "pay"][usize::from(service)]);
        span.kind = SpanKind::from_number(kind);
        span.start = UnixNanos(DAY.0 + minute * MINUTE);
        span.end = span.start.after(SpanDuration(nanos));
        span.status.code = if is_error { StatusCode::Error } else { StatusCode::Unset };
        match peer {
            0 => span.attributes.set("db.system.name", "postgresql"),
            1 => span.attributes.set("server.address", "api.example.com"),
            _ => {}
        }
        span
    }
}

/// Up to twelve spans of two traces in any order, no id twice, cut into batches.
fn any_halves() -> impl Strategy<Value = Vec<Vec<Span>>> {
    let spans = (1u8..13).prop_flat_map(|count| (1..=count).map(any_half).collect::<Vec<_>>()).prop_shuffle();
    (spans, 1usize..5).prop_map(|(spans, batch)| spans.chunks(batch).map(<[Span]>::to_vec).collect())
}

/// Each case has traces of its own, so an engine need not wait longer than a case lasts. Every fourth is cut by reopening.
pub fn edges_equal_those_of_the_oracle(bed: &mut dyn Bed) {
    let oracle = MemoryStore::new();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    for case in 0..bed.random_cases() {
        let mut batches = any_halves().new_tree(&mut runner).expect("a case").current();
        for span in batches.iter_mut().flatten() {
            let mut id = *span.trace_id.bytes();
            id[..4].copy_from_slice(&case.to_be_bytes());
            span.trace_id = TraceId::new(id).expect("the rest is not zero");
        }
        let cut = batches.len() / 2;
        for (number, batch) in batches.iter().enumerate() {
            if case % 4 == 3 && number == cut {
                bed.reopen();
            }
            assert_eq!(write(&*bed.store(), batch).spans, write(&oracle, batch).spans);
        }
        compare(&*bed.store(), &oracle);
    }
}

fn compare(store: &dyn Store, oracle: &dyn Store) {
    for node in [None, Some(Node::service("cart"))] {
        for step in [None, Some(SpanDuration(MINUTE))] {
            let all = EdgesQuery { step, node: node.clone(), ..query() };
            let (engine, expected) = (edges(store, all.clone()), edges(oracle, all.clone()));
            let cells = |series: &[EdgeSeries]| -> Vec<_> {
                let cells = series.iter().flat_map(|series| series.points.iter().map(|point| (&series.key, point)));
                cells.map(|(key, point)| (key.clone(), point.start, point.cell.clone())).collect()
            };
            assert_eq!(cells(&engine), cells(&expected));
            // What is not provisional is there without it, and nothing else.
            let last = edges(store, EdgesQuery { provisional: false, ..all });
            let calls = |series: &[EdgeSeries], less: bool| -> Vec<_> {
                let points = series.iter().flat_map(|series| series.points.iter().map(|point| (&series.key, point)));
                let calls = points.map(|(key, point)| {
                    (key.clone(), point.start, point.cell.calls - if less { point.calls_provisional } else { 0 })
                });
                calls.filter(|(.., calls)| *calls > 0).collect()
            };
            assert_eq!(calls(&engine, true), calls(&last, false));
        }
    }
}
