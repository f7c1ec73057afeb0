//! Bytes that no honest client sends: refused or cut, never believed.

use crate::Limits;
use crate::zipkin::{v1_json, v1_thrift, v2_json, v2_proto};

#[test]
fn nothing_is_an_empty_request_and_noise_is_none() {
    let limits = Limits::default();
    for empty in [&b""[..], b" \n"] {
        assert_eq!(v2_json::decode(empty, &limits).expect("empty").batch, None);
        assert_eq!(v1_json::decode(empty, &limits).expect("empty").batch, None);
    }
    assert_eq!(v2_json::decode(b"[]", &limits).expect("empty").batch, None);
    assert_eq!(v2_json::decode(b"[null]", &limits).expect("empty").batch, None);
    assert_eq!(v2_proto::decode(b"", &limits).expect("empty").batch, None);
    assert_eq!(v1_thrift::decode(b"", &limits).expect("empty").batch, None);
    for noise in [&b"{}"[..], b"[", b"[{]", b"[] []", &[0xff; 40]] {
        assert!(v2_json::decode(noise, &limits).is_err());
        assert!(v1_json::decode(noise, &limits).is_err());
    }
    assert!(v2_proto::decode(&[0xff; 40], &limits).is_err());
    assert!(v1_thrift::decode(&[0xff; 40], &limits).is_err());
    assert!(v1_thrift::decode(&[8, 0, 0, 0, 1, 0, 0, 0, 0], &limits).is_err(), "a list of numbers");
}

#[test]
fn a_bad_span_is_refused_and_its_neighbours_stay() {
    let good = r#"{"traceId":"1","id":"2"}"#;
    let bad = [
        r#"{"id":"2"}"#,
        r#"{"traceId":"0x1","id":"2"}"#,
        r#"{"traceId":"1","id":"00000000000000000"}"#,
        r#"{"traceId":"1","id":"2","timestamp":"soon"}"#,
        r#"{"traceId":"1","id":"2","tags":7}"#,
        "7",
    ];
    let text = format!("[{good},{},{good}]", bad.join(","));
    let decoded = v2_json::decode(text.as_bytes(), &Limits::default()).expect("a list");
    assert_eq!(decoded.batch.map(|batch| batch.len()), Some(2));
    assert_eq!(decoded.rejected.count, bad.len() as u64, "{}", decoded.rejected.message());
}

#[test]
fn nesting_and_lengths_are_bounded() {
    let limits = Limits::default();
    let deep = format!("[{{\"traceId\":\"1\",\"id\":\"2\",\"more\":{}", "[".repeat(100_000));
    assert!(v2_json::decode(deep.as_bytes(), &limits).is_err());
    let huge = [&[12u8, 0x7f, 0xff, 0xff, 0xff][..], &[0; 20]].concat();
    assert!(v1_thrift::decode(&huge, &limits).is_err());
    let words = format!(r#"[{{"traceId":"1","id":"2","annotations":[{}{{}}]}}]"#, "{},".repeat(5_000));
    let decoded = v2_json::decode(words.as_bytes(), &limits).expect("a list").batch.expect("one span");
    let span = decoded.row(0).to_span(&mut model::batch::SharedParts::default());
    assert_eq!((span.events.len(), span.events_dropped), (limits.events_max, 5_001 - limits.events_max as u32));
}

#[test]
fn a_list_of_the_other_version_is_refused_by_name_instead_of_losing_what_it_says() {
    let limits = Limits::default();
    let first = br#"[{"traceId":"1","id":"2","binaryAnnotations":[{"key":"a","value":"b"}]}]"#;
    assert!(v2_json::decode(first, &limits).expect_err("v1").to_string().contains("received: JSON_V1"));
    assert!(v1_json::decode(first, &limits).is_ok());
    for second in [&br#"[{"traceId":"1","id":"2","tags":{"a":"b"}}]"#[..], br#"[{"localEndpoint":null,"id":"2"}]"#] {
        assert!(v1_json::decode(second, &limits).expect_err("v2").to_string().contains("received: JSON_V2"));
        assert!(v2_json::decode(second, &limits).is_ok());
    }
}
