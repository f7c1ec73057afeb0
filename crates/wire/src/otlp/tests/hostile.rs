//! Requests made to hurt: deep, long, dense. Each costs no more than its limit.

use model::{Span, Value, Warning};

use super::spans::plain_spans;
use crate::otlp::{encode, json, proto};
use crate::protobuf::write::Writer;
use crate::{DecodeError, Limits};

/// A request with one span which has the attribute `deep`: arrays in arrays, as many as `depth`, around the number 7.
fn deep_proto(depth: usize) -> Vec<u8> {
    // From the inside out, so that the test itself needs no recursion.
    let mut value = vec![0x18, 7];
    for _ in 0..depth {
        let mut writer = Writer::default();
        writer.message(5, |array| array.bytes(1, &value));
        value = writer.into_bytes();
    }
    let mut span = Writer::default();
    span.bytes(1, &[1; 16]);
    span.bytes(2, &[2; 8]);
    span.message(9, |pair| {
        pair.bytes(1, b"deep");
        pair.bytes(2, &value);
    });
    let span = span.into_bytes();
    let mut writer = Writer::default();
    writer.message(1, |resource_spans| resource_spans.message(2, |scope_spans| scope_spans.bytes(2, &span)));
    writer.into_bytes()
}

fn deep_json(depth: usize) -> String {
    let open = r#"{"arrayValue":{"values":["#.repeat(depth);
    let close = "]}}".repeat(depth);
    span_json(&format!(r#""attributes":[{{"key":"deep","value":{open}{{"intValue":7}}{close}}}]"#))
}

fn span_json(members: &str) -> String {
    let ids = r#""traceId":"01010101010101010101010101010101","spanId":"0202020202020202""#;
    format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{ids},{members}}}]}}]}}]}}"#)
}

/// Nesting of the arrays in the attribute `deep`, and what lies in the innermost one.
fn depth_of(span: &Span) -> (usize, Value) {
    let (mut depth, mut value) = (0, span.attributes.get("deep").expect("is set").clone());
    while let Value::Array(mut values) = value {
        depth += 1;
        value = values.pop().unwrap_or_default();
    }
    (depth, value)
}

#[test]
fn deep_values_are_kept_as_text_beyond_the_limit() {
    let limits = Limits { value_depth_max: 3, ..Limits::default() };
    for (depth, expected, cut) in
        [(3, Value::Int(7), false), (4, Value::from("[7]"), true), (6, Value::from("[[[7]]]"), true)]
    {
        let from_proto = proto::decode(&deep_proto(depth), &limits).expect("within the depth of protobuf");
        let from_json = json::decode(deep_json(depth).as_bytes(), &limits).expect("within the depth of JSON");
        for decoded in [from_proto, from_json] {
            assert_eq!(depth_of(&decoded.spans[0]), (3, expected.clone()));
            assert_eq!(decoded.spans[0].warnings.has(Warning::NestingCut), cut);
        }
    }
}

#[test]
fn deep_protobuf_is_refused_without_a_stack_overflow() {
    let limits = Limits::default();
    let (depth, _) = depth_of(&proto::decode(&deep_proto(50), &limits).expect("100 messages deep").spans[0]);
    assert_eq!(depth, limits.value_depth_max);
    for depth in [51, 10_000] {
        let error = proto::decode(&deep_proto(depth), &limits).expect_err("deeper");
        assert!(matches!(error, DecodeError::Malformed { reason: "a value is nested too deeply", .. }), "{error}");
    }
}

#[test]
fn deep_json_is_refused_without_a_stack_overflow() {
    let limits = Limits::default();
    assert!(json::decode(deep_json(39).as_bytes(), &limits).is_ok());
    for json in [
        deep_json(40),
        deep_json(10_000),
        "[".repeat(64 << 20),
        span_json(&format!("\"x\":{}", "{\"a\":".repeat(10_000))),
    ] {
        let error = json::decode(json.as_bytes(), &limits).expect_err("deeper than 128, or a list");
        assert!(
            matches!(error, DecodeError::TooDeep { depth_max: 128, .. } | DecodeError::Malformed { position: 0, .. }),
            "{error}"
        );
    }
}

