//! Bad spans are rejected alone, and exactly: what was sent is what was accepted and what was rejected.

use model::{Span, Warning};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::spans::plain_spans;
use crate::decoded::Decoded;
use crate::otlp::{encode, json, proto};
use crate::protobuf::write::Writer;
use crate::{DecodeError, Limits};

/// What is wrong with a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    BadUtf8,
    ZeroTraceId,
    ShortTraceId,
    ZeroSpanId,
    NoSpanId,
    /// Its bytes are no message, though its length is right.
    Malformed,
}

const FLAWS: [Flaw; 7] = [
    Flaw::None,
    Flaw::BadUtf8,
    Flaw::ZeroTraceId,
    Flaw::ShortTraceId,
    Flaw::ZeroSpanId,
    Flaw::NoSpanId,
    Flaw::Malformed,
];

impl Flaw {
    fn is_accepted(self) -> bool {
        matches!(self, Flaw::None | Flaw::BadUtf8)
    }
}

/// A request with one span per flaw, written field by field.
fn request_proto(flaws: &[Flaw]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.message(1, |resource_spans| {
        resource_spans.message(2, |scope_spans| {
            for flaw in flaws {
                scope_spans.message(2, |span| write_span(span, *flaw));
            }
        });
    });
    writer.into_bytes()
}

fn write_span(span: &mut Writer, flaw: Flaw) {
    match flaw {
        Flaw::ZeroTraceId => span.bytes(1, &[0; 16]),
        Flaw::ShortTraceId => span.bytes(1, &[1; 15]),
        _ => span.bytes(1, &[1; 16]),
    }
    match flaw {
        Flaw::ZeroSpanId => span.bytes(2, &[0; 8]),
        Flaw::NoSpanId => {}
        _ => span.bytes(2, &[2; 8]),
    }
    match flaw {
        Flaw::BadUtf8 => span.bytes(5, b"GET /\xff"),
        _ => span.bytes(5, b"GET /"),
    }
    if flaw == Flaw::Malformed {
        // An attribute that announces more bytes than it has.
        span.bytes(9, &[0x0a, 0x7f, b'k']);
    }
}

fn request_json(flaws: &[Flaw]) -> Vec<u8> {
    let mut json = b"{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[".to_vec();
    for (place, flaw) in flaws.iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        let (trace_id, span_id): (&[u8], &[u8]) = match flaw {
            Flaw::ZeroTraceId => (b"\"00000000000000000000000000000000\"", b"\"0202020202020202\""),
            Flaw::ShortTraceId => (b"\"010101\"", b"\"0202020202020202\""),
            Flaw::ZeroSpanId => (b"\"01010101010101010101010101010101\"", b"\"0000000000000000\""),
            Flaw::NoSpanId => (b"\"01010101010101010101010101010101\"", b"null"),
            // An object stands where a text is expected.
            Flaw::Malformed => (b"{\"a\":[1]}", b"\"0202020202020202\""),
            Flaw::None | Flaw::BadUtf8 => (b"\"01010101010101010101010101010101\"", b"\"0202020202020202\""),
        };
        let name: &[u8] = if *flaw == Flaw::BadUtf8 { b"GET /\xff" } else { b"GET /" };
        for piece in [b"{\"traceId\":", trace_id, b",\"spanId\":", span_id, b",\"name\":\"", name, b"\"}"] {
            json.extend(piece);
        }
    }
    json.extend(b"]}]}]}");
    json
}

fn check(flaws: &[Flaw], decoded: &Decoded) -> Result<(), TestCaseError> {
    let accepted: Vec<_> = flaws.iter().filter(|flaw| flaw.is_accepted()).collect();
    prop_assert_eq!(decoded.spans.len(), accepted.len());
    prop_assert_eq!(decoded.spans.len() as u64 + decoded.rejected.count, flaws.len() as u64);
    prop_assert_eq!(decoded.rejected.reasons.iter().map(|reason| reason.count).sum::<u64>(), decoded.rejected.count);
    for (span, flaw) in decoded.spans.iter().zip(accepted) {
        prop_assert_eq!(span.warnings.has(Warning::InvalidUtf8), *flaw == Flaw::BadUtf8);
        prop_assert_eq!(span.name.as_str(), if *flaw == Flaw::BadUtf8 { "GET /\u{fffd}" } else { "GET /" });
    }
    Ok(())
}

proptest! {
    #[test]
    fn accepted_and_rejected_are_what_was_sent_in_protobuf(flaws in vec(select(FLAWS.to_vec()), 0..20)) {
        match proto::decode(&request_proto(&flaws), &Limits::default()) {
            Ok(decoded) => check(&flaws, &decoded)?,
            Err(error) => {
                // Not protobuf, and nothing in it to be read.
                prop_assert!(flaws.contains(&Flaw::Malformed), "{}", error);
                prop_assert!(!flaws.iter().any(|flaw| flaw.is_accepted()));
            }
        }
    }

    #[test]
    fn accepted_and_rejected_are_what_was_sent_in_json(flaws in vec(select(FLAWS.to_vec()), 0..20)) {
        check(&flaws, &json::decode(&request_json(&flaws), &Limits::default()).expect("JSON"))?;
    }
}

/// A hundred spans, one of them with this flaw.
fn hundred(flaw: Flaw) -> [Decoded; 2] {
    let mut flaws = [Flaw::None; 100];
    flaws[41] = flaw;
    [
        proto::decode(&request_proto(&flaws), &Limits::default()).expect("ninety-nine good spans"),
        json::decode(&request_json(&flaws), &Limits::default()).expect("ninety-nine good spans"),
    ]
}

