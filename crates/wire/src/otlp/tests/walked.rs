//! The walk into columns must agree with the plain decoder on every request, however odd: fields in any order, repeated, of
//! other types, cut by limits, without use.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::spans::{plain_spans, spans};
use crate::Limits;
use crate::fuzz;
use crate::otlp::{encode, walk};
use crate::protobuf::write::Writer;

/// A field of a message as it is written.
#[derive(Clone, Debug)]
enum Field {
    Varint(u32, u64),
    Fixed64(u32, u64),
    Fixed32(u32, u32),
    Bytes(u32, Vec<u8>),
    Message(u32, Vec<Field>),
}

use Field::{Bytes, Fixed32, Fixed64, Message, Varint};

fn bytes_from(fields: &[Field]) -> Vec<u8> {
    let mut writer = Writer::default();
    write(&mut writer, fields);
    writer.into_bytes()
}

fn write(writer: &mut Writer, fields: &[Field]) {
    for field in fields {
        match field {
            Varint(number, value) => writer.varint_always(*number, *value),
            Fixed64(number, value) => writer.fixed64_always(*number, *value),
            Fixed32(number, value) => writer.fixed32(*number, *value),
            Bytes(number, bytes) => writer.bytes_always(*number, bytes),
            Message(number, fields) => writer.message(*number, |writer| write(writer, fields)),
        }
    }
}

/// Few different ones, so that they repeat, some long, some no text.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let short = select(vec!["", "a", "b", "c", "service.name", "http.route", "ä"]);
    prop_oneof![
        8 => short.prop_map(|text| text.as_bytes().to_vec()),
        1 => Just(b"a\xff".to_vec()),
        1 => (0..300usize).prop_map(|length| vec![b'x'; length]),
    ]
}

/// A field that no message expects, or expects otherwise.
fn stray() -> impl Strategy<Value = Field> {
    prop_oneof![
        (1..40u32, any::<u64>()).prop_map(|(number, value)| Varint(number, value)),
        (1..40u32, any::<u64>()).prop_map(|(number, value)| Fixed64(number, value)),
        (1..40u32, any::<u32>()).prop_map(|(number, value)| Fixed32(number, value)),
        (17..40u32, text()).prop_map(|(number, text)| Bytes(number, text)),
    ]
}

fn any_value() -> impl Strategy<Value = Vec<Field>> {
    let leaf = prop_oneof![
        4 => text().prop_map(|text| Bytes(1, text)),
        1 => any::<u64>().prop_map(|value| Varint(2, value)),
        1 => any::<u64>().prop_map(|value| Varint(3, value)),
        1 => any::<u64>().prop_map(|value| Fixed64(4, value)),
        1 => text().prop_map(|raw| Bytes(7, raw)),
    ];
    let field = leaf.prop_recursive(3, 8, 3, |inner| {
        let pair = (text(), inner.clone()).prop_map(|(key, value)| vec![Bytes(1, key), Message(2, vec![value])]);
        prop_oneof![
            vec(inner, 0..3)
                .prop_map(|values| Message(5, values.into_iter().map(|value| Message(1, vec![value])).collect())),
            vec(pair, 0..3).prop_map(|pairs| Message(6, pairs.into_iter().map(|pair| Message(1, pair)).collect())),
        ]
    });
    prop_oneof![8 => vec(field.clone(), 1), 1 => vec(field, 0..3)]
}

/// A `KeyValue` in the field with this number.
fn pair(number: u32) -> impl Strategy<Value = Field> {
    let usual = (text(), any_value()).prop_map(|(key, value)| vec![Bytes(1, key), Message(2, value)]);
    let field = prop_oneof![
        text().prop_map(|key| Bytes(1, key)),
        any_value().prop_map(|value| Message(2, value)),
        stray().prop_filter("another message may stand here only whole", |field| !matches!(field, Bytes(..)))
    ];
    prop_oneof![8 => usual, 1 => vec(field, 0..4)].prop_map(move |fields| Message(number, fields))
}

