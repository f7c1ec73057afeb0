//! The fuzz targets, run briefly: recorded batches with a few bytes changed, lost, doubled.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::fuzz;
use crate::mutation::{CASES, change, changed};

const COMPACT: [&[u8]; 1] = [include_bytes!("../../../fixtures/jaeger/python-udp-compact.thrift")];
const BINARY: [&[u8]; 2] = [
    include_bytes!("../../../fixtures/jaeger/node-udp-binary.thrift"),
    include_bytes!("../../../fixtures/jaeger/node-http-binary.thrift"),
];
const PROTO: [&[u8]; 1] = [include_bytes!("../../../fixtures/jaeger/otel-python-grpc.pb")];

fn damaged(seeds: &[&'static [u8]]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seed = select(seeds.to_vec()).prop_map(<[u8]>::to_vec);
    (seed, vec(change(), 0..6)).prop_map(|(bytes, changes)| changed(bytes, &changes))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(CASES))]

    #[test]
    fn a_changed_datagram_of_the_compact_form_never_panics(bytes in damaged(&COMPACT)) {
        fuzz::jaeger_compact(&bytes);
    }

    #[test]
    fn a_changed_datagram_or_body_of_the_binary_form_never_panics(bytes in damaged(&BINARY)) {
        fuzz::jaeger_binary(&bytes);
    }

    #[test]
    fn changed_protobuf_never_panics(bytes in damaged(&PROTO)) {
        fuzz::jaeger_proto(&bytes);
    }

    #[test]
    fn noise_never_panics(bytes in vec(any::<u8>(), 0..200)) {
        fuzz::jaeger_compact(&bytes);
        fuzz::jaeger_binary(&bytes);
        fuzz::jaeger_proto(&bytes);
    }
}
