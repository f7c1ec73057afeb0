//! What JSON clients send besides the strict form, each oddity on its own.

use expect_test::{Expect, expect};

use crate::Limits;
use crate::otlp::json;
use crate::outline::outline;

const IDS: &str = r#""traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331""#;

fn check_request(json: &str, expected: Expect) {
    expected.assert_eq(&outline(&json::decode(json.as_bytes(), &Limits::default()).expect("JSON")));
}

/// A span with good ids and these members.
fn check_span(members: &str, expected: Expect) {
    check_request(&format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{IDS},{members}}}]}}]}}]}}"#), expected);
}

/// A span with one attribute of this value.
fn check_value(value: &str, expected: &str) {
    let json = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{IDS},"attributes":[{{"key":"k","value":{value}}}]}}]}}]}}]}}"#
    );
    let decoded = json::decode(json.as_bytes(), &Limits::default()).expect("JSON");
    assert_eq!(format!("{:?}", decoded.spans[0].attributes.get("k").expect("is set")), expected, "{value}");
}

/// A span with these ids: what becomes of them.
fn check_ids(trace_id: &str, span_id: &str, parent: &str, expected: &str) {
    let json = format!(
        r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"traceId":{trace_id},"spanId":{span_id},"parentSpanId":{parent}}}]}}]}}]}}"#
    );
    let decoded = json::decode(json.as_bytes(), &Limits::default()).expect("JSON");
    let told = match decoded.spans.first() {
        Some(span) => format!("{}/{} {:?}", span.trace_id, span.span_id, span.parent_span_id),
        None => decoded.rejected.message(),
    };
    assert_eq!(told, expected);
}

#[test]
fn snake_case_names_are_understood_everywhere() {
    check_request(
        r#"{"resource_spans":[{"schema_url":"u1","scope_spans":[{"schema_url":"u2","spans":[{
            "trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","parent_span_id":"00f067aa0ba902b7",
            "trace_state":"a=b","start_time_unix_nano":"1","end_time_unix_nano":"2","dropped_attributes_count":1,
            "dropped_events_count":2,"dropped_links_count":3,
            "attributes":[{"key":"k","value":{"array_value":{"values":[{"string_value":"s"},{"bool_value":true},{"int_value":"1"},
                {"double_value":0.5},{"bytes_value":"AQI="},{"kvlist_value":{"values":[{"key":"a","value":{"int_value":2}}]}}]}}}],
            "events":[{"time_unix_nano":"3","name":"e","dropped_attributes_count":4}],
            "links":[{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","trace_state":"c=d","dropped_attributes_count":5}]
        }]}],"resource":{"dropped_attributes_count":6}}]}"#,
        expect![[r#"
            "" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 < 00f067aa0ba902b7 internal 1..2
              state a=b
              k = Array([String("s"), Bool(true), Int(1), Double(0.5), Bytes([1, 2]), Map(Attributes([Attribute { key: "a", value: Int(2) }]))])
              dropped 1 attributes
              event "e" at 3
                dropped 4 attributes
              link 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 "c=d" 0x0
                dropped 5 attributes
              dropped 2 events, 3 links
              scope "" "" "u2"
              resource "u1"
                dropped 6 attributes
        "#]],
    );
}

#[test]
fn a_resource_and_a_scope_may_follow_their_spans() {
    check_request(
        &format!(
            r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{{{IDS}}}],"scope":{{"name":"lib"}}}}],"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"shop"}}}}]}}}}]}}"#
        ),
        expect![[r#"
            "" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 internal 0..0
              scope "lib" "" ""
              resource ""
                service.name = String("shop")
        "#]],
    );
}

