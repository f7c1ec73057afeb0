//! What tags, logs and references mean: each goes where OpenTelemetry has a field for it, and nothing else goes.

use model::{Attribute, Span, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value};

use crate::Limits;
use crate::assemble::Assembler;
use crate::intake::AttributesDraft;
use crate::jaeger::draft::{LogDraft, ProcessDraft, Reference, ReferenceKind, SpanDraft};
use crate::jaeger::translate::Translator;

fn trace(n: u8) -> TraceId {
    TraceId::new([n; 16]).expect("not zero")
}

fn id(n: u8) -> SpanId {
    SpanId::new([n; 8]).expect("not zero")
}

fn tags<const N: usize>(pairs: [(&str, Value); N]) -> AttributesDraft {
    let mut draft = AttributesDraft::default();
    pairs.into_iter().for_each(|(key, value)| draft.push(Attribute { key: key.to_owned(), value }));
    draft
}

fn draft() -> SpanDraft {
    SpanDraft {
        trace_id: Ok(trace(1)),
        span_id: Ok(id(1)),
        start: UnixNanos(5),
        end: UnixNanos(9),
        ..SpanDraft::default()
    }
}

fn translated_by(process: ProcessDraft, span: SpanDraft) -> Span {
    let limits = Limits::default();
    let mut translator = Translator::new(Assembler::new(1_000, &limits), process, model::Warnings::NONE);
    translator.accept(span, None);
    translator.finish().spans.pop().expect("one span")
}

fn translated(span: SpanDraft) -> Span {
    translated_by(ProcessDraft::default(), span)
}

fn keys(span: &Span) -> Vec<&str> {
    span.attributes.iter().map(|pair| pair.key.as_str()).collect()
}

fn reference(kind: ReferenceKind, trace_of: u8, span: u8) -> Reference {
    Reference { kind, trace_id: trace(trace_of), span_id: id(span) }
}

/// Parent and links as last bytes of their ids, links with their kind.
fn relations(parent: Option<u8>, references: Vec<Reference>) -> (Option<u8>, Vec<(u8, u8, String)>) {
    let span = translated(SpanDraft { parent_span_id: parent.map(id), references, ..draft() });
    let kind = |link: &model::Link| link.attributes.text("opentracing.ref_type").unwrap_or_default().to_owned();
    let links = span.links.iter().map(|link| (link.trace_id.bytes()[0], link.span_id.bytes()[0], kind(link)));
    (span.parent_span_id.map(|parent| parent.bytes()[0]), links.collect())
}

#[test]
fn the_first_child_of_is_the_parent_and_every_other_reference_a_link() {
    use ReferenceKind::{ChildOf, FollowsFrom};
    let link = |trace, span, kind: &str| (trace, span, kind.to_owned());
    let of = |kind, trace, span| reference(kind, trace, span);
    assert_eq!(relations(None, vec![]), (None, vec![]));
    assert_eq!(relations(Some(2), vec![]), (Some(2), vec![]));
    assert_eq!(relations(Some(2), vec![of(ChildOf, 1, 2)]), (Some(2), vec![]), "said twice");
    assert_eq!(relations(None, vec![of(ChildOf, 1, 2)]), (Some(2), vec![]));
    let both = vec![of(FollowsFrom, 1, 3), of(ChildOf, 1, 2), of(ChildOf, 1, 4)];
    let links = vec![link(1, 3, "follows_from"), link(1, 4, "child_of")];
    assert_eq!(relations(None, both), (Some(2), links));
    let follows = vec![of(FollowsFrom, 1, 3)];
    assert_eq!(relations(None, follows.clone()), (Some(3), vec![link(1, 3, "follows_from")]), "the kind is kept");
    assert_eq!(relations(Some(3), follows), (Some(3), vec![link(1, 3, "follows_from")]), "as Python's client says it");
    let elsewhere = vec![of(ChildOf, 2, 2), of(FollowsFrom, 2, 3)];
    let links = vec![link(2, 2, "child_of"), link(2, 3, "follows_from")];
    assert_eq!(relations(None, elsewhere), (None, links), "no span of another trace is a parent");
}

#[test]
fn the_kind_is_taken_from_its_tag_and_an_unknown_one_stays_a_tag() {
    let of = |kind: &str| translated(SpanDraft { tags: tags([("span.kind", kind.into())]), ..draft() });
    assert_eq!((of("server").kind, keys(&of("server"))), (SpanKind::Server, vec![]));
    assert_eq!((of("odd").kind, keys(&of("odd"))), (SpanKind::Internal, vec!["span.kind"]));
}

