//! What `columns v1` promises: golden bytes, a round trip, and that no bytes panic.

use expect_test::expect_file;
use model::testing::{resource, span};
use model::{Attributes, Event, Link, Span, SpanId, SpanKind, StatusCode, Trace, UnixNanos, Warning};
use proptest::prelude::*;

use super::*;

fn id(number: u8) -> Option<SpanId> {
    SpanId::new([number; 8])
}

/// A request through two services with an event, a link, an error, an orphan, a doubtful clock and a FollowsFrom.
fn shop_trace() -> Trace {
    let mut root = span(7, 1, None);
    (root.name, root.kind, root.end) = ("POST /pay".into(), SpanKind::Server, UnixNanos(1_001_000));
    let mut client = span(7, 2, id(1));
    (client.kind, client.status.code) = (SpanKind::Client, StatusCode::Error);
    client.warnings.add(Warning::StartMissing);
    client.events.push(Event {
        time: client.start,
        name: "retry".into(),
        attributes: Attributes::new(),
        attributes_dropped: 0,
    });
    let mut server = span(7, 3, id(2));
    (server.resource, server.kind) = (resource("payment"), SpanKind::Server);
    let mut later = span(7, 4, id(1));
    (later.name, later.end) = ("op 3".into(), UnixNanos(0));
    later.warnings.add(Warning::EndBeforeStart);
    later.warnings.add(Warning::ValueCut);
    let mut reference = Attributes::new();
    reference.set("opentracing.ref_type", "follows_from");
    later.links.push(Link {
        trace_id: later.trace_id,
        span_id: id(1).expect("not zero"),
        trace_state: String::new(),
        flags: 0,
        attributes: reference,
        attributes_dropped: 0,
    });
    let orphan = span(7, 5, id(9));
    trace(vec![orphan, later, server, client, root])
}

fn trace(spans: Vec<Span>) -> Trace {
    Trace::new(spans[0].trace_id, spans).expect("the spans share a trace")
}

/// Sixteen bytes per line.
fn hex(bytes: &[u8]) -> String {
    let line = |line: &[u8]| line.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ") + "\n";
    bytes.chunks(16).map(line).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).expect("hex digits")).collect()
}

/// Makes the checksum right again, so that damage reaches the checks behind it.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = crc32c::crc32c(&bytes[..bytes.len().saturating_sub(4)]);
    if let Some(stored) = bytes.last_chunk_mut() {
        *stored = sum.to_le_bytes();
    }
    bytes
}

#[test]
fn the_bytes_of_version_1_stay_as_they_are() {
    let columns = TraceColumns::of(&shop_trace(), 42, false);
    expect_file!["../../fixtures/columns-v1.hex"].assert_eq(&hex(&columns.encode()));
}

#[test]
fn the_fixture_of_version_1_still_opens() {
    let bytes = from_hex(include_str!("../../fixtures/columns-v1.hex"));
    assert_eq!(TraceColumns::decode(&bytes), Ok(TraceColumns::of(&shop_trace(), 42, false)));
}

#[test]
fn rows_are_depth_first_with_flags_and_marks() {
    let columns = TraceColumns::of(&shop_trace(), 42, true);
    assert_eq!(columns.services, ["shop", "payment"]);
    assert_eq!(columns.names, ["POST /pay", "op 2", "op 3", "op 5"]);
    assert_eq!(columns.parent, [TraceColumns::NO_PARENT, 0, 1, 0, TraceColumns::NO_PARENT]);
    assert_eq!((columns.depth.as_slice(), columns.subtree.as_slice()), (&[0, 1, 2, 1, 0][..], &[3, 1, 0, 0, 0][..]));
    assert_eq!((columns.t0, columns.extent, columns.errors), (1_000, 1_000_000, 1));
    assert_eq!(columns.duration[3], 0, "ends before it starts");
    assert_eq!(columns.name, [0, 1, 2, 2, 3]);
    assert_eq!(columns.flags[1], 3 | TraceColumns::ERROR | TraceColumns::EVENTS | TraceColumns::MARK);
    assert_eq!(columns.flags[3], 1 | TraceColumns::LINKS | TraceColumns::MARK);
    let marks = [(1, Mark::ClockAdjusted), (3, Mark::EndBeforeStart), (3, Mark::FollowsFrom), (4, Mark::ParentMissing)];
    assert_eq!(columns.marks, marks.map(|(row, mark)| (row, mark as u8)));
    assert_eq!(columns.marks_of(3).len(), 2);
    assert!(columns.marks_of(0).is_empty());
}

#[test]
fn a_trace_of_several_groups_reads_back() {
    let numbered = |n: u32| SpanId::new(u64::from(n + 1).to_be_bytes());
    let spans = (0..GROUP_ROWS as u32 + 10).map(|n| {
        let mut span = span(1, 1, (n > 0).then(|| numbered(n / 3)).flatten());
        span.span_id = numbered(n).expect("numbered from 1");
        span.name = format!("op {}", n % 70_000);
        span
    });
    let columns = TraceColumns::of(&trace(spans.collect()), 1, true);
    assert!(columns.names.len() > 65_536, "names need four bytes here");
    assert_eq!(TraceColumns::decode(&columns.encode()), Ok(columns));
}

#[test]
fn a_chain_deeper_than_the_depth_column_reads_back() {
    let numbered = |n: u32| SpanId::new(u64::from(n + 1).to_be_bytes());
    let spans = (0..70_000u32).map(|n| {
        let mut span = span(1, 1, n.checked_sub(1).and_then(numbered));
        span.span_id = numbered(n).expect("numbered from 1");
        span
    });
    let columns = TraceColumns::of(&trace(spans.collect()), 1, true);
    assert_eq!(columns.depth.last(), Some(&u16::MAX));
    assert_eq!(TraceColumns::decode(&columns.encode()), Ok(columns));
}

