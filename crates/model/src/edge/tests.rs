//! The matcher against the plain rules, and the rules by example.

mod examples;

use proptest::prelude::*;

use super::*;
use crate::batch::{BatchBuilder, SpanBatch};
use crate::rollup::EdgeCells;
use crate::span::{Link, Span, SpanKind, StatusCode};
use crate::testing::{resource, span};
use crate::time::UnixNanos;
use crate::{Attributes, SpanId, TraceId};

fn batch(spans: &[Span]) -> SpanBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish().expect("tests send at least one span")
}

/// What spans say about peers in the random cases.
const PEERS: [&[(&str, &str)]; 13] = [
    &[],
    &[],
    &[("db.system.name", "postgresql")],
    &[("messaging.system", "kafka"), ("messaging.destination.name", "a")],
    &[("messaging.system", "kafka"), ("messaging.operation.type", "receive")],
    &[("messaging.system", "kafka"), ("messaging.operation.type", "settle")],
    &[("server.address", "api.example.com")],
    &[("server.address", ""), ("network.peer.address", "10.0.0.1")],
    &[("server.address", ""), ("network.peer.address", "10.0.0.2")],
    &[("server.address", "api.example.com"), ("network.peer.address", "10.0.0.1")],
    &[("network.peer.address", "10.0.0.2"), ("server.address", "api.example.com")],
    &[("peer.service", "service 1")],
    &[("rpc.system", "grpc"), ("rpc.service", "shop.Cart")],
];

fn link(trace: u8, span: u8) -> Link {
    Link {
        trace_id: TraceId::new([trace; 16]).expect("from 1"),
        span_id: SpanId::new([span; 8]).expect("from 1"),
        trace_state: String::new(),
        flags: 0,
        attributes: Attributes::new(),
        attributes_dropped: 0,
    }
}

prop_compose! {
    /// A span numbered `id`; its parent and links are any of twelve, some of which never come.
    fn any_span(id: u8)(
        trace in 1u8..3, parent in 0u8..14, service in 0u8..3, kind in 1i64..6, peer in 0..PEERS.len(),
        links in prop::collection::vec((1u8..3, 1u8..14), 0..2), minute in 0u64..2, nanos in 1u64..1_000_000,
        is_error: bool,
    ) -> Span {
        let mut span = span(trace, id, SpanId::new([parent; 8]));
        span.resource = resource(&format!("service {service}"));
        span.kind = SpanKind::from_number(kind);
        PEERS[peer].iter().for_each(|(key, value)| span.attributes.set(*key, *value));
        span.links = links.into_iter().map(|(trace, span)| link(trace, span)).collect();
        span.start = UnixNanos(minute * 60_000_000_000);
        span.end = UnixNanos(span.start.0 + nanos);
        span.status.code = if is_error { StatusCode::Error } else { StatusCode::Unset };
        span
    }
}

/// Up to twelve spans of two traces in any order, no id twice in a trace.
fn any_spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec(any::<()>(), 1..13)
        .prop_flat_map(|places| (1..=places.len() as u8).map(any_span).collect::<Vec<_>>())
        .prop_shuffle()
}

