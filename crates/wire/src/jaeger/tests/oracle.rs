//! Random batches, written by the protocol's own library in both forms, are read as what was written.

use model::{Span, Value, Warnings};
use proptest::prelude::*;
use thrift::protocol::{
    TBinaryOutputProtocol, TCompactOutputProtocol, TFieldIdentifier, TListIdentifier, TMessageIdentifier, TMessageType,
    TOutputProtocol, TStructIdentifier, TType,
};

use crate::jaeger::thrift::{body, datagram};
use crate::jaeger::{Batch, ClientStats, Envelope};
use crate::{Decoded, DecodedBatch, Limits};

/// A tag by its number of type.
#[derive(Clone, Debug)]
enum Given {
    Text(String),
    Double(f64),
    Bool(bool),
    Int(i64),
    Raw(Vec<u8>),
}

#[derive(Clone, Debug)]
struct GivenSpan {
    high: i64,
    low: i64,
    id: i64,
    parent: i64,
    name: String,
    references: Vec<(i32, i64, i64, i64)>,
    flags: i32,
    start: i64,
    duration: i64,
    tags: Vec<(String, Given)>,
    logs: Vec<(i64, Vec<(String, Given)>)>,
}

/// Writes the parts of a batch, whatever the form.
struct Writer<'p>(&'p mut dyn TOutputProtocol);

impl Writer<'_> {
    fn field(&mut self, kind: TType, id: i16, write: impl FnOnce(&mut Self)) {
        self.0.write_field_begin(&TFieldIdentifier::new("", kind, id)).expect("memory");
        write(self);
        self.0.write_field_end().expect("memory");
    }

    fn structure(&mut self, write: impl FnOnce(&mut Self)) {
        self.0.write_struct_begin(&TStructIdentifier::new("")).expect("memory");
        write(self);
        self.0.write_field_stop().expect("memory");
        self.0.write_struct_end().expect("memory");
    }

    fn list<T>(&mut self, id: i16, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.field(TType::List, id, |this| {
            this.0.write_list_begin(&TListIdentifier::new(TType::Struct, items.len() as i32)).expect("memory");
            items.iter().for_each(|item| this.structure(|this| write(this, item)));
            this.0.write_list_end().expect("memory");
        });
    }

    fn i64(&mut self, id: i16, number: i64) {
        self.field(TType::I64, id, |this| this.0.write_i64(number).expect("memory"));
    }

    fn i32(&mut self, id: i16, number: i32) {
        self.field(TType::I32, id, |this| this.0.write_i32(number).expect("memory"));
    }

    fn text(&mut self, id: i16, text: &str) {
        self.field(TType::String, id, |this| this.0.write_string(text).expect("memory"));
    }

    fn tags(&mut self, id: i16, tags: &[(String, Given)]) {
        self.list(id, tags, |this, (key, value)| {
            this.text(1, key);
            match value {
                Given::Text(text) => {
                    this.i32(2, 0);
                    this.text(3, text);
                }
                Given::Double(number) => {
                    this.i32(2, 1);
                    this.field(TType::Double, 4, |this| this.0.write_double(*number).expect("memory"));
                }
                Given::Bool(truth) => {
                    this.i32(2, 2);
                    this.field(TType::Bool, 5, |this| this.0.write_bool(*truth).expect("memory"));
                }
                Given::Int(number) => {
                    this.i32(2, 3);
                    this.i64(6, *number);
                }
                Given::Raw(raw) => {
                    this.i32(2, 4);
                    this.field(TType::String, 7, |this| this.0.write_bytes(raw).expect("memory"));
                }
            }
        });
    }

    fn span(&mut self, span: &GivenSpan) {
        self.i64(1, span.low);
        self.i64(2, span.high);
        self.i64(3, span.id);
        self.i64(4, span.parent);
        self.text(5, &span.name);
        self.list(6, &span.references, |this, (kind, low, high, id)| {
            this.i32(1, *kind);
            this.i64(2, *low);
            this.i64(3, *high);
            this.i64(4, *id);
        });
        self.i32(7, span.flags);
        self.i64(8, span.start);
        self.i64(9, span.duration);
        self.tags(10, &span.tags);
        self.list(11, &span.logs, |this, (time, fields)| {
            this.i64(1, *time);
            this.tags(2, fields);
        });
        // A field of a version to come, of every kind that a reader must get over.
        self.field(TType::Struct, 99, |this| this.structure(|this| this.tags(1, &span.tags)));
    }

    fn batch(&mut self, spans: &[GivenSpan], tags: &[(String, Given)]) {
        self.structure(|this| {
            this.field(TType::Struct, 1, |this| {
                this.structure(|this| {
                    this.text(1, "shop");
                    this.tags(2, tags);
                });
            });
            this.list(2, spans, Self::span);
            this.i64(3, 77);
            this.field(TType::Struct, 4, |this| {
                this.structure(|this| {
                    this.i64(1, 1);
                    this.i64(2, 2);
                    this.i64(3, 3);
                });
            });
        });
    }

    fn call(&mut self, spans: &[GivenSpan], tags: &[(String, Given)]) {
        let head = TMessageIdentifier::new("emitBatch", TMessageType::OneWay, 5);
        self.0.write_message_begin(&head).expect("memory");
        self.structure(|this| this.field(TType::Struct, 1, |this| this.batch(spans, tags)));
        self.0.write_message_end().expect("memory");
    }
}

