//! Cells merge in any grouping and order, and their bytes come back or are refused.

use proptest::prelude::*;

use super::*;
use crate::TraceId;
use crate::edge::{Call, Connection, Node, NodeKind};
use crate::span::SpanKind;

fn trace_id() -> impl Strategy<Value = TraceId> {
    (1u8..=255).prop_map(|byte| TraceId::new([byte; 16]).expect("from 1"))
}

/// Also the odd ones: zero, and the longest there is.
fn duration() -> impl Strategy<Value = SpanDuration> {
    prop_oneof![0u64..100, 0u64..10_000_000_000, Just(u64::MAX)].prop_map(SpanDuration)
}

fn minute() -> impl Strategy<Value = u32> {
    prop_oneof![0u32..3, 29_000_000u32..29_000_003, Just(u32::MAX)]
}

prop_compose! {
    fn node()(kind in 0..NodeKind::ALL.len(), name in "[a-cü]{0,3}") -> Node {
        Node::new(NodeKind::ALL[kind], &name)
    }
}

prop_compose! {
    fn call()(
        client in node(), server in node(), connection in 0..Connection::ALL.len(), minute in minute(),
        trace_id in trace_id(), sides in 1u8..4, waited in duration(), worked in duration(), is_error: bool,
    ) -> (EdgeKey, u32, Call) {
        let client_side = (sides & 1 != 0).then_some(waited);
        let server_side = (sides & 2 != 0).then_some(worked);
        let call = Call { trace_id, client: client_side, server: server_side, is_error };
        (EdgeKey { client, server, connection: Connection::ALL[connection] }, minute, call)
    }
}

prop_compose! {
    fn red_span()(
        service in "[ab]", name in "[a-d]{0,2}", kind in 1i64..6, is_entry: bool, minute in minute(),
        trace_id in trace_id(), duration in duration(), is_error: bool, weight in prop_oneof![Just(65_536), any::<u64>()],
    ) -> (RedKey, u32, RedDetail) {
        let kind = SpanKind::from_number(kind);
        let mut detail = RedDetail::default();
        detail.add(trace_id, duration, is_error, weight);
        (RedKey { service: service.into(), name: name.into(), kind, is_entry }, minute, detail)
    }
}

fn edges_of(calls: &[(EdgeKey, u32, Call)]) -> EdgeCells {
    let mut edges = EdgeCells::default();
    for (key, minute, call) in calls {
        let mut cell = EdgeCell::default();
        cell.add(call);
        edges.add(key.clone(), *minute, cell);
    }
    edges
}

fn red_of(spans: &[(RedKey, u32, RedDetail)]) -> RedCells {
    let mut red = RedCells::default();
    spans.iter().for_each(|(key, minute, cell)| red.add(key.clone(), *minute, cell.clone()));
    red
}

fn edge_bytes(edges: &EdgeCells) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_edges(edges, &mut bytes);
    bytes
}

fn red_bytes(red: &RedCells) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_red(red, &mut bytes);
    bytes
}

fn minutes_of<K: Clone, C: OfMinute>(flat: &Flat<K, C>) -> Vec<(K, u32)> {
    let of_key = |(key, places): (&K, std::ops::Range<usize>)| {
        flat.cells()[places].iter().map(|cell| (key.clone(), cell.minute())).collect::<Vec<_>>()
    };
    flat.series().flat_map(of_key).collect()
}

/// A piece of the list, shuffled: (order, cuts).
fn groups<T: Clone>(items: &[T], places: &[prop::sample::Index]) -> Vec<Vec<T>> {
    let mut groups = vec![Vec::new(); 4];
    for (item, place) in items.iter().zip(places) {
        groups[place.index(4)].push(item.clone());
    }
    groups.iter_mut().for_each(|group| group.reverse());
    groups
}