fn event() -> impl Strategy<Value = Field> {
    let field = prop_oneof![
        1 => any::<u64>().prop_map(|time| Fixed64(1, time)),
        1 => text().prop_map(|name| Bytes(2, name)),
        4 => pair(3),
        1 => any::<u64>().prop_map(|count| Varint(4, count)),
    ];
    vec(field, 0..6).prop_map(|fields| Message(11, fields))
}

fn link() -> impl Strategy<Value = Field> {
    let field = prop_oneof![
        2 => id(1, 16),
        2 => id(2, 8),
        1 => text().prop_map(|state| Bytes(3, state)),
        2 => pair(4),
        1 => any::<u64>().prop_map(|count| Varint(5, count)),
        1 => any::<u32>().prop_map(|flags| Fixed32(6, flags)),
    ];
    let good = vec(field.clone(), 0..4).prop_map(|fields| {
        let ids = vec![Bytes(1, vec![1; 16]), Bytes(2, vec![2; 8])];
        [ids, fields].concat()
    });
    prop_oneof![good, vec(field, 0..5)].prop_map(|fields| Message(13, fields))
}

/// Mostly of this length, and not zero.
fn id(number: u32, length: usize) -> impl Strategy<Value = Field> {
    prop_oneof![
        20 => vec(any::<u8>(), length),
        1 => Just(vec![0; length]),
        1 => vec(any::<u8>(), 0..20),
    ]
    .prop_map(move |id| Bytes(number, id))
}

fn span() -> impl Strategy<Value = Field> {
    let status = prop_oneof![text().prop_map(|text| Bytes(2, text)), (0..4u64).prop_map(|code| Varint(3, code))];
    let field = prop_oneof![
        2 => text().prop_map(|name| Bytes(5, name)),
        1 => text().prop_map(|state| Bytes(3, state)),
        1 => id(4, 8),
        1 => (0..7u64).prop_map(|kind| Varint(6, kind)),
        2 => (7..=8u32, 0..3u64).prop_map(|(number, time)| Fixed64(number, time)),
        12 => pair(9),
        1 => (select(vec![10u32, 12, 14]), any::<u64>()).prop_map(|(number, count)| Varint(number, count)),
        3 => event(),
        3 => link(),
        1 => vec(status, 0..3).prop_map(|fields| Message(15, fields)),
        1 => any::<u32>().prop_map(|flags| Fixed32(16, flags)),
        1 => stray(),
    ];
    (id(1, 16), id(2, 8), vec(field, 0..16))
        .prop_map(|(trace_id, span_id, fields)| Message(2, [vec![trace_id, span_id], fields].concat()))
}

/// Fields of a resource with its schema, or of a scope with its, each of which may be missing or stand there twice.
fn shared(pair_number: u32, dropped_number: u32) -> impl Strategy<Value = Vec<Field>> {
    let field = prop_oneof![
        6 => pair(pair_number),
        1 => any::<u64>().prop_map(move |count| Varint(dropped_number, count)),
    ];
    let message = vec(field, 0..4).prop_map(|fields| Message(1, fields)).boxed();
    let schema = text().prop_map(|url| Bytes(3, url)).boxed();
    prop_oneof![
        6 => (message.clone(), schema.clone()).prop_map(|(message, schema)| vec![message, schema]),
        1 => vec(prop_oneof![message, schema], 0..4),
    ]
}

/// Groups that repeat two resources and two scopes, with spans between them and with none.
fn request() -> impl Strategy<Value = Vec<u8>> {
    let group = (0..2usize, vec((0..2usize, vec(span(), 0..4)), 0..4), any::<bool>());
    (vec(shared(1, 2), 2), vec(shared(3, 4), 2), vec(group, 0..5)).prop_map(|(resources, scopes, groups)| {
        let resource_spans = |(resource, inner, first): (usize, Vec<(usize, Vec<Field>)>, bool)| {
            let scope_spans = |(scope, spans): (usize, Vec<Field>)| Message(2, ordered(&scopes[scope], spans, first));
            Message(1, ordered(&resources[resource], inner.into_iter().map(scope_spans).collect(), first))
        };
        bytes_from(&groups.into_iter().map(resource_spans).collect::<Vec<_>>())
    })
}