fn any_tags() -> impl Strategy<Value = Vec<(String, Given)>> {
    let value = prop_oneof![
        ".{0,5}".prop_map(Given::Text),
        any::<i32>().prop_map(|number| Given::Double(f64::from(number) / 8.0)),
        any::<bool>().prop_map(Given::Bool),
        any::<i64>().prop_map(Given::Int),
        prop::collection::vec(any::<u8>(), 0..5).prop_map(Given::Raw),
    ];
    // Distinct keys that mean nothing: what they mean is another test's matter.
    prop::collection::btree_map("[a-z]{8}", value, 0..4).prop_map(|tags| tags.into_iter().collect())
}

fn any_span() -> impl Strategy<Value = GivenSpan> {
    let ids = (any::<i64>(), 1i64..i64::MAX, prop_oneof![any::<i64>(), Just(0)], prop_oneof![any::<i64>(), Just(0)]);
    let references = prop::collection::vec((0i32..2, any::<i64>(), any::<i64>(), any::<i64>()), 0..3);
    let times = (0i64..1 << 53, 0i64..1 << 40);
    let logs = prop::collection::vec((0i64..1 << 53, any_tags()), 0..3);
    (ids, ".{0,9}", references, 0i32..2, times, any_tags(), logs).prop_map(
        |((high, low, id, parent), name, references, flags, (start, duration), tags, logs)| GivenSpan {
            high,
            low,
            id,
            parent,
            name,
            references,
            flags,
            start,
            duration,
            tags,
            logs,
        },
    )
}

fn value_of(given: &Given) -> Value {
    match given {
        Given::Text(text) => Value::from(text.as_str()),
        Given::Double(number) => Value::Double(*number),
        Given::Bool(truth) => Value::Bool(*truth),
        Given::Int(number) => Value::Int(*number),
        Given::Raw(raw) => Value::Bytes(raw.clone()),
    }
}

fn pairs_of(tags: &[(String, Given)]) -> Vec<(String, Value)> {
    tags.iter().map(|(key, given)| (key.clone(), value_of(given))).collect()
}

fn spans_of(decoded: &DecodedBatch) -> Vec<Span> {
    let mut parts = model::batch::SharedParts::default();
    decoded.batch.iter().flat_map(model::SpanBatch::rows).map(|row| row.to_span(&mut parts)).collect()
}

