//! The fuzz targets, run briefly: recorded requests with a few bytes changed, lost, doubled.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fuzz;
use crate::mutation::{CASES, change, changed};

const V1_JSON: &[u8] = include_bytes!("../../../fixtures/zipkin/python-v1.json");
const V2_JSON: &[u8] = include_bytes!("../../../fixtures/zipkin/python-v2.json");
const V2_PROTO: &[u8] = include_bytes!("../../../fixtures/zipkin/python-v2.pb");

fn damaged(seeds: &[&'static [u8]]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seed = select(seeds.to_vec()).prop_map(<[u8]>::to_vec);
    (seed, vec(change(), 0..6)).prop_map(|(bytes, changes)| changed(bytes, &changes))
}

fn thrift_seed() -> &'static [u8] {
    // A list of two spans: ids, a name, an annotation and a binary annotation with their host.
    const SPAN: &[u8] = b"\x0a\0\x01\0\0\0\0\0\0\0\x07\x0b\0\x03\0\0\0\x01n\x0a\0\x04\0\0\0\0\0\0\0\x09\
        \x0f\0\x06\x0c\0\0\0\x01\x0a\0\x01\0\0\0\0\0\0\0\x05\x0b\0\x02\0\0\0\x02sr\x0c\0\x03\x08\0\x01\x7f\0\0\x01\
        \x06\0\x02\0\x50\x0b\0\x03\0\0\0\x01s\0\0\x0f\0\x08\x0c\0\0\0\x01\x0b\0\x01\0\0\0\x01k\x0b\0\x02\0\0\0\x01v\
        \x08\0\x03\0\0\0\x06\0\0";
    static SEED: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(|| [b"\x0c\0\0\0\x02", SPAN, SPAN].concat());
    &SEED
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn changed_json_never_panics(bytes in damaged(&[V1_JSON, V2_JSON])) {
        fuzz::zipkin_json(&bytes);
    }

    #[test]
    fn changed_protobuf_never_panics(bytes in damaged(&[V2_PROTO])) {
        fuzz::zipkin_proto(&bytes);
    }

    #[test]
    fn changed_thrift_never_panics(bytes in damaged(&[thrift_seed()])) {
        fuzz::zipkin_thrift(&bytes);
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..200)) {
        fuzz::zipkin_json(&bytes);
        fuzz::zipkin_proto(&bytes);
        fuzz::zipkin_thrift(&bytes);
    }
}

#[test]
fn the_seed_of_thrift_is_a_good_request() {
    let decoded = crate::zipkin::v1_thrift::decode(thrift_seed(), &crate::Limits::default()).expect("a list");
    assert_eq!(decoded.batch.map(|batch| batch.len()), Some(2));
    assert!(decoded.rejected.is_empty());
}