proptest! {
    #[test]
    fn edges_merged_in_any_grouping_and_order_equal_all_at_once(
        calls in prop::collection::vec(call(), 0..40), places in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let mut sums: Vec<EdgeCells> = groups(&calls, &places).iter().map(|group| edges_of(group)).collect();
        let (mut right, mut left) = (EdgeCells::default(), EdgeCells::default());
        for sum in sums.clone() {
            right.merge(sum);
        }
        while let Some(sum) = sums.pop() {
            left.merge(sum);
        }
        let whole = edges_of(&calls);
        prop_assert_eq!(&right, &whole);
        prop_assert_eq!(&left, &whole);
    }

    #[test]
    fn red_merged_in_any_grouping_and_order_equals_all_at_once(
        spans in prop::collection::vec(red_span(), 0..40), places in prop::collection::vec(any::<prop::sample::Index>(), 40),
    ) {
        let mut merged = RedCells::default();
        groups(&spans, &places).iter().rev().for_each(|group| merged.merge(red_of(group)));
        prop_assert_eq!(merged, red_of(&spans));
    }

    #[test]
    fn edges_come_back_from_their_bytes(calls in prop::collection::vec(call(), 0..40)) {
        let edges = edges_of(&calls);
        prop_assert_eq!(decode_edges(&edge_bytes(&edges)), Ok(edges));
    }

    #[test]
    fn red_comes_back_from_its_bytes(spans in prop::collection::vec(red_span(), 0..40)) {
        let red = red_of(&spans);
        prop_assert_eq!(decode_red(&red_bytes(&red)), Ok(red));
    }

    #[test]
    fn bytes_that_end_early_or_late_are_refused(calls in prop::collection::vec(call(), 0..10), spans in prop::collection::vec(red_span(), 0..10)) {
        let mut edges = edge_bytes(&edges_of(&calls));
        let mut red = red_bytes(&red_of(&spans));
        for length in 0..edges.len() {
            prop_assert!(decode_edges(&edges[..length]).is_err());
        }
        for length in 0..red.len() {
            prop_assert!(decode_red(&red[..length]).is_err());
        }
        edges.push(0);
        red.push(0);
        prop_assert_eq!(decode_edges(&edges), Err(RollupError::Trailing(1)));
        prop_assert_eq!(decode_red(&red), Err(RollupError::Trailing(1)));
    }

    /// Without a checksum a changed byte may say something else, but never something that has another form.
    #[test]
    fn damaged_bytes_are_refused_or_are_the_bytes_of_other_cells(
        calls in prop::collection::vec(call(), 1..6), spans in prop::collection::vec(red_span(), 1..6),
        place: prop::sample::Index, byte: u8,
    ) {
        let mut edges = edge_bytes(&edges_of(&calls));
        let at = place.index(edges.len());
        edges[at] = byte;
        if let Ok(read) = decode_edges(&edges) {
            prop_assert_eq!(edge_bytes(&read), edges);
        }
        let mut red = red_bytes(&red_of(&spans));
        let at = place.index(red.len());
        red[at] = byte;
        if let Ok(read) = decode_red(&red) {
            prop_assert_eq!(red_bytes(&read), red);
        }
    }

    #[test]
    fn flat_cells_of_spans_add_up_to_what_merging_gives(spans in prop::collection::vec(red_span(), 0..60)) {
        let red = red_of(&spans);
        let flat = flat_red(&red_bytes(&red)).expect("own bytes");
        prop_assert_eq!(minutes_of(&flat), red.iter().map(|(key, minute, _)| (key.clone(), minute)).collect::<Vec<_>>());
        let mut sum = RedSum::default();
        for ((_, places), (_, minutes)) in flat.series().zip(red.series()) {
            let mut merged = crate::RedCell::default();
            minutes.values().for_each(|cell| merged.merge(&cell.cell));
            sum.add(&flat, places);
            prop_assert_eq!(sum.take(), merged);
        }
    }

    #[test]
    fn flat_cells_of_edges_add_up_to_what_merging_gives(calls in prop::collection::vec(call(), 0..60)) {
        let edges = edges_of(&calls);
        let flat = flat_edges(&edge_bytes(&edges)).expect("own bytes");
        prop_assert_eq!(minutes_of(&flat), edges.iter().map(|(key, minute, _)| (key.clone(), minute)).collect::<Vec<_>>());
        let mut sum = EdgeSum::default();
        for ((_, places), (_, minutes)) in flat.series().zip(edges.series()) {
            let mut merged = EdgeCell::default();
            minutes.values().for_each(|cell| merged.merge(cell));
            sum.add(&flat, places);
            prop_assert_eq!(sum.take(), merged);
        }
    }

    #[test]
    fn flat_cells_are_refused_as_others_are(
        calls in prop::collection::vec(call(), 1..6), spans in prop::collection::vec(red_span(), 1..6),
        place: prop::sample::Index, byte: u8,
    ) {
        let mut edges = edge_bytes(&edges_of(&calls));
        let at = place.index(edges.len());
        edges[at] = byte;
        prop_assert_eq!(flat_edges(&edges).err(), decode_edges(&edges).err());
        let mut red = red_bytes(&red_of(&spans));
        let at = place.index(red.len());
        red[at] = byte;
        prop_assert_eq!(flat_red(&red).err(), decode_red(&red).err());
    }

    #[test]
    fn no_bytes_panic(rest in prop::collection::vec(any::<u8>(), 0..200)) {
        for magic in [EDGES_MAGIC, RED_MAGIC] {
            let bytes = [&magic[..], &[VERSION], &rest].concat();
            let both = (decode_edges(&bytes), decode_red(&bytes));
            prop_assert!(both.0.is_err() || both.1.is_err(), "two magics");
        }
    }
}

