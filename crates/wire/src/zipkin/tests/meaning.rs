//! What annotations, tags and endpoints mean in either version.

use model::batch::SharedParts;
use model::{Span, SpanBatch, SpanKind, StatusCode};

use crate::Limits;
use crate::decoded::DecodedBatch;
use crate::zipkin::{v1_json, v2_json};

fn spans(decoded: DecodedBatch) -> Vec<Span> {
    assert!(decoded.rejected.is_empty(), "{}", decoded.rejected.message());
    let mut parts = SharedParts::default();
    decoded.batch.iter().flat_map(SpanBatch::rows).map(|row| row.to_span(&mut parts)).collect()
}

/// A span of the second version with these members beside its ids.
fn v2(members: &str) -> Span {
    let text = format!(r#"[{{"traceId":"a1","id":"b2",{members}}}]"#);
    spans(v2_json::decode(text.as_bytes(), &Limits::default()).expect("a list")).remove(0)
}

/// The spans that one of the first version becomes.
fn v1(members: &str) -> Vec<Span> {
    let text = format!(r#"[{{"traceId":"a1","id":"b2","name":"n",{members}}}]"#);
    spans(v1_json::decode(text.as_bytes(), &Limits::default()).expect("a list"))
}

fn shown(span: &Span) -> String {
    let pairs: Vec<String> = span.attributes.iter().map(|pair| format!("{}={:?}", pair.key, pair.value)).collect();
    pairs.join(" ")
}

#[test]
fn short_ids_are_padded_in_front() {
    let span = v2(r#""parentId":"c3""#);
    assert_eq!(span.trace_id.to_string(), format!("{:0>32}", "a1"));
    assert_eq!(span.span_id.to_string(), format!("{:0>16}", "b2"));
    assert_eq!(span.parent_span_id.map(|id| id.to_string()), Some(format!("{:0>16}", "c3")));
}

#[test]
fn the_presence_of_the_tag_error_is_failure_and_its_text_the_reason() {
    let of = |tags: &str| {
        let span = v2(&format!(r#""tags":{{{tags}}}"#));
        (span.status.code, span.status.message.clone(), shown(&span))
    };
    let row = |code, message: &str, rest: &str| (code, message.to_owned(), rest.to_owned());
    assert_eq!(of(r#""error":"""#), row(StatusCode::Error, "", ""));
    assert_eq!(of(r#""error":"true""#), row(StatusCode::Error, "", ""));
    assert_eq!(of(r#""error":"boom""#), row(StatusCode::Error, "boom", ""));
    assert_eq!(of(r#""error":null"#), row(StatusCode::Unset, "", ""));
    assert_eq!(of(r#""otel.status_code":"OK""#), row(StatusCode::Ok, "", ""));
    assert_eq!(of(r#""a":"1""#), row(StatusCode::Unset, "", "a=String(\"1\")"));
}

#[test]
fn endpoints_say_who_ran_it_and_who_was_on_the_other_side() {
    let ends = r#""localEndpoint":{"serviceName":"shop","ipv4":"10.0.0.1","port":80},
        "remoteEndpoint":{"serviceName":"db","ipv4":"10.0.0.2","ipv6":"::1","port":5432}"#;
    let client = v2(&format!(r#""kind":"CLIENT",{ends}"#));
    assert_eq!((client.kind, client.service()), (SpanKind::Client, "shop"));
    assert_eq!(client.resource.attributes.text("host.ip"), Some("10.0.0.1"));
    assert_eq!(
        shown(&client),
        "service.peer.name=String(\"db\") network.peer.address=String(\"::1\") \
         server.address=String(\"::1\") server.port=Int(5432)"
    );
    let server = v2(&format!(r#""kind":"SERVER",{ends}"#));
    assert!(shown(&server).contains("client.address"), "{}", shown(&server));
    let unknown = v2(r#""kind":null,"localEndpoint":null,"remoteEndpoint":{"port":null}"#);
    assert_eq!(
        (unknown.kind, unknown.service(), shown(&unknown)),
        (SpanKind::Internal, "unknown_service", String::new())
    );
}

#[test]
fn annotations_of_exporters_carry_their_attributes() {
    let of = |words: &str| {
        let escaped = words.replace('"', "\\\"");
        let span = v2(&format!(r#""annotations":[{{"timestamp":5,"value":"{escaped}"}}]"#));
        let event = &span.events[0];
        assert_eq!(event.time.0, 5_000);
        let pairs: Vec<String> = event.attributes.iter().map(|pair| format!("{}={:?}", pair.key, pair.value)).collect();
        (event.name.clone(), pairs.join(" "), event.attributes_dropped)
    };
    let row = |name: &str, pairs: &str, dropped| (name.to_owned(), pairs.to_owned(), dropped);
    assert_eq!(of("ws"), row("ws", "", 0));
    assert_eq!(of(r#"{"e": {"a": 1}}"#), row("e", "a=Int(1)", 0));
    assert_eq!(
        of(r#""e": {"a": "x", "b": 1.5, "c": true}"#),
        row("e", "a=String(\"x\") b=Double(1.5) c=Bool(true)", 0)
    );
    assert_eq!(of(r#"e|{"a": 1}|2"#), row("e", "a=Int(1)", 2));
    for name in [r#"{"e": 1}"#, r#"{"e": {}, "f": {}}"#, r#"{"e": {"a": [1]}}"#, "e|f|g", "e|{}|", "{", "\u{e4}|1"] {
        assert_eq!(of(name), row(name, "", 0), "words that only look like it");
    }
}

#[test]
fn links_in_tags_become_links_and_what_is_none_stays_a_tag() {
    let trace = "0".repeat(31) + "7";
    let tags =
        format!(r#""tags":{{"otlp.link.0":"{trace}|0000000000000009|a=b|{{}}|3","otlp.link.1":"nonsense","x":"1"}}"#);
    let span = v2(&tags);
    let link = &span.links[0];
    assert_eq!((link.trace_id.to_string(), link.trace_state.as_str(), link.attributes_dropped), (trace, "a=b", 3));
    assert_eq!(shown(&span), "otlp.link.1=String(\"nonsense\") x=String(\"1\")");
}

#[test]
fn debug_and_shared_are_kept() {
    let span = v2(r#""debug":true,"shared":true,"kind":"SERVER""#);
    assert_eq!((span.flags, shown(&span).as_str()), (1, "debug=Bool(true) zipkin.shared=Bool(true)"));
}

const CLIENT: &str = r#"{"serviceName":"web","ipv4":"10.0.0.1"}"#;
const SERVER: &str = r#"{"serviceName":"shop","ipv4":"10.0.0.2"}"#;

#[test]
fn one_span_of_the_first_version_with_both_sides_is_two() {
    let both = v1(&format!(
        r#""parentId":"c3","annotations":[
            {{"timestamp":10,"value":"cs","endpoint":{CLIENT}}},{{"timestamp":90,"value":"cr","endpoint":{CLIENT}}},
            {{"timestamp":20,"value":"sr","endpoint":{SERVER}}},{{"timestamp":70,"value":"ss","endpoint":{SERVER}}},
            {{"timestamp":30,"value":"half way","endpoint":{SERVER}}}],
          "binaryAnnotations":[{{"key":"sa","value":true,"endpoint":{SERVER}}},{{"key":"ca","value":true,"endpoint":{CLIENT}}},
            {{"key":"path","value":"/x","endpoint":{SERVER}}},{{"key":"n","value":7,"endpoint":{CLIENT}}}]"#
    ));
    let shape = |span: &Span| (span.kind, span.service().to_owned(), span.start.0, span.end.0, span.events.len());
    assert_eq!(
        both.iter().map(shape).collect::<Vec<_>>(),
        [
            (SpanKind::Client, "web".to_owned(), 10_000, 90_000, 0),
            (SpanKind::Server, "shop".to_owned(), 20_000, 70_000, 1)
        ]
    );
    assert!(shown(&both[0]).starts_with("n=Int(7) service.peer.name=String(\"shop\")"), "{}", shown(&both[0]));
    assert!(
        shown(&both[1]).starts_with("path=String(\"/x\") service.peer.name=String(\"web\")"),
        "{}",
        shown(&both[1])
    );
    assert!(shown(&both[1]).ends_with("zipkin.shared=Bool(true)"));
    assert!(both.iter().all(|span| span.span_id == both[0].span_id && span.parent_span_id.is_some()));
}

#[test]
fn one_side_takes_its_time_from_the_span_when_that_says_it() {
    let side = format!(r#""annotations":[{{"timestamp":10,"value":"sr","endpoint":{SERVER}}}]"#);
    let said = v1(&format!(r#""timestamp":5,"duration":50,{side}"#));
    assert_eq!((said[0].kind, said[0].start.0, said[0].end.0), (SpanKind::Server, 5_000, 55_000));
    assert_eq!((v1(&side)[0].start.0, v1(&side)[0].end.0), (10_000, 10_000));
}

#[test]
fn a_span_without_sides_belongs_to_its_component() {
    let local = v1(&format!(r#""timestamp":5,"binaryAnnotations":[{{"key":"lc","value":"","endpoint":{SERVER}}}]"#));
    assert_eq!((local[0].kind, local[0].service(), shown(&local[0])), (SpanKind::Internal, "shop", String::new()));
    let named = v1(&format!(r#""binaryAnnotations":[{{"key":"lc","value":"spring","endpoint":{SERVER}}}]"#));
    assert_eq!(shown(&named[0]), "lc=String(\"spring\")");
    let messaging = v1(&format!(
        r#""annotations":[{{"timestamp":1,"value":"ms","endpoint":{CLIENT}}}],
           "binaryAnnotations":[{{"key":"ma","value":true,"endpoint":{SERVER}}}]"#
    ));
    assert_eq!((messaging[0].kind, messaging[0].service()), (SpanKind::Producer, "web"));
    assert!(shown(&messaging[0]).contains("service.peer.name=String(\"shop\")"));
}

#[test]
fn a_tag_that_repeats_the_resource_is_said_once_and_one_that_differs_stays() {
    let of = |service: &str| {
        let tags = format!(r#""tags":{{"service.name":"{service}","a":"b"}}"#);
        shown(&v2(&format!(r#""localEndpoint":{{"serviceName":"shop"}},{tags}"#)))
    };
    assert_eq!(of("shop"), r#"a=String("b")"#);
    assert_eq!(of("other"), r#"service.name=String("other") a=String("b")"#);
}
