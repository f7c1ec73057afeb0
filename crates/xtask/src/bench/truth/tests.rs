//! The truth again, naively: from the bytes that are sent, one loop per question, knowing nothing of how they were made.

mod edges;

use std::collections::{BTreeMap, BTreeSet};

use super::choose::questions;
use super::{Ask, Listed, OperationAnswer, PAGE, Search, SearchAnswer, ServiceAnswer, TraceAnswer, span_hash};
use crate::bench::encode::{self, BASE_NANOS, messages};
use crate::bench::protobuf::read::{Value, fields};
use crate::bench::requests::requests;
use crate::bench::workload::Name;

#[derive(Clone, Default)]
struct Span {
    trace: String,
    id: u64,
    parent: u64,
    service: String,
    name: String,
    kind: u64,
    start: u64,
    end: u64,
    is_error: bool,
    attributes: Vec<(String, String)>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn pairs(message: &[u8], number: u32) -> Vec<(String, String)> {
    let pair = |(pair, _): (&[u8], usize)| {
        let (key, _) = messages(pair, 0, 1).next().unwrap();
        let (any, _) = messages(pair, 0, 2).next().unwrap();
        let value = match fields(any, 0).next().unwrap().value {
            Value::Bytes(bytes) => text(bytes),
            Value::Varint(number) => number.cast_signed().to_string(),
            Value::Fixed64(_) => panic!("no such value is written"),
        };
        (text(key), value)
    };
    messages(message, 0, number).map(pair).collect()
}

fn span(message: &[u8], resource: &[(String, String)]) -> Span {
    let service = resource.iter().find(|(key, _)| key == "service.name").unwrap().1.clone();
    let mut span = Span { service, attributes: resource.to_vec(), ..Span::default() };
    let id = |bytes: &[u8]| u64::from_be_bytes(bytes.try_into().unwrap());
    for field in fields(message, 0) {
        match (field.number, field.value) {
            (1, Value::Bytes(bytes)) => span.trace = bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
            (2, Value::Bytes(bytes)) => span.id = id(bytes),
            (4, Value::Bytes(bytes)) => span.parent = id(bytes),
            (5, Value::Bytes(bytes)) => span.name = text(bytes),
            (6, Value::Varint(kind)) => span.kind = kind,
            (7, Value::Fixed64(nanos)) => span.start = nanos - BASE_NANOS,
            (8, Value::Fixed64(nanos)) => span.end = nanos - BASE_NANOS,
            (11, Value::Bytes(event)) => span.attributes.extend(pairs(event, 3)),
            (15, Value::Bytes(status)) => {
                span.is_error = fields(status, 0).any(|f| (f.number, f.value) == (3, Value::Varint(2)))
            }
            _ => {}
        }
    }
    span.attributes.extend(pairs(message, 9));
    span
}

fn decode(body: &[u8]) -> Vec<Span> {
    let mut spans = Vec::new();
    for (group, _) in messages(body, 0, 1) {
        let resource = pairs(messages(group, 0, 1).next().unwrap().0, 1);
        for (scoped, _) in messages(group, 0, 2) {
            spans.extend(messages(scoped, 0, 2).map(|(message, _)| span(message, &resource)));
        }
    }
    spans
}

fn listed(id: &str, spans: &[&Span]) -> Listed {
    let start = spans.iter().map(|span| span.start).min().unwrap();
    Listed {
        id: id.to_owned(),
        start,
        duration: spans.iter().map(|span| span.end).max().unwrap() - start,
        spans: spans.len() as u64,
        errors: spans.iter().filter(|span| span.is_error).count() as u64,
    }
}

fn search(spans: &[Span], search: &Search) -> SearchAnswer {
    let meets = |span: &&Span| {
        (search.from_millis * 1_000_000..search.to_millis * 1_000_000).contains(&span.start)
            && search.service.as_ref().is_none_or(|service| *service == span.service)
            && search.name.as_ref().is_none_or(|name| *name == span.name)
            && search.attribute.as_ref().is_none_or(|pair| span.attributes.contains(pair))
            && (!search.errors || span.is_error)
    };
    let traces: BTreeSet<&str> = spans.iter().filter(meets).map(|span| span.trace.as_str()).collect();
    let whole = |id: &&str| spans.iter().filter(|span| span.trace == *id).collect::<Vec<_>>();
    let mut found: Vec<Listed> = traces.iter().map(|id| listed(id, &whole(id))).collect();
    found.retain(|listed| search.duration_min.is_none_or(|min| listed.duration >= min));
    let key = |listed: &Listed| if search.longest_first { listed.duration } else { listed.start };
    found.sort_by_key(|listed| (std::cmp::Reverse(key(listed)), listed.id.clone()));
    let matched = found.len() as u64;
    SearchAnswer { matched, first: found.into_iter().take(PAGE).collect() }
}

fn trace(spans: &[Span], id: &str) -> TraceAnswer {
    let spans: Vec<&Span> = spans.iter().filter(|span| span.trace == id).collect();
    let root = spans.iter().find(|span| span.parent == 0).unwrap();
    let hash = |span: &&Span| span_hash(span.id, span.parent, span.start, span.end, &span.name);
    TraceAnswer {
        listed: listed(id, &spans),
        root_service: root.service.clone(),
        root_name: root.name.clone(),
        span_set: spans.iter().map(hash).fold(0, u64::wrapping_add),
    }
}

fn services(spans: &[Span], from_millis: u64, to_millis: u64) -> Vec<ServiceAnswer> {
    let minute = |span: &Span| span.start / 60_000_000_000;
    let inside = |span: &&Span| minute(span) >= from_millis / 60_000 && minute(span) * 60_000 < to_millis;
    let names: BTreeSet<&str> = spans.iter().filter(inside).map(|span| span.service.as_str()).collect();
    let answer = |name: &&str| {
        let all: Vec<&Span> = spans.iter().filter(inside).filter(|span| span.service == *name).collect();
        let entries: Vec<&&Span> = all.iter().filter(|span| span.kind == 2 || span.parent == 0).collect();
        let mut durations: Vec<u64> = entries.iter().map(|span| span.end - span.start).collect();
        durations.sort_unstable();
        let quantile = |share: f64| {
            let rank = (share * durations.len() as f64).ceil().max(1.0) as usize;
            durations.get(rank - 1).copied().unwrap_or_default()
        };
        let failed = |spans: &[&&Span]| spans.iter().filter(|span| span.is_error).count() as u64;
        let of_minute = |wanted: u64| entries.iter().filter(|span| minute(span) == wanted).copied().collect::<Vec<_>>();
        let minutes: BTreeSet<u64> = entries.iter().map(|span| minute(span)).collect();
        ServiceAnswer {
            service: (*name).to_owned(),
            spans: all.len() as u64,
            errors: all.iter().filter(|span| span.is_error).count() as u64,
            requests: entries.len() as u64,
            request_errors: failed(&entries),
            quantiles: [0.5, 0.95, 0.99].map(quantile),
            minutes: minutes
                .iter()
                .map(|wanted| (*wanted, of_minute(*wanted).len() as u64, failed(&of_minute(*wanted))))
                .collect(),
        }
    };
    names.iter().map(answer).collect()
}

fn operations(spans: &[Span], service: &str) -> Vec<OperationAnswer> {
    let mut counts: BTreeMap<(String, u64), u64> = BTreeMap::new();
    for span in spans.iter().filter(|span| span.service == service) {
        *counts.entry((span.name.clone(), span.kind)).or_default() += 1;
    }
    let word = |kind: u64| ["", "internal", "server", "client", "producer"][kind as usize].to_owned();
    let mut answers: Vec<OperationAnswer> =
        counts.into_iter().map(|((name, kind), spans)| OperationAnswer { name, kind: word(kind), spans }).collect();
    answers.sort();
    answers
}

/// How many of the questions find something.
fn check(name: Name, count: usize) -> usize {
    let workload = name.workload();
    let generated = workload.spans(5, count);
    let mut spans = Vec::new();
    for rows in requests(&generated, name.requests(), 5) {
        spans.extend(decode(&encode::request(&*workload, &generated, &rows)));
    }
    assert_eq!(spans.len(), count);
    let end_millis = spans.iter().map(|span| span.end).max().unwrap() / 1_000_000 + 1;
    let mut found = 0;
    for question in questions(&*workload, &generated, 5, end_millis) {
        let about = format!("{name:?} {}", question.name);
        match question.ask {
            Ask::Trace { id, answer: None } => assert!(spans.iter().all(|span| span.trace != id), "{about}"),
            Ask::Trace { id, answer: Some(answer) } => assert_eq!(answer, trace(&spans, &id), "{about}"),
            Ask::Search { search: asked, answer } => {
                assert_eq!(answer, search(&spans, &asked), "{about}: {asked:?}");
                found += usize::from(answer.matched > 0);
            }
            Ask::Services { from_millis, to_millis, answer } => {
                assert_eq!(answer, services(&spans, from_millis, to_millis), "{about}");
            }
            Ask::Edges { from_millis, to_millis, answer } => {
                assert!(answer.len() > 10, "{about}: only {} edges", answer.len());
                assert_eq!(answer, edges::edges(&spans, from_millis, to_millis), "{about}");
            }
            Ask::Operations { service, answer } => assert_eq!(answer, operations(&spans, &service), "{about}"),
        }
    }
    found
}

#[test]
fn truth_of_every_workload_is_what_its_bytes_say() {
    for name in [Name::W1, Name::W2, Name::W3, Name::W5] {
        let found = check(name, 2_000);
        // 20 of 160 ask for what is absent; the rest must not all be empty, or nothing was compared.
        assert!(found > 80, "{name:?}: only {found} questions find something");
    }
}

#[test]
fn demo_spans_have_the_size_that_was_asked_for() {
    let workload = Name::W1.workload();
    let spans = workload.spans(1, 20_480);
    let requests = requests(&spans, Name::W1.requests(), 1);
    let bytes: usize = requests.iter().map(|rows| encode::request(&*workload, &spans, rows).len()).sum();
    let per_span = bytes as f64 / 20_480.0;
    assert!((456.0..476.0).contains(&per_span), "{per_span} bytes per span, wanted about 466");
}

#[test]
fn production_spans_have_the_size_and_width_that_were_asked_for() {
    let workload = Name::W2.workload();
    let spans = workload.spans(1, 5_120);
    let bodies: Vec<Vec<u8>> =
        requests(&spans, Name::W2.requests(), 1).iter().map(|rows| encode::request(&*workload, &spans, rows)).collect();
    let per_span = bodies.iter().map(Vec::len).sum::<usize>() as f64 / 5_120.0;
    assert!((1_300.0..1_700.0).contains(&per_span), "{per_span} bytes per span");
    assert!(spans.rows.iter().all(|row| (25..=30).contains(&workload.attributes(row).len())));
}

#[test]
fn times_of_a_request_are_found_and_moved() {
    let workload = Name::W1.workload();
    let spans = workload.spans(1, 512);
    let mut body = encode::request(&*workload, &spans, &(0..512).collect::<Vec<_>>());
    let before = decode(&body);
    let offsets = encode::time_offsets(&body);
    let events: usize = spans.rows.iter().map(|row| workload.events(row).len()).sum();
    assert!(events > 0);
    assert_eq!(offsets.len(), 1_024 + events);
    encode::move_times(&mut body, offsets.into_iter(), 60);
    for (before, after) in before.iter().zip(decode(&body)) {
        assert_eq!((before.start + 60, before.end + 60, before.id), (after.start, after.end, after.id));
    }
}
