//! What is encoded reads back as it was, in both forms.

use std::sync::Arc;

use expect_test::expect;
use model::{Span, Value};
use proptest::prelude::*;

use super::spans::{plain_spans, spans};
use crate::Limits;
use crate::decoded::Decoded;
use crate::otlp::{encode, json, proto};

/// `Debug` tells -0.0 from 0.0, which `==` does not.
fn shown(spans: &[Span]) -> String {
    format!("{spans:#?}")
}

fn accepted(decoded: Decoded) -> Vec<Span> {
    assert!(decoded.rejected.is_empty(), "{}", decoded.rejected.message());
    decoded.spans
}

proptest! {
    #[test]
    fn protobuf_reads_back(spans in spans(6)) {
        let bytes = encode::request_proto(&spans);
        let decoded = proto::decode(&bytes, &Limits::default()).expect("our own encoding");
        prop_assert_eq!(shown(&accepted(decoded)), shown(&spans));
    }

    #[test]
    fn json_reads_back(spans in spans(6)) {
        let text = encode::spans_json(&spans);
        let decoded = json::decode(text.as_bytes(), &Limits::default()).expect("our own encoding");
        prop_assert_eq!(shown(&accepted(decoded)), shown(&spans));
    }
}

#[test]
fn the_bits_of_a_nan_survive_protobuf_and_its_word_survives_json() {
    let bits = 0x7ff8_0000_dead_beef;
    let mut spans = plain_spans(1);
    spans[0].attributes.set("nan", f64::from_bits(bits));
    let from_proto = proto::decode(&encode::request_proto(&spans), &Limits::default()).expect("our own encoding");
    let from_json = json::decode(encode::spans_json(&spans).as_bytes(), &Limits::default()).expect("our own encoding");
    let nan = |decoded: &Decoded| match decoded.spans[0].attributes.get("nan") {
        Some(Value::Double(nan)) => nan.to_bits(),
        other => panic!("no double: {other:?}"),
    };
    assert_eq!(nan(&from_proto), bits);
    assert!(f64::from_bits(nan(&from_json)).is_nan());
}

#[test]
fn equal_resources_and_scopes_of_a_request_are_one() {
    let mut spans = plain_spans(4);
    // Four separate objects, two different resources.
    for (span, service) in spans.iter_mut().zip(["shop", "bank", "shop", "bank"]) {
        span.resource = model::testing::resource(service);
        span.scope = Arc::default();
    }
    let mut bytes = encode::request_proto(&spans[..2]);
    bytes.extend(encode::request_proto(&spans[2..]));
    let decoded = accepted(proto::decode(&bytes, &Limits::default()).expect("two requests in a row are one"));
    assert!(Arc::ptr_eq(&decoded[0].resource, &decoded[2].resource));
    assert!(Arc::ptr_eq(&decoded[0].scope, &decoded[3].scope));
    assert!(!Arc::ptr_eq(&decoded[0].resource, &decoded[1].resource));
    assert_eq!(encode::request_proto(&decoded), encode::request_proto(&spans), "grouped by content");
}

#[test]
fn json_is_strict_and_success_is_exactly_two_braces() {
    let mut spans = plain_spans(1);
    spans[0].attributes.set("n", 5i64);
    spans[0].attributes.set("half", 0.5);
    spans[0].attributes.set("raw", Value::Bytes(vec![1, 2]));
    expect![[r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},"scopeSpans":[{"scope":{},"spans":[{"traceId":"01010101010101010101010101010101","spanId":"0000000000000001","name":"op 1","kind":1,"startTimeUnixNano":"1000","endTimeUnixNano":"1500","attributes":[{"key":"n","value":{"intValue":"5"}},{"key":"half","value":{"doubleValue":0.5}},{"key":"raw","value":{"bytesValue":"AQI="}}]}]}]}]}"#]]
        .assert_eq(&encode::spans_json(&spans));
    assert_eq!(encode::spans_json(&[]), r#"{"resourceSpans":[]}"#);
    assert_eq!(encode::response_json(None), "{}");
    assert_eq!(
        encode::response_json(Some((3, "a \"b\""))),
        r#"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"a \"b\""}}"#
    );
    assert_eq!(encode::response_proto(None), b"");
    assert_eq!(encode::response_proto(Some((3, "ab"))), b"\x0a\x06\x08\x03\x12\x02ab");
    assert!(encode::response_proto(Some((1, &"ä".repeat(100_000)))).len() < 5000);
}