#[test]
fn more_than_the_limit_of_attributes_events_and_links_is_counted_and_left_out() {
    let limits = Limits { attributes_max: 2, events_max: 3, links_max: 1, ..Limits::default() };
    let mut spans = plain_spans(1);
    let (trace_id, span_id) = (spans[0].trace_id, spans[0].span_id);
    for number in 0..10i64 {
        spans[0].attributes.set(format!("key {number}"), number);
        spans[0].events.push(model::Event {
            time: model::UnixNanos(1),
            name: format!("event {number}"),
            attributes: model::Attributes::new(),
            attributes_dropped: 0,
        });
        spans[0].links.push(model::Link {
            trace_id,
            span_id,
            trace_state: String::new(),
            flags: 0,
            attributes: model::Attributes::new(),
            attributes_dropped: 0,
        });
    }
    spans[0].attributes_dropped = 5;
    let from_proto = proto::decode(&encode::request_proto(&spans), &limits).expect("our own encoding");
    let from_json = json::decode(encode::spans_json(&spans).as_bytes(), &limits).expect("our own encoding");
    for decoded in [from_proto, from_json] {
        let span = &decoded.spans[0];
        assert_eq!((span.attributes.len(), span.events.len(), span.links.len()), (2, 3, 1));
        assert_eq!((span.attributes_dropped, span.events_dropped, span.links_dropped), (5 + 8, 7, 9));
        assert!(span.warnings.has(Warning::ListCut));
    }
}

#[test]
fn a_value_of_ten_megabytes_is_cut_in_both_forms() {
    let mut spans = plain_spans(1);
    spans[0].attributes.set("long", "x".repeat(10 << 20));
    spans[0].attributes.set("raw", Value::Bytes(vec![7; 10 << 20]));
    let from_proto = proto::decode(&encode::request_proto(&spans), &Limits::default()).expect("our own encoding");
    let from_json = json::decode(encode::spans_json(&spans).as_bytes(), &Limits::default()).expect("our own encoding");
    assert_eq!(from_proto, from_json);
    let span = &from_proto.spans[0];
    let text = span.attributes.text("long").expect("is text");
    assert_eq!(text.len(), 64 * 1024);
    assert!(text.ends_with("[cut: 10485760 bytes, fnv1a 61272c7738a22325]"), "{}", &text[text.len() - 60..]);
    assert_eq!(span.attributes.get("raw"), Some(&Value::Bytes(vec![7; 64 * 1024])));
    assert!(span.warnings.has(Warning::ValueCut));
}

#[test]
fn a_link_that_names_no_span_is_counted_and_its_span_stays() {
    let json = span_json(r#""links":[{"traceId":"","spanId":"0202020202020202"}],"parentSpanId":"0102""#);
    let decoded = json::decode(json.as_bytes(), &Limits::default()).expect("one good span");
    let span = &decoded.spans[0];
    assert_eq!((span.links.len(), span.links_dropped, span.parent_span_id), (0, 1, None));
    assert!(span.warnings.has(Warning::ListCut) && span.warnings.has(Warning::ParentMissing));
}

#[test]
fn times_that_lie_are_kept_and_flagged() {
    let check = |start: &str, end: &str, expected: &[Warning]| {
        let json = span_json(&format!(r#""startTimeUnixNano":{start},"endTimeUnixNano":{end}"#));
        let decoded = json::decode(json.as_bytes(), &Limits::default()).expect("one good span");
        let from_proto = proto::decode(&encode::request_proto(&decoded.spans), &Limits::default());
        for decoded in [Ok(decoded), from_proto] {
            let span = decoded.expect("one good span").spans.remove(0);
            assert_eq!((span.start.0.to_string(), span.end.0.to_string()), (start.to_owned(), end.to_owned()));
            assert_eq!(span.warnings.iter().collect::<Vec<_>>(), expected);
        }
    };
    check("10", "20", &[]);
    check("20", "10", &[Warning::EndBeforeStart]);
    check("20", "0", &[Warning::EndMissing]);
    check("0", "0", &[]);
    check("0", "18446744073709551615", &[]);
}

#[test]
fn hostile_keys_are_plain_keys() {
    let mut spans = plain_spans(1);
    for key in ["__proto__", "constructor.prototype", "a[b]", "..", "", "a.b", "\u{202e}\u{0}"] {
        spans[0].attributes.set(key, 1i64);
    }
    let decoded = proto::decode(&encode::request_proto(&spans), &Limits::default()).expect("our own encoding");
    assert_eq!(decoded.spans, spans);
}