#[test]
fn null_is_absent_everywhere() {
    check_span(
        r#""parentSpanId":null,"name":null,"kind":null,"startTimeUnixNano":null,"endTimeUnixNano":null,"flags":null,
           "attributes":null,"events":null,"links":null,"status":null,"droppedEventsCount":null,"traceState":null"#,
        expect![[r#"
            "" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 internal 0..0
        "#]],
    );
    check_span(
        r#""attributes":[null,{"key":"a","value":null},{"key":"b","value":{"stringValue":null}},{"key":"c","value":{"stringValue":"x","intValue":null}}],
           "events":[null,{"name":null,"timeUnixNano":null,"attributes":null}],"links":[null],"status":{"code":null,"message":null}"#,
        expect![[r#"
            "" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 internal 0..0
              a = Empty
              b = Empty
              c = String("x")
              event "" at 0
        "#]],
    );
    check_request(
        r#"{"resourceSpans":[null,{"resource":null,"scopeSpans":[null,{"scope":null,"spans":[null]}]}]}"#,
        expect![[""]],
    );
}

#[test]
fn enums_are_numbers_names_or_words() {
    for kind in ["2", "\"2\"", "2.0", "\"SPAN_KIND_SERVER\"", "\"server\""] {
        for code in ["2", "\"2\"", "\"STATUS_CODE_ERROR\"", "\"Error\""] {
            check_span(
                &format!(r#""kind":{kind},"status":{{"code":{code}}}"#),
                expect![[r#"
                    "" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 server 0..0
                      status error ""
                "#]],
            );
        }
    }
    check_span(
        r#""kind":"SPAN_KIND_OF_THE_FUTURE","status":{"code":77}"#,
        expect![[r#"
            "" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 internal 0..0
        "#]],
    );
}

#[test]
fn numbers_may_be_texts_and_floats() {
    for time in ["1700000000000000000", "\"1700000000000000000\"", "1.7e18", "\"1.7E+18\"", "1700000000000000000.0"] {
        check_span(
            &format!(r#""startTimeUnixNano":{time},"endTimeUnixNano":{time},"flags":"257","droppedLinksCount":"3""#),
            expect![[r#"
                "" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 internal 1700000000000000000..1700000000000000000
                  flags 0x101
                  dropped 0 events, 3 links
            "#]],
        );
    }
}

#[test]
fn values_are_exact_in_every_form() {
    for (value, expected) in [
        (r#"{"intValue":"9223372036854775807"}"#, "Int(9223372036854775807)"),
        (r#"{"intValue":-9223372036854775808}"#, "Int(-9223372036854775808)"),
        (r#"{"intValue":5.0}"#, "Int(5)"),
        (r#"{"intValue":5.5}"#, "Double(5.5)"),
        (r#"{"intValue":1e400}"#, "Double(inf)"),
        (r#"{"intValue":"many"}"#, "String(\"many\")"),
        (r#"{"doubleValue":5}"#, "Double(5.0)"),
        (r#"{"doubleValue":"0.25"}"#, "Double(0.25)"),
        (r#"{"doubleValue":"NaN"}"#, "Double(NaN)"),
        (r#"{"doubleValue":NaN}"#, "Double(NaN)"),
        (r#"{"doubleValue":"-Infinity"}"#, "Double(-inf)"),
        (r#"{"boolValue":"true"}"#, "Bool(true)"),
        (r#"{"boolValue":false}"#, "Bool(false)"),
        (r#"{"stringValue":""}"#, "String(\"\")"),
        (r#"{"stringValue":5}"#, "String(\"5\")"),
        (r#"{"bytesValue":"+/8="}"#, "Bytes([251, 255])"),
        (r#"{"bytesValue":"-_8"}"#, "Bytes([251, 255])"),
        (r#"{"bytesValue":""}"#, "Bytes([])"),
        (r#"{"bytesValue":"no base64!"}"#, "String(\"no base64!\")"),
        (r#"{"arrayValue":{}}"#, "Array([])"),
        (r#"{"arrayValue":{"values":null}}"#, "Array([])"),
        (r#"{"arrayValue":{"values":[{},null]}}"#, "Array([Empty, Empty])"),
        (r#"{"kvlistValue":{}}"#, "Map(Attributes([]))"),
        (r#"{}"#, "Empty"),
        (r#"{"stringValueStrindex":3}"#, "Empty"),
        (r#"{"stringValue":"a","stringValue":"b"}"#, "String(\"b\")"),
        (r#""bare""#, "String(\"bare\")"),
        ("7", "Int(7)"),
    ] {
        check_value(value, expected);
    }
}

#[test]
fn ids_are_hex_of_any_case_or_base64_and_short_trace_ids_are_widened() {
    let good = "0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 None";
    check_ids(r#""0AF7651916CD43DD8448EB211C80319C""#, r#""B7AD6B7169203331""#, r#""""#, good);
    check_ids(r#""CvdlGRbNQ92ESOshHIAxnA==""#, r#""t61rcWkgMzE=""#, "null", good);
    check_ids(r#""CvdlGRbNQ92ESOshHIAxnA""#, r#""t61rcWkgMzE""#, r#""0000000000000000""#, good);
    check_ids(
        r#""b7ad6b7169203331""#,
        r#""b7ad6b7169203331""#,
        r#""00F067AA0BA902B7""#,
        "0000000000000000b7ad6b7169203331/b7ad6b7169203331 Some(00f067aa0ba902b7)",
    );
    check_ids(r#""""#, r#""b7ad6b7169203331""#, "null", "1 span refused: trace id is missing (1)");
    check_ids(r#""b7ad6b71""#, r#""b7ad6b7169203331""#, "null", "1 span refused: trace id has not 16 bytes (1)");
    check_ids(r#""b7ad6b7169203331""#, r#""b7ad""#, "null", "1 span refused: span id has not 8 bytes (1)");
    check_ids(r#""b7ad6b7169203331""#, r#""?""#, "null", "1 span refused: span id is neither hex nor base64 (1)");
}

#[test]
fn unknown_members_are_skipped_and_repeated_ones_replaced() {
    check_span(
        r#""name":"first","futureMember":{"a":[1,{"b":null}],"c":"}]"},"name":"last","attributes":[{"key":"a","value":{"intValue":1}}],
           "attributes":[{"key":"b","value":{"intValue":2},"keyStrindex":4},{"key":"b","value":{"intValue":3}}],"entityRefs":[]"#,
        expect![[r#"
            "last" 0af7651916cd43dd8448eb211c80319c/b7ad6b7169203331 internal 0..0
              b = Int(3)
        "#]],
    );
}

#[test]
fn a_byte_order_mark_and_white_space_are_passed() {
    check_request("\u{feff} \r\n{ \"resourceSpans\" : [ ] }\n", expect![[""]]);
}