fn ordered(header: &[Field], rest: Vec<Field>, header_first: bool) -> Vec<Field> {
    if header_first { [header, &rest].concat() } else { [&rest, header].concat() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_walk_reads_odd_requests_as_the_plain_decoder_does(bytes in request()) {
        fuzz::otlp_walk(&bytes);
    }
}

proptest! {
    #[test]
    fn the_walk_reads_usual_requests_as_the_plain_decoder_does(spans in spans(8)) {
        fuzz::otlp_walk(&encode::request_proto(&spans));
    }
}

#[test]
fn a_service_that_sent_no_good_span_is_not_in_the_batch() {
    let resource = |service: &str| {
        let value = vec![Bytes(1, service.as_bytes().to_vec())];
        Message(1, vec![Message(1, vec![Bytes(1, b"service.name".to_vec()), Message(2, value)])])
    };
    let span = |id: u8, name: &str| {
        let ids = vec![Bytes(1, vec![id; 16]), Bytes(2, vec![id; 8])];
        Message(2, [ids, vec![Bytes(5, name.as_bytes().to_vec())]].concat())
    };
    let group = |service, span| Message(1, vec![resource(service), Message(2, vec![span])]);
    let silent = Message(1, vec![resource("silent"), Message(2, vec![])]);
    let groups = [group("bad", span(0, "lost")), silent, group("good", span(1, "kept")), group("bad", span(0, "lost"))];
    let decoded = walk::decode(&bytes_from(&groups), &Limits::default()).expect("whole");
    assert_eq!(decoded.rejected.count, 2);
    let batch = decoded.batch.expect("one good span");
    assert_eq!(batch.columns().resources.len(), 1);
    let texts: Vec<&str> = batch.columns().strings.iter().collect();
    assert_eq!(texts, ["", "service.name", "good", "kept"]);
}

#[test]
fn a_guess_that_was_forgotten_excuses_no_key_from_the_limit() {
    // The first span is rejected, and its key forgotten; the second one gives the number of that key to a longer text,
    // which then comes as a key at the place of the first.
    let limits = Limits { key_bytes_max: 60, ..Limits::default() };
    let long = vec![b'x'; 80];
    let pair = |key: &[u8]| Message(9, vec![Bytes(1, key.to_vec()), Message(2, vec![Varint(3, 1)])]);
    let name = Bytes(5, b"name".to_vec());
    let span = |id: u8, fields: Vec<Field>| {
        Message(2, [vec![Bytes(1, vec![id; 16]), Bytes(2, vec![id; 8]), name.clone()], fields].concat())
    };
    let spans =
        vec![span(1, vec![]), span(0, vec![pair(b"forgotten")]), span(2, vec![Bytes(3, long.clone()), pair(&long)])];
    let bytes = bytes_from(&[Message(1, vec![Message(2, spans)])]);
    let batch = walk::decode(&bytes, &limits).expect("whole").batch.expect("two good spans");
    let row = batch.row(1).to_span(&mut Default::default());
    assert_eq!(row.trace_state.len(), 80);
    assert!(row.attributes.iter().all(|pair| pair.key.len() <= 60), "{:?}", row.attributes);
}

#[test]
fn a_service_whose_name_is_empty_or_no_text_is_unknown() {
    for value in [Bytes(1, vec![]), Varint(3, 7)] {
        let resource = Message(1, vec![Message(1, vec![Bytes(1, b"service.name".to_vec()), Message(2, vec![value])])]);
        let span = Message(2, vec![Bytes(1, vec![1; 16]), Bytes(2, vec![2; 8])]);
        let bytes = bytes_from(&[Message(1, vec![resource, Message(2, vec![span])])]);
        let batch = walk::decode(&bytes, &Limits::default()).expect("whole").batch.expect("one span");
        assert_eq!(batch.row(0).service(), "unknown_service");
    }
}

#[test]
fn resources_that_repeat_byte_by_byte_are_one() {
    let request = encode::request_proto(&plain_spans(1));
    let decoded = walk::decode(&request.repeat(3), &Limits::default()).expect("whole");
    let batch = decoded.batch.expect("three spans");
    let columns = batch.columns();
    assert_eq!((batch.len(), columns.resources.len(), columns.scopes.len()), (3, 1, 1));
}
