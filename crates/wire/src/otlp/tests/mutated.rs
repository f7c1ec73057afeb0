//! The fuzz targets, run briefly: recorded and random requests with a few bytes changed, lost, doubled.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::spans::spans;
use crate::fuzz;
use crate::mutation::{CASES, change, changed};
use crate::otlp::encode;
use crate::protobuf::write::Writer;

const SEEDS_PROTO: [&[u8]; 3] = [
    include_bytes!("../../../fixtures/otlp/python-grpc.pb"),
    include_bytes!("../../../fixtures/otlp/python-http-gzip.pb"),
    include_bytes!("../../../fixtures/otlp/node-grpc.pb"),
];
const SEEDS_JSON: [&[u8]; 1] = [include_bytes!("../../../fixtures/otlp/node-http.json")];

fn proto_bytes() -> impl Strategy<Value = Vec<u8>> {
    let seed = select(SEEDS_PROTO.to_vec()).prop_map(<[u8]>::to_vec);
    let random = spans(3).prop_map(|spans| encode::request_proto(&spans));
    (prop_oneof![seed, random], vec(change(), 0..6)).prop_map(|(bytes, changes)| changed(bytes, &changes))
}

fn json_bytes() -> impl Strategy<Value = Vec<u8>> {
    let seed = select(SEEDS_JSON.to_vec()).prop_map(<[u8]>::to_vec);
    let random = spans(3).prop_map(|spans| encode::spans_json(&spans).into_bytes());
    (prop_oneof![seed, random], vec(change(), 0..6)).prop_map(|(bytes, changes)| changed(bytes, &changes))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn changed_protobuf_never_panics(bytes in proto_bytes()) {
        fuzz::otlp_proto(&bytes);
    }

    #[test]
    fn changed_protobuf_is_read_alike_by_walk_and_plain_decoder(bytes in proto_bytes()) {
        fuzz::otlp_walk(&bytes);
    }

    #[test]
    fn changed_json_never_panics(bytes in json_bytes()) {
        fuzz::otlp_json(&bytes);
    }

    #[test]
    fn changed_remains_never_panic(bytes in proto_bytes()) {
        fuzz::otlp_salvage(&bytes);
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..200)) {
        fuzz::otlp_proto(&bytes);
        fuzz::otlp_walk(&bytes);
        fuzz::otlp_json(&bytes);
        fuzz::otlp_salvage(&bytes);
    }
}

#[test]
fn lists_of_nothing_take_no_more_memory_than_they_justify() {
    // Two bytes on the wire claim an event, an element or an attribute of many in memory.
    let ids = [&[0x0a, 16][..], &[1; 16], &[0x12, 8], &[2; 8]].concat();
    for element in [[0x5a, 0], [0x4a, 0], [0x6a, 0]] {
        let span = [&ids[..], &element.repeat(1024)].concat();
        fuzz::otlp_proto(&request_of(&span, 100));
        fuzz::otlp_walk(&request_of(&span, 100));
    }
    let mut value = Writer::default();
    value.message(9, |pair| pair.message(2, |any_value| any_value.bytes(5, &[0x0a, 0].repeat(100_000))));
    let request = request_of(&[ids, value.into_bytes()].concat(), 2);
    fuzz::otlp_proto(&request);
    fuzz::otlp_walk(&request);
    let elements = format!("[{}]", "{},".repeat(1024).trim_end_matches(','));
    for list in ["events", "attributes", "links"] {
        let ids = r#""traceId":"01010101010101010101010101010101","spanId":"0202020202020202""#;
        let spans = format!("{{{ids},\"{list}\":{elements}}},").repeat(100);
        let json = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{}null]}}]}}]}}"#, spans);
        fuzz::otlp_json(json.as_bytes());
    }
}

fn request_of(span: &[u8], count: usize) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.message(1, |resource_spans| {
        resource_spans.message(2, |scope_spans| (0..count).for_each(|_| scope_spans.bytes(2, span)));
    });
    writer.into_bytes()
}