#[test]
fn the_bytes_are_as_drawn() {
    let mut cell = EdgeCell::default();
    let trace_id = TraceId::new([7; 16]).expect("not zero");
    let call = Call { trace_id, client: Some(SpanDuration(40)), server: Some(SpanDuration(3)), is_error: false };
    cell.add(&call);
    let mut edges = EdgeCells::default();
    edges.add(
        EdgeKey { client: Node::service("a"), server: Node::new(NodeKind::Rpc, "b"), connection: Connection::Call },
        300,
        cell,
    );
    let head = *b"TWRE\x01\x02\x01a\x01b\x01\x00\x00\x07\x01\x00\x01\xac\x02\x01\x00\x01\x28\x01\x01\x03\x01\x01";
    assert_eq!(edge_bytes(&edges), [&head[..], &[7; 16], &[40]].concat());
    assert_eq!(red_bytes(&RedCells::default()), b"TWRR\x01\x00\x00");
}

#[test]
fn other_bytes_are_refused_by_name() {
    assert_eq!(decode_edges(b"TWRR\x01\x00\x00"), Err(RollupError::Magic));
    assert_eq!(decode_edges(b"TWRE\x02\x00\x00"), Err(RollupError::Version(2)));
    assert_eq!(decode_red(b""), Err(RollupError::Truncated("header")));
    // A million series in no bytes: refused before anything is set aside for them.
    assert_eq!(decode_red(b"TWRR\x01\x00\xc0\x84\x3d"), Err(RollupError::Truncated("series")));
    // No calls, and more errors than calls.
    let red = |cell: &[u8]| decode_red(&[b"TWRR\x01\x01\x01a\x01\x00\x00\x01\x01\x01\x00", cell].concat());
    assert!(red(b"\x00\x00\x00\x00\x01\x00\x01\x00").is_ok());
    assert_eq!(red(b"\x00\x00\x00\x00\x00\x00\x00\x00"), Err(RollupError::Invalid("cell")));
    assert_eq!(red(b"\x02\x00\x00\x00\x01\x00\x01\x00"), Err(RollupError::Invalid("cell")));
    // Calls, errors, the two sides: each call is seen by one side at least, and by each at most once.
    let edge =
        |cell: &[u8]| decode_edges(&[b"TWRE\x01\x01\x01a\x01\x00\x00\x00\x00\x00\x01\x01", cell, b"\x00"].concat());
    assert!(edge(b"\x01\x01\x01\x00\x01\x00").is_ok());
    for cell in [
        &b"\x01\x02\x01\x00\x01\x00"[..],
        b"\x00\x00\x00\x00",
        b"\x01\x00\x00\x00",
        b"\x01\x00\x01\x00\x02\x00",
        b"\x01\x00\x00\x01\x00\x02",
    ] {
        assert_eq!(edge(cell), Err(RollupError::Invalid("cell")), "{cell:?}");
    }
}