fn assert_as_given(batch: &Batch, given: &[GivenSpan], tags: &[(String, Given)]) {
    assert_eq!((batch.client.service.as_str(), batch.client.sequence), ("shop", Some(77)));
    assert_eq!(batch.client.stats, Some(ClientStats { queue_full: 1, too_large: 2, not_sent: 3 }));
    let good: Vec<&GivenSpan> = given.iter().filter(|span| span.id != 0).collect();
    assert_eq!(batch.decoded.rejected.count, (given.len() - good.len()) as u64);
    let spans = spans_of(&batch.decoded);
    assert_eq!(spans.len(), good.len());
    for (span, given) in spans.iter().zip(good) {
        let id = |bytes: &[u8]| i64::from_be_bytes(bytes.try_into().expect("eight bytes"));
        assert_eq!((id(&span.trace_id.bytes()[..8]), id(&span.trace_id.bytes()[8..])), (given.high, given.low));
        assert_eq!(id(span.span_id.bytes()), given.id);
        if given.parent != 0 {
            assert_eq!(span.parent_span_id.map(|parent| id(parent.bytes())), Some(given.parent));
        }
        assert_eq!((&span.name, span.flags), (&given.name, given.flags as u32));
        assert_eq!(
            (span.start.0, span.end.0),
            (given.start as u64 * 1000, (given.start + given.duration) as u64 * 1000)
        );
        let of_span: Vec<(String, Value)> =
            span.attributes.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect();
        assert_eq!(of_span, pairs_of(&given.tags));
        assert_eq!(span.events.len(), given.logs.len());
        for (event, (time, fields)) in span.events.iter().zip(&given.logs) {
            assert_eq!((event.time.0, event.name.as_str()), (*time as u64 * 1000, "log"));
            let of_event: Vec<(String, Value)> =
                event.attributes.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect();
            assert_eq!(of_event, pairs_of(fields));
        }
        let named = given.references.iter().filter(|(_, low, high, id)| *id != 0 && (*low != 0 || *high != 0)).count();
        assert_eq!(span.links.len() + span.links_dropped as usize, given.references.len());
        assert_eq!(span.links.len(), named, "no random reference names this very trace");
        let of_resource = pairs_of(tags);
        assert!(of_resource.iter().all(|(key, value)| span.resource.attributes.get(key) == Some(value)));
        assert_eq!(span.resource.attributes.len(), tags.len() + 1);
        assert_eq!(span.warnings, Warnings::NONE);
    }
}

proptest! {
    #[test]
    fn what_the_library_writes_is_read(spans in prop::collection::vec(any_span(), 0..6), tags in any_tags()) {
        // Equal tags of span and process are told once; random ones are not equal.
        let keys: Vec<&String> = tags.iter().map(|(key, _)| key).collect();
        prop_assume!(spans.iter().all(|span| span.tags.iter().all(|(key, _)| !keys.contains(&key))));
        let limits = Limits::default();
        let mut compact = Vec::new();
        Writer(&mut TCompactOutputProtocol::new(&mut compact)).call(&spans, &tags);
        assert_as_given(&datagram(Envelope::Compact, &compact, &limits).expect("a batch"), &spans, &tags);
        for is_strict in [true, false] {
            let mut binary = Vec::new();
            Writer(&mut TBinaryOutputProtocol::new(&mut binary, is_strict)).call(&spans, &tags);
            assert_as_given(&datagram(Envelope::Binary, &binary, &limits).expect("a batch"), &spans, &tags);
        }
        let mut bare = Vec::new();
        Writer(&mut TBinaryOutputProtocol::new(&mut bare, true)).batch(&spans, &tags);
        assert_as_given(&body(&bare, &limits).expect("a batch"), &spans, &tags);
        // Cut anywhere, it is no batch, and nothing worse.
        for end in 0..bare.len() {
            prop_assert!(body(&bare[..end], &limits).is_err(), "cut at {end}");
        }
    }
}

#[test]
fn an_empty_batch_is_a_batch() {
    let mut bare = Vec::new();
    Writer(&mut TBinaryOutputProtocol::new(&mut bare, true)).batch(&[], &[]);
    let batch = body(&bare, &Limits::default()).expect("a batch");
    assert_eq!(batch.decoded, DecodedBatch::from(Decoded::default()));
}
