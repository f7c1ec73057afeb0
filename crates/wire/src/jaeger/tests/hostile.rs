//! Bytes that no honest client sends: refused or cut, never believed.

use model::Warning;
use model::batch::SharedParts;

use crate::jaeger::thrift::{body, datagram};
use crate::jaeger::{Envelope, proto};
use crate::{DecodeError, Limits};

/// A batch of one span with these fields, in the binary form.
fn batch_with(span: &[&[u8]]) -> Vec<u8> {
    let ids = [&field(10, 1)[..], &7u64.to_be_bytes(), &field(10, 3), &9u64.to_be_bytes()].concat();
    [&field(15, 2)[..], &list(1), &ids, &span.concat(), &[0, 0]].concat()
}

fn field(kind: u8, id: u16) -> Vec<u8> {
    [&[kind][..], &id.to_be_bytes()].concat()
}

/// Head of a list of structs.
fn list(count: u32) -> Vec<u8> {
    [&[12][..], &count.to_be_bytes()].concat()
}

fn text(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes()[..], text].concat()
}

fn reason(result: Result<impl Sized, DecodeError>) -> &'static str {
    match result {
        Err(DecodeError::Malformed { reason, .. }) => reason,
        Err(DecodeError::TooDeep { .. }) => "too deep",
        Ok(_) => "none",
    }
}

#[test]
fn lengths_of_two_gibibytes_are_refused_before_anything_is_set_aside() {
    let huge = 0x7fff_ffffu32.to_be_bytes();
    let limits = Limits::default();
    let name = batch_with(&[&field(11, 5), &huge]);
    assert_eq!(reason(body(&name, &limits)), "a length reaches beyond the end of the request");
    for id in [6, 10, 11] {
        let tags = batch_with(&[&field(15, id), &[12], &huge]);
        assert_eq!(reason(body(&tags, &limits)), "a list is longer than the request");
    }
    let negative = batch_with(&[&field(11, 5), &[0xff; 4]]);
    assert_eq!(reason(body(&negative, &limits)), "a length reaches beyond the end of the request");
}

#[test]
fn a_list_of_a_million_empty_tags_takes_no_more_memory_than_its_bytes_justify() {
    let count = 1_000_000;
    let tags = [list(count), vec![0; count as usize]].concat();
    let batch = body(&batch_with(&[&field(15, 10), &tags]), &Limits::default()).expect("a batch");
    let columns = batch.decoded.batch.expect("one span");
    let span = columns.row(0).to_span(&mut SharedParts::default());
    assert_eq!(span.attributes_dropped, count - Limits::default().attributes_max as u32);
    assert!(span.warnings.has(Warning::ListCut));
}

#[test]
fn a_span_without_ids_is_refused_and_its_neighbours_stay() {
    let good = [&field(10, 1)[..], &7u64.to_be_bytes(), &field(10, 3), &9u64.to_be_bytes(), &[0]].concat();
    let no_trace = [&field(10, 3)[..], &9u64.to_be_bytes(), &[0]].concat();
    let no_span = [&field(10, 1)[..], &7u64.to_be_bytes(), &[0]].concat();
    let bytes = [&field(15, 2)[..], &list(4), &good, &no_trace, &no_span, &good, &[0]].concat();
    let batch = body(&bytes, &Limits::default()).expect("a batch").decoded;
    assert_eq!(batch.batch.map(|batch| batch.len()), Some(2));
    assert_eq!(batch.rejected.message(), "2 spans refused: trace id is zero (1); span id is missing (1)");
}

#[test]
fn text_that_is_not_utf_8_stays_with_a_warning() {
    let bytes = batch_with(&[&field(11, 5), &text(b"a\xff\0b")]);
    let batch = body(&bytes, &Limits::default()).expect("a batch").decoded.batch.expect("one span");
    let span = batch.row(0).to_span(&mut SharedParts::default());
    assert_eq!(span.name, "a\u{fffd}\0b");
    assert!(span.warnings.has(Warning::InvalidUtf8));
}

#[test]
fn noise_is_refused_by_every_door() {
    let limits = Limits::default();
    for noise in [&b"GET / HTTP/1.1\r\n"[..], &[0xff; 64], &[0x82, 0x81], &[0], b"{}"] {
        assert!(datagram(Envelope::Compact, noise, &limits).is_err());
        assert!(datagram(Envelope::Binary, noise, &limits).is_err());
    }
    assert!(body(&[0xff; 64], &limits).is_err());
    assert!(body(b"", &limits).is_err());
    assert!(proto::decode(&[0xff; 64], &limits).is_err());
    assert!(proto::decode(b"", &limits).expect("an empty request").batch.is_none());
}

#[test]
fn times_beyond_what_a_clock_can_say_saturate() {
    let times = |start: i64, duration: i64| {
        let start = [&field(10, 8)[..], &start.to_be_bytes()].concat();
        let duration = [&field(10, 9)[..], &duration.to_be_bytes()].concat();
        let batch = body(&batch_with(&[&start, &duration]), &Limits::default()).expect("a batch").decoded.batch;
        let span = batch.expect("one span").row(0).to_span(&mut SharedParts::default());
        (span.start.0, span.end.0)
    };
    assert_eq!(times(i64::MAX, i64::MAX), (u64::MAX, u64::MAX));
    assert_eq!(times(-5, 2), (0, 0));
    assert_eq!(times(10, -5), (10_000, 5_000));
    assert_eq!(times(10, i64::MIN), (10_000, 0));
}
