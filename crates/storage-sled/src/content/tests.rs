//! Claims about fingerprints.

use super::*;
use model::testing::{resource, span};
use model::{Attributes, BatchBuilder, Event, Link, Span, SpanKind, StatusCode, TraceId, UnixNanos, Value, Warning};

fn of_spans(fingerprints: &Fingerprints, spans: &[Span]) -> Vec<Fingerprint> {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    fingerprints.of_batch(&builder.finish().expect("not empty"))
}

fn attributes(value: impl Into<Value>) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set("key", value);
    attributes
}

/// Spans of which no two are equal: each but the first differs from it in one thing.
fn variants() -> Vec<Span> {
    let plain = span(1, 1, None);
    let event =
        Event { time: UnixNanos(7), name: "e".into(), attributes: attributes(Value::Int(1)), attributes_dropped: 0 };
    let link = Link {
        trace_id: plain.trace_id,
        span_id: plain.span_id,
        trace_state: String::new(),
        flags: 0,
        attributes: attributes("1"),
        attributes_dropped: 0,
    };
    let with = |change: &dyn Fn(&mut Span)| {
        let mut span = plain.clone();
        change(&mut span);
        span
    };
    let of_event = |change: &dyn Fn(&mut Event)| {
        with(&|span| {
            let mut event = event.clone();
            change(&mut event);
            span.events.push(event);
        })
    };
    let of_link = |change: &dyn Fn(&mut Link)| {
        with(&|span| {
            let mut link = link.clone();
            change(&mut link);
            span.links.push(link);
        })
    };
    let values = [
        Value::Empty,
        "".into(),
        "a".into(),
        false.into(),
        true.into(),
        Value::Int(0),
        Value::Int(1),
        0.0.into(),
        (-0.0).into(),
        f64::NAN.into(),
        Value::Bytes(vec![1]),
        Value::Array(vec![Value::Int(1)]),
        Value::Map(attributes(Value::Int(1))),
    ];
    let mut variants: Vec<Span> =
        values.iter().map(|value| with(&|span| span.attributes = attributes(value.clone()))).collect();
    variants.extend([
        plain.clone(),
        with(&|span| span.trace_id = TraceId::new([2; 16]).expect("not zero")),
        with(&|span| span.span_id = SpanId::new([2; 8]).expect("not zero")),
        with(&|span| span.parent_span_id = SpanId::new([2; 8])),
        with(&|span| span.trace_state = "a=b".into()),
        with(&|span| span.flags = 1),
        with(&|span| span.name = "other".into()),
        with(&|span| span.kind = SpanKind::Server),
        with(&|span| span.start = UnixNanos(1)),
        with(&|span| span.end = UnixNanos(1)),
        with(&|span| span.attributes.set("other", "a")),
        with(&|span| span.attributes_dropped = 1),
        with(&|span| span.events_dropped = 1),
        with(&|span| span.links_dropped = 1),
        with(&|span| span.status.code = StatusCode::Error),
        with(&|span| span.status.message = "a=b".into()),
        with(&|span| span.resource = resource("other")),
        with(&|span| std::sync::Arc::make_mut(&mut span.scope).name = "scope".into()),
        with(&|span| std::sync::Arc::make_mut(&mut span.scope).version = "scope".into()),
        with(&|span| span.warnings.add(Warning::Salvaged)),
        of_event(&|_| {}),
        of_event(&|event| event.time = UnixNanos(8)),
        of_event(&|event| event.name = "f".into()),
        of_event(&|event| event.attributes = attributes(Value::Int(2))),
        of_event(&|event| event.attributes_dropped = 1),
        of_link(&|_| {}),
        of_link(&|link| link.trace_id = TraceId::new([3; 16]).expect("not zero")),
        of_link(&|link| link.span_id = SpanId::new([3; 8]).expect("not zero")),
        of_link(&|link| link.trace_state = "a=b".into()),
        of_link(&|link| link.flags = 1),
        of_link(&|link| link.attributes = attributes("2")),
        of_link(&|link| link.attributes_dropped = 1),
    ]);
    variants
}

#[test]
fn whatever_differs_makes_another_fingerprint_and_nothing_else_does() {
    let fingerprints = Fingerprints::default();
    let spans = variants();
    let together = of_spans(&fingerprints, &spans);
    let distinct: FingerprintSet = together.iter().copied().collect();
    assert_eq!(distinct.len(), spans.len());
    // In other company texts and resources have other numbers.
    let alone: Vec<_> = spans.iter().flat_map(|span| of_spans(&fingerprints, std::slice::from_ref(span))).collect();
    assert_eq!(alone, together);
    assert_ne!(of_spans(&Fingerprints { seed: fingerprints.seed ^ 1 }, &spans), together, "another process");
}
