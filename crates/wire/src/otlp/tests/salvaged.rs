//! Damaged protobuf: what can still be read, is; what was lost is counted where it can be known.

use model::{Span, Warning, Warnings};

use super::spans::plain_spans;
use crate::decoded::Decoded;
use crate::otlp::{encode, proto};
use crate::{DecodeError, Limits};

/// Spans of two services, and their encoding.
fn request() -> (Vec<Span>, Vec<u8>) {
    let mut spans = plain_spans(20);
    for span in &mut spans[10..] {
        span.resource = model::testing::resource("bank");
        span.scope = std::sync::Arc::new(model::Scope { name: "lib".to_owned(), ..model::Scope::default() });
    }
    let bytes = encode::request_proto(&spans);
    (spans, bytes)
}

fn decode(bytes: &[u8]) -> Result<Decoded, DecodeError> {
    proto::decode(bytes, &Limits::default())
}

/// The spans among `sent` that were read, unchanged but for the flag, or why one of them is another.
fn unchanged(decoded: &Decoded, sent: &[Span]) -> Result<usize, String> {
    for span in &decoded.spans {
        assert!(span.warnings.has(Warning::Salvaged));
        let plain = Span { warnings: Warnings::NONE, ..span.clone() };
        if !sent.contains(&plain) {
            return Err(format!("nobody sent {span:#?}"));
        }
    }
    Ok(decoded.spans.len())
}

/// Where the messages of the spans begin, with their tags.
fn span_positions(bytes: &[u8]) -> Vec<usize> {
    let begins = |window: &[u8]| window[0] == 0x12 && window[2..4] == [0x0a, 16];
    (0..bytes.len() - 4).filter(|at| begins(&bytes[*at..*at + 4])).collect()
}

#[test]
fn a_request_cut_off_anywhere_yields_every_span_that_is_whole() {
    let (spans, bytes) = request();
    let positions = span_positions(&bytes);
    assert_eq!(positions.len(), spans.len(), "one per span");
    for length in 1..bytes.len() {
        let whole = positions.iter().filter(|at| **at + 2 + usize::from(bytes[**at + 1]) <= length).count();
        match decode(&bytes[..length]) {
            Ok(decoded) if decoded.spans.is_empty() => panic!("{length} bytes are a request of nothing"),
            Ok(decoded) if decoded.spans[0].warnings.is_empty() => {
                // Cut exactly between two resources: a shorter, but valid request.
                assert_eq!(decoded.spans, spans[..10], "{length}");
            }
            Ok(decoded) => {
                assert_eq!(unchanged(&decoded, &spans), Ok(whole), "{length}");
                assert!(decoded.rejected.count <= 1, "{length}");
            }
            Err(_) => assert_eq!(whole, 0, "{length}"),
        }
    }
}

#[test]
fn a_wrong_length_of_any_span_loses_at_most_its_neighbour() {
    let (_, bytes) = request();
    for at in span_positions(&bytes) {
        for length in [0, 1, 27, 28, 29, 60, 0x7f] {
            let mut damaged = bytes.clone();
            damaged[at + 1] = length;
            let decoded = decode(&damaged).expect("most spans are whole");
            if decoded.spans[0].warnings.has(Warning::Salvaged) {
                let read = decoded.spans.len();
                assert!(read >= 18, "{read} spans read with length {length} at {at}");
                assert!(decoded.rejected.count >= 1);
            }
        }
    }
}

#[test]
fn a_wrong_length_of_a_resource_loses_at_most_the_span_it_cuts_in_two() {
    let (spans, bytes) = request();
    let second_resource = encode::request_proto(&spans[..10]).len();
    // From inside the first span to beyond the end of the request.
    for length in (0x80..0x800u16).chain([0x3fff]) {
        let mut damaged = bytes.clone();
        damaged[1..3].copy_from_slice(&[length as u8 | 0x80, (length >> 7) as u8]);
        if damaged == bytes {
            continue;
        }
        let decoded = decode(&damaged).expect("most spans are whole");
        if !decoded.spans[0].warnings.has(Warning::Salvaged) {
            assert_eq!(3 + usize::from(length), bytes.len(), "only then it is a valid request, of another meaning");
            continue;
        }
        let sent = |span: &Span| spans.iter().any(|known| known.span_id == span.span_id && known.name == span.name);
        assert!(decoded.spans.iter().all(sent), "with length {length}");
        let read = decoded.spans.len() as u64;
        assert!(read >= 19 && read + decoded.rejected.count <= 20, "{read} spans read with length {length}");
        // Where the second resource is swallowed with its header, its spans are still its own.
        if 3 + usize::from(length) > second_resource + 40 {
            let own = |span: &Span| {
                spans.iter().any(|known| known.span_id == span.span_id && known.resource == span.resource)
            };
            assert!(decoded.spans.iter().all(own), "with length {length}");
        }
    }
}

#[test]
fn a_tag_that_is_none_does_not_hide_what_follows() {
    let (spans, bytes) = request();
    for at in span_positions(&bytes) {
        let mut damaged = bytes.clone();
        damaged[at] = 0x07;
        let decoded = decode(&damaged).expect("the others are whole");
        let read = unchanged(&decoded, &spans);
        assert_eq!(read, Ok(19), "tag at {at}");
    }
}

#[test]
fn noise_before_and_behind_the_request_is_passed() {
    let (spans, bytes) = request();
    let noise = [0xff; 40];
    let decoded = decode(&[&noise[..], &bytes[..], &noise[..]].concat()).expect("the request is whole");
    assert_eq!(unchanged(&decoded, &spans), Ok(20));
}

#[test]
fn searching_bytes_that_all_look_like_long_spans_stays_linear() {
    // Each header announces all that follows, and none of it is a span.
    let mut bytes = vec![0x07];
    let mut header = vec![0x12, 0x80, 0x80, 0x10, 0x0a, 16];
    header.extend([1; 16]);
    header.extend([0x12, 8]);
    header.extend([1; 8]);
    (0..20_000).for_each(|_| bytes.extend(&header));
    bytes.resize(bytes.len() + (1 << 18), 0x07);
    assert!(decode(&bytes).is_err(), "and it ends");
}