#[test]
fn failure_is_said_by_the_clearest_tag() {
    let of = |list: Vec<(&str, Value)>| {
        let mut draft_tags = AttributesDraft::default();
        list.into_iter().for_each(|(key, value)| draft_tags.push(Attribute { key: key.to_owned(), value }));
        let span = translated(SpanDraft { tags: draft_tags, ..draft() });
        let kept = keys(&span).join(",");
        (span.status.code, span.status.message, kept)
    };
    let row = |code, message: &str, kept: &str| (code, message.to_owned(), kept.to_owned());
    assert_eq!(of(vec![("error", true.into())]), row(StatusCode::Error, "", ""));
    assert_eq!(of(vec![("error", "true".into())]), row(StatusCode::Error, "", ""));
    assert_eq!(of(vec![("error", false.into())]), row(StatusCode::Unset, "", "error"));
    assert_eq!(of(vec![("error", "timeout".into())]), row(StatusCode::Unset, "", "error"));
    let described = vec![("otel.status_code", "ERROR".into()), ("otel.status_description", "boom".into())];
    assert_eq!(of(described), row(StatusCode::Error, "boom", ""));
    assert_eq!(of(vec![("otel.status_code", "OK".into())]), row(StatusCode::Ok, "", ""));
    assert_eq!(of(vec![("http.status_code", 503.into())]), row(StatusCode::Error, "", "http.status_code"));
    assert_eq!(of(vec![("http.status_code", 404.into())]), row(StatusCode::Unset, "", "http.status_code"));
    let by_client = vec![("span.kind", "client".into()), ("http.status_code", "404".into())];
    assert_eq!(of(by_client), row(StatusCode::Error, "", "http.status_code"));
    let judged = vec![("otel.status_code", "OK".into()), ("http.status_code", 503.into())];
    assert_eq!(of(judged), row(StatusCode::Ok, "", "http.status_code"));
    let told = vec![("error", true.into()), ("http.status_message", "gone".into())];
    assert_eq!(of(told), row(StatusCode::Error, "gone", "http.status_message"));
}

#[test]
fn a_log_is_an_event_named_by_its_event_and_an_error_becomes_an_exception() {
    let of = |fields: AttributesDraft| {
        let log = LogDraft { time: UnixNanos(7), fields };
        let mut span = translated(SpanDraft { logs: vec![log], ..draft() });
        let event = span.events.pop().expect("one event");
        let keys: Vec<String> = event.attributes.iter().map(|pair| pair.key.clone()).collect();
        (event.name, keys.join(","))
    };
    let row = |name: &str, keys: &str| (name.to_owned(), keys.to_owned());
    assert_eq!(of(tags([("event", "sent".into()), ("bytes", 3.into())])), row("sent", "bytes"));
    assert_eq!(of(tags([("message", "hello".into())])), row("hello", "message"));
    assert_eq!(of(tags([("bytes", 3.into())])), row("log", "bytes"));
    assert_eq!(of(tags([("event", 3.into())])), row("log", "event"), "a number is no name");
    let error = [("event", "error".into()), ("error.kind", "E".into()), ("message", "m".into()), ("stack", "s".into())];
    assert_eq!(of(tags(error)), row("exception", "exception.type,exception.message,exception.stacktrace"));
    let baggage = [("event", "baggage".into()), ("key", "user".into()), ("value", "7".into())];
    assert_eq!(of(tags(baggage)), row("baggage", "key,value"));
}

#[test]
fn the_other_side_is_named_in_todays_words_beside_the_old_ones() {
    let of = |kind: &str, pairs: [(&str, Value); 3]| {
        let mut list = tags(pairs);
        list.push(Attribute { key: "span.kind".into(), value: kind.into() });
        let span = translated(SpanDraft { tags: list, ..draft() });
        let shown = span.attributes.iter().map(|pair| format!("{}={:?}", pair.key, pair.value));
        shown.collect::<Vec<_>>().split_off(3)
    };
    let pairs =
        || [("peer.service", "db".into()), ("peer.ipv4", Value::Int(0x7f00_0001)), ("peer.port", "5432".into())];
    assert_eq!(
        of("client", pairs()),
        [
            "service.peer.name=String(\"db\")",
            "network.peer.address=String(\"127.0.0.1\")",
            "server.address=String(\"127.0.0.1\")",
            "server.port=Int(5432)"
        ]
    );
    assert_eq!(of("server", pairs())[2..], ["client.address=String(\"127.0.0.1\")", "client.port=Int(5432)"]);
    let named = [("peer.hostname", "db1".into()), ("peer.ipv4", Value::Int(-1)), ("peer.port", Value::Int(0))];
    let shown = of("client", named);
    assert_eq!(shown, ["server.address=String(\"db1\")", "network.peer.address=String(\"255.255.255.255\")"]);
}

#[test]
fn process_tags_become_the_resource_and_are_not_told_twice() {
    let process = ProcessDraft {
        service: "shop".into(),
        tags: tags([("hostname", "h1".into()), ("ip", "10.0.0.1".into()), ("zone", "a".into())]),
    };
    let repeated = [("zone", "a".into()), ("own", 1.into()), ("otel.scope.name", "lib".into())];
    let span = translated_by(process, SpanDraft { tags: tags(repeated), ..draft() });
    let of_resource: Vec<&str> = span.resource.attributes.iter().map(|pair| pair.key.as_str()).collect();
    assert_eq!(of_resource, ["service.name", "host.name", "host.ip", "zone"]);
    assert_eq!((span.service(), span.scope.name.as_str(), keys(&span)), ("shop", "lib", vec!["own"]));
    let unnamed = ProcessDraft { service: "OTLPResourceNoServiceName".into(), ..ProcessDraft::default() };
    assert_eq!(translated_by(unnamed, draft()).service(), "unknown_service");
}

#[test]
fn flags_and_state_have_fields_of_their_own() {
    let list = tags([("w3c.tracestate", "a=b".into())]);
    let span = translated(SpanDraft { flags: 3, tags: list, ..draft() });
    assert_eq!((span.flags, span.trace_state.as_str(), keys(&span)), (1, "a=b", vec!["debug"]));
}