#[test]
fn invalid_utf8_in_one_span_of_a_hundred_loses_none_and_flags_one() {
    for decoded in hundred(Flaw::BadUtf8) {
        assert_eq!(decoded.spans.len(), 100);
        assert!(decoded.rejected.is_empty());
        let flagged: Vec<_> = (0..100).filter(|place| !decoded.spans[*place].warnings.is_empty()).collect();
        assert_eq!(flagged, [41]);
    }
}

#[test]
fn a_zero_id_in_one_span_of_a_hundred_rejects_exactly_that_one() {
    for decoded in hundred(Flaw::ZeroSpanId) {
        assert_eq!(decoded.spans.len(), 99);
        assert_eq!(decoded.rejected.message(), "1 span refused: span id is zero (1)");
    }
}

#[test]
fn a_malformed_span_of_a_hundred_leaves_ninety_nine() {
    let [from_proto, from_json] = hundred(Flaw::Malformed);
    assert_eq!(from_proto.rejected.message(), "1 span refused: damaged or cut off (1)");
    assert!(from_proto.spans.iter().all(|span| span.warnings.has(Warning::Salvaged)));
    assert_eq!(from_json.rejected.message(), "1 span refused: a text or a number is expected (1)");
    assert!(from_json.spans.iter().all(|span| span.warnings.is_empty()));
    assert_eq!([from_proto.spans.len(), from_json.spans.len()], [99, 99]);
}

#[test]
fn spans_beyond_the_limit_are_rejected_with_their_exact_number() {
    let limits = Limits { spans_max: 3, ..Limits::default() };
    let spans: Vec<Span> = plain_spans(10);
    let from_proto = proto::decode(&encode::request_proto(&spans), &limits).expect("our own encoding");
    let from_json = json::decode(encode::spans_json(&spans).as_bytes(), &limits).expect("our own encoding");
    for decoded in [from_proto, from_json] {
        assert_eq!(decoded.spans, spans[..3]);
        assert_eq!(decoded.rejected.message(), "7 spans refused: more than 3 spans in one request (7)");
    }
}

#[test]
fn an_empty_body_is_an_empty_request() {
    let limits = Limits::default();
    assert_eq!(proto::decode(b"", &limits), Ok(Decoded::default()));
    for json in ["", " \n", "{}", "null", "{\"resourceSpans\":null}", "{\"resourceSpans\":[]}", "\u{feff}{}"] {
        assert_eq!(json::decode(json.as_bytes(), &limits), Ok(Decoded::default()), "{json:?}");
    }
}

#[test]
fn log_records_sent_as_spans_are_rejected_for_their_missing_ids() {
    let mut writer = Writer::default();
    writer.message(1, |resource_logs| {
        resource_logs.message(2, |scope_logs| {
            scope_logs.message(2, |record| {
                record.fixed64(1, 1_700_000_000_000_000_000);
                record.varint(2, 9);
                record.bytes(3, b"INFO");
            });
        });
    });
    let decoded = proto::decode(&writer.into_bytes(), &Limits::default()).expect("valid protobuf");
    assert_eq!(decoded.rejected.message(), "1 span refused: trace id is missing (1)");
}

#[test]
fn what_cannot_be_read_at_all_says_where_and_why() {
    let error = |result: Result<Decoded, DecodeError>| result.expect_err("unreadable").to_string();
    let limits = Limits::default();
    assert_eq!(
        error(proto::decode(b"{\"resourceSpans\":[]}", &limits)),
        "cannot read the request as OTLP protobuf: a field has a wire type that is not in use, at byte 0"
    );
    assert_eq!(
        error(json::decode(&request_proto(&[Flaw::None]), &limits)),
        "cannot read the request as OTLP JSON: an object is expected, at byte 1"
    );
    assert_eq!(
        error(json::decode(b"{\"resourceSpans\":[{\"scopeSpans\":[", &limits)),
        "cannot read the request as OTLP JSON: the text ends too early, at byte 33"
    );
    assert_eq!(
        error(json::decode(b"{} x", &limits)),
        "cannot read the request as OTLP JSON: more follows after the request, at byte 3"
    );
}

#[test]
fn newer_fields_and_another_order_of_fields_change_nothing() {
    let mut writer = Writer::default();
    writer.bytes(99, b"a field of the future");
    writer.message(1, |resource_spans| {
        resource_spans.message(2, |scope_spans| {
            scope_spans.message(2, |span| {
                span.fixed32(77, 1);
                span.bytes(5, b"GET /");
                span.bytes(2, &[2; 8]);
                span.message(9, |pair| {
                    // A key and a value as indexes into a table.
                    pair.varint(3, 4);
                    pair.message(2, |value| value.varint(8, 5));
                    pair.bytes(1, b"k");
                });
                span.bytes(1, &[1; 16]);
            });
            scope_spans.message(1, |scope| scope.bytes(1, b"lib"));
        });
        resource_spans.message(1, |resource| {
            resource.message(3, |entity_ref| entity_ref.bytes(1, b"u"));
            resource.message(1, |pair| {
                pair.bytes(1, b"service.name");
                pair.message(2, |value| value.bytes(1, b"shop"));
            });
        });
        resource_spans.message(1000, |deprecated| deprecated.bytes(1, b"x"));
    });
    let decoded = proto::decode(&writer.into_bytes(), &Limits::default()).expect("valid protobuf");
    let span = &decoded.spans[0];
    assert_eq!((span.name.as_str(), span.service(), span.scope.name.as_str()), ("GET /", "shop", "lib"));
    assert_eq!(span.attributes.get("k"), Some(&model::Value::Empty));
    assert!(span.warnings.is_empty() && decoded.rejected.is_empty());
}