#[test]
fn more_services_than_the_dictionary_holds_share_its_last_place() {
    let spans = (0..65_600u32).map(|n| {
        let mut span = span(1, 1, None);
        span.span_id = SpanId::new(u64::from(n + 1).to_be_bytes()).expect("numbered from 1");
        span.resource = resource(&format!("service {n}"));
        span
    });
    let columns = TraceColumns::of(&trace(spans.collect()), 1, true);
    assert_eq!(columns.services.len(), 65_536);
    assert_eq!(TraceColumns::decode(&columns.encode()), Ok(columns));
}

#[test]
fn a_newer_version_is_refused_by_its_number() {
    let mut bytes = TraceColumns::of(&shop_trace(), 1, true).encode();
    bytes[4] = 2;
    assert_eq!(TraceColumns::decode(&bytes), Err(ColumnsError::Version(2)));
    bytes[0] = b'X';
    assert_eq!(TraceColumns::decode(&bytes), Err(ColumnsError::Magic));
}

#[test]
fn a_section_of_a_later_addition_is_skipped() {
    let columns = TraceColumns::of(&shop_trace(), 1, true);
    let mut bytes = columns.encode();
    bytes.splice(HEADER_BYTES..HEADER_BYTES, [6, 0, 0, 0, 3, 0, 0, 0, 1, 2, 3]);
    assert_eq!(TraceColumns::decode(&bytes), Err(ColumnsError::Checksum));
    assert_eq!(TraceColumns::decode(&summed(bytes)), Ok(columns));
}

#[test]
fn a_count_beyond_the_bytes_is_refused_before_anything_is_reserved() {
    let mut bytes = TraceColumns::of(&shop_trace(), 1, true).encode();
    // The dictionary of services claims four billion words.
    bytes.splice(HEADER_BYTES + 8..HEADER_BYTES + 9, [0xff, 0xff, 0xff, 0xff, 0x0f]);
    bytes[HEADER_BYTES + 4] += 4;
    assert_eq!(TraceColumns::decode(&summed(bytes)), Err(ColumnsError::Truncated("dictionary")));
}

#[test]
fn rows_that_contradict_each_other_are_refused() {
    let refused = |change: fn(&mut TraceColumns)| {
        let mut columns = TraceColumns::of(&shop_trace(), 1, true);
        change(&mut columns);
        TraceColumns::decode(&columns.encode()).expect_err("must be refused")
    };
    let damaged = ColumnsError::Damaged;
    assert_eq!(refused(|c| c.parent[2] = 0), damaged("a row does not stand below its parent"));
    assert_eq!(refused(|c| c.depth[2] = 3), damaged("a row is not one deeper than its parent"));
    assert_eq!(refused(|c| c.subtree[1] = 3), damaged("a subtree ends after the one around it"));
    assert_eq!(refused(|c| c.service[0] = 2), damaged("a row has an unknown service"));
    assert_eq!(refused(|c| c.name[0] = 4), damaged("a row has an unknown name"));
    assert_eq!(refused(|c| c.duration[0] += 1), damaged("a span ends after the trace"));
    assert_eq!(refused(|c| c.errors = 0), damaged("header and rows disagree about the number of errors"));
    assert_eq!(refused(|c| c.marks.push((5, 1))), damaged("a mark is beyond all rows"));
    assert_eq!(refused(|c| c.t0 = u64::MAX), damaged("the trace ends after the end of time"));
}

prop_compose! {
    /// Spans with random parents, times, services, names and kinds.
    fn any_trace()(rows in proptest::collection::vec((0u8..40, any::<u64>(), any::<u64>(), 0u8..9, 0i64..6, any::<u16>()), 1..40)) -> Trace {
        trace(rows.into_iter().zip(1u8..).map(|((parent, start, end, word, kind, warnings), number)| {
            let mut span = span(3, number, id(parent));
            (span.start, span.end) = (UnixNanos(start), UnixNanos(end));
            span.resource = resource(&format!("service {word}"));
            span.name = "é".repeat(usize::from(word));
            span.kind = SpanKind::from_number(kind);
            if word == 1 { span.status.code = StatusCode::Error; }
            span.warnings = model::Warnings::from_bits(u32::from(warnings));
            span
        }).collect())
    }
}

proptest! {
    #[test]
    fn columns_read_back_as_written(trace in any_trace(), sequence: u64, complete: bool) {
        let columns = TraceColumns::of(&trace, sequence, complete);
        prop_assert_eq!(TraceColumns::decode(&columns.encode()), Ok(columns));
    }

    #[test]
    fn any_two_numbers_have_a_difference_that_reads_back(number: u64, previous: u64) {
        let mut bytes = Vec::new();
        varint::put_difference(&mut bytes, number, previous);
        let mut rest = bytes.as_slice();
        prop_assert_eq!(varint::take_difference(&mut rest, previous), Some(number));
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(TraceColumns::decode(&bytes).is_err());
    }

    #[test]
    fn damaged_columns_never_panic_and_never_contradict_themselves(
        trace in any_trace(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let mut bytes = TraceColumns::of(&trace, 1, true).encode();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(columns) = TraceColumns::decode(&summed(bytes)) {
            prop_assert_eq!(columns.flags.len(), columns.len());
            prop_assert!(columns.service.iter().all(|index| usize::from(*index) < columns.services.len()));
            prop_assert!(columns.marks.iter().all(|(row, _)| (*row as usize) < columns.len()));
        }
    }
}