/// Sends the spans in batches that end at each of `cuts`, with the end of a generation after some of them.
fn matched(spans: &[Span], cuts: &[usize], generations: usize) -> EdgeCells {
    let mut matcher = Matcher::default();
    let mut sum = EdgeCells::default();
    let mut rest = spans;
    for (number, cut) in cuts.iter().enumerate() {
        let (first, others) = rest.split_at((*cut).min(rest.len()));
        rest = others;
        if !first.is_empty() {
            matcher.add(&batch(first));
        }
        if number < generations {
            sum.merge(matcher.end_generation());
        }
    }
    if !rest.is_empty() {
        matcher.add(&batch(rest));
    }
    sum.merge(matcher.finish());
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_order_and_any_batches_give_the_edges_of_the_whole(
        spans in any_spans(), cuts in prop::collection::vec(0usize..6, 0..5), generations in 0..=GENERATIONS_WAITED,
    ) {
        prop_assert_eq!(matched(&spans, &cuts, generations), plain::edges(&spans).all());
    }

    #[test]
    fn counted_and_provisional_are_at_every_moment_the_edges_of_what_came(spans in any_spans()) {
        let mut matcher = Matcher::default();
        for count in 1..=spans.len() {
            matcher.add(&batch(&spans[count - 1..count]));
            let plain = plain::edges(&spans[..count]);
            prop_assert_eq!(matcher.counted(), plain.counted);
            prop_assert_eq!(matcher.provisional(), plain.provisional);
        }
    }

    #[test]
    fn what_was_counted_is_never_taken_back(spans in any_spans()) {
        let mut matcher = Matcher::default();
        let mut before = EdgeCells::default();
        for span in &spans {
            matcher.add(&batch(std::slice::from_ref(span)));
            let counted = matcher.counted();
            for (key, minute, cell) in before.iter() {
                let now = counted.iter().find(|(other, at, _)| *other == key && *at == minute).map(|(.., cell)| cell.calls);
                prop_assert!(now >= Some(cell.calls));
            }
            before = counted;
        }
    }

    #[test]
    fn repetitions_change_nothing(spans in any_spans(), again in prop::collection::vec(0usize..13, 0..8)) {
        let repeated: Vec<Span> = again.iter().filter_map(|place| spans.get(*place)).cloned().collect();
        let all = [spans.clone(), repeated].concat();
        prop_assert_eq!(matched(&all, &[], 0), plain::edges(&spans).all());
    }

    /// As after a crash: what was counted and what waited is on disk together, and the spans can be read again.
    #[test]
    fn a_restart_loses_and_doubles_no_half(spans in any_spans(), cut: prop::sample::Index, generations in 1..=GENERATIONS_WAITED) {
        let (before, after) = spans.split_at(cut.index(spans.len()));
        let mut matcher = Matcher::default();
        let mut sum = EdgeCells::default();
        if !before.is_empty() {
            matcher.add(&batch(before));
        }
        let mut bytes = Vec::new();
        for _ in 0..generations {
            sum.merge(matcher.end_generation());
            bytes.clear();
            matcher.encode_halves(&mut bytes);
            let mut restarted = Matcher::decode_halves(&bytes, SPANS_MAX).expect("our own bytes");
            prop_assert_eq!(restarted.provisional(), matcher.provisional());
            let mut again = Vec::new();
            restarted.encode_halves(&mut again);
            prop_assert_eq!(&again, &bytes);
            if !before.is_empty() {
                restarted.remember(&batch(before));
            }
            matcher = restarted;
        }
        if !after.is_empty() {
            matcher.add(&batch(after));
        }
        sum.merge(matcher.finish());
        prop_assert_eq!(sum, plain::edges(&spans).all());
    }

    #[test]
    fn damaged_halves_are_refused_or_are_other_halves(spans in any_spans(), place: prop::sample::Index, byte: u8) {
        let mut matcher = Matcher::default();
        matcher.add(&batch(&spans));
        matcher.end_generation();
        let mut bytes = Vec::new();
        matcher.encode_halves(&mut bytes);
        for length in 0..bytes.len() {
            prop_assert!(Matcher::decode_halves(&bytes[..length], SPANS_MAX).is_err());
        }
        let at = place.index(bytes.len());
        bytes[at] = byte;
        if let Ok(mut read) = Matcher::decode_halves(&bytes, 0) {
            read.add(&batch(&spans));
            prop_assert!(read.finish().iter().all(|(.., cell)| cell.calls > 0));
        }
    }

    /// Calls of two halves each, in any order, and room for fewer than ten of them.
    #[test]
    fn a_small_memory_loses_and_doubles_no_half(halves in Just((0u8..60).collect::<Vec<_>>()).prop_shuffle()) {
        let mut matcher = Matcher::new(0);
        for half in halves {
            let parent = SpanId::new([1; 8]).filter(|_| half % 2 == 1);
            let mut span = span(1 + half / 2, 1 + half % 2, parent);
            span.kind = if parent.is_some() { SpanKind::Server } else { SpanKind::Client };
            span.resource = resource(if parent.is_some() { "cart" } else { "web" });
            matcher.add(&batch(&[span]));
            prop_assert!(matcher.remembered() <= 2 + 2 * LINKS_MAX);
        }
        let edges = matcher.finish();
        let sum = |count: fn(&EdgeCell) -> u64| -> u64 { edges.iter().map(|(.., cell)| count(cell)).sum() };
        prop_assert_eq!((sum(|cell| cell.client.count()), sum(|cell| cell.server.count())), (30, 30));
    }
}
