//! Claims about the shop as a whole: it repeats itself, its traces are whole, and its bad days show.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{Span, SpanId, SpanKind, TraceId, TraceTree, Warnings};
use proptest::prelude::*;

use super::Shop;

/// 2026-11-20T12:00:00Z, a moment without trouble.
const NOON: u64 = 1_795_176_000;

fn minutes(seed: u64, from: u64, count: u64) -> Vec<Span> {
    let shop = Shop::new(seed);
    (from..from + 60 * count).flat_map(|second| shop.spans_of(second, 2.0)).collect()
}

fn by_trace(spans: Vec<Span>) -> BTreeMap<TraceId, Vec<Span>> {
    let mut traces: BTreeMap<TraceId, Vec<Span>> = BTreeMap::new();
    for span in spans {
        traces.entry(span.trace_id).or_default().push(span);
    }
    traces
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_seed_and_second_give_the_same_spans(seed: u64, second in 0u64..4_000_000_000, rate in 0.0f64..8.0) {
        let first = Shop::new(seed).spans_of(second, rate);
        prop_assert_eq!(&first, &Shop::new(seed).spans_of(second, rate));
        let other = Shop::new(seed ^ 1).spans_of(second, rate);
        prop_assert!(first.is_empty() || first != other);
    }

    #[test]
    fn every_trace_is_one_whole_tree(seed: u64, second in 0u64..4_000_000_000) {
        for (id, spans) in by_trace(Shop::new(seed).spans_of(second, 8.0)) {
            let tree = TraceTree::build(&spans);
            prop_assert_eq!(tree.rows().iter().filter(|row| row.parent.is_none()).count(), 1, "roots of {}", id);
            prop_assert!(tree.rows().iter().all(|row| row.warnings == Warnings::NONE), "{}", id);
        }
    }

    #[test]
    fn no_span_ends_before_it_begins(seed: u64, second in 0u64..4_000_000_000) {
        for span in Shop::new(seed).spans_of(second, 8.0) {
            prop_assert!(span.start <= span.end, "{}", span.name);
        }
    }
}

#[test]
fn no_two_spans_share_an_id() {
    let spans = minutes(1, NOON, 3);
    let ids: HashSet<SpanId> = spans.iter().map(|span| span.span_id).collect();
    assert!(spans.len() > 3_000, "{}", spans.len());
    assert_eq!(ids.len(), spans.len());
}

#[test]
fn every_reader_of_the_queue_links_to_the_span_that_sent() {
    let spans = minutes(1, NOON, 3);
    let producers: HashSet<(TraceId, SpanId)> =
        spans.iter().filter(|span| span.kind == SpanKind::Producer).map(|span| (span.trace_id, span.span_id)).collect();
    let readers: Vec<&Span> = spans.iter().filter(|span| span.kind == SpanKind::Consumer).collect();
    assert_eq!(readers.len(), 2 * producers.len());
    for reader in readers {
        assert_eq!(reader.parent_span_id, None, "the reader has a trace of its own");
        assert_eq!(reader.links.len(), 1);
        assert!(producers.contains(&(reader.links[0].trace_id, reader.links[0].span_id)));
        assert!(reader.links[0].trace_id != reader.trace_id);
    }
}

#[test]
fn all_services_send_within_five_minutes() {
    let spans = minutes(1, NOON, 5);
    let seen: HashSet<&str> = spans.iter().map(Span::service).collect();
    for facts in &super::services::SERVICES {
        assert!(seen.contains(facts.name), "{}", facts.name);
    }
}

#[test]
fn the_card_company_fails_on_time_and_is_tried_again() {
    let failing = |spans: &[Span]| spans.iter().filter(|span| span.service() == "payment" && span.is_error()).count();
    let from = NOON - NOON % 1_200;
    let good = minutes(1, from, 2);
    let bad = minutes(1, from + 7 * 60, 2);
    assert!(failing(&bad) > 5 * failing(&good) + 20, "{} {}", failing(&bad), failing(&good));
    assert!(bad.iter().any(|span| span.name == "back off"));
    assert!(bad.iter().any(|span| span.attributes.get("http.request.resend_count").is_some()));
}

#[test]
fn some_carts_ask_the_database_once_per_item() {
    let traces = by_trace(minutes(1, NOON, 3));
    let repeated = |spans: &Vec<Span>| {
        let mut by_parent: HashMap<SpanId, usize> = HashMap::new();
        let selects = spans.iter().filter(|span| span.name == "SELECT cart_items");
        selects.for_each(|span| {
            *by_parent.entry(span.parent_span_id.expect("a statement has a caller")).or_default() += 1
        });
        by_parent.values().any(|count| *count >= 8)
    };
    assert!(traces.values().any(repeated));
}

#[test]
fn the_warehouse_reports_times_before_its_callers() {
    let traces = by_trace(minutes(1, NOON, 3));
    let early = |spans: &Vec<Span>| {
        let starts: HashMap<SpanId, _> = spans.iter().map(|span| (span.span_id, span.start)).collect();
        spans.iter().any(|span| span.parent_span_id.is_some_and(|parent| span.start < starts[&parent]))
    };
    assert!(traces.values().any(early));
}
