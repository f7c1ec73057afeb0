//! Every value of the recorded requests of real clients. `fixtures/zipkin/README.md` says which client sent what.

use expect_test::{Expect, expect};

use crate::outline::outline_batch;
use crate::zipkin::{v1_json, v2_json, v2_proto};
use crate::{DecodeError, DecodedBatch, Limits};

fn check(decoded: Result<DecodedBatch, DecodeError>, expected: Expect) {
    expected.assert_eq(&outline_batch(&decoded.expect("a recorded request")));
}

#[test]
fn python_in_the_first_version() {
    let bytes = include_bytes!("../../../fixtures/zipkin/python-v1.json");
    check(
        v1_json::decode(bytes, &Limits::default()),
        expect![[r#"
        "redis-get" 6b00a9d90b3694d4b9d27ed371be46f0/38a18369ff2c91e9 < 03049d3174f70a92 client 1795205593970201000..1795205593970209000
          flags 0x1
          service.peer.name = String("redis")
          network.peer.address = String("127.0.0.1")
          server.address = String("127.0.0.1")
          server.port = Int(6379)
          resource ""
            service.name = String("py-zipkin")
            host.ip = String("127.0.0.1")
            network.local.port = Int(80)
        "handle" 6b00a9d90b3694d4b9d27ed371be46f0/03049d3174f70a92 server 1795205593970171000..1795205593970244000
          flags 0x1
          status error "boom"
          http.path = String("/x")
          event "ws" at 1795205593970180000
          resource ""
            service.name = String("py-zipkin")
            host.ip = String("127.0.0.1")
            network.local.port = Int(80)
    "#]],
    );
}

#[test]
fn python_in_the_second_version() {
    let bytes = include_bytes!("../../../fixtures/zipkin/python-v2.json");
    check(
        v2_json::decode(bytes, &Limits::default()),
        expect![[r#"
        "redis-get" 6b00a9d9409f13c72ab47af806978428/fbd0b970575e9ac8 < fecd69cbc67280bd client 1795205593976219000..1795205593976226000
          flags 0x1
          service.peer.name = String("redis")
          network.peer.address = String("127.0.0.1")
          server.address = String("127.0.0.1")
          server.port = Int(6379)
          resource ""
            service.name = String("py-zipkin")
            host.ip = String("127.0.0.1")
            network.local.port = Int(80)
        "handle" 6b00a9d9409f13c72ab47af806978428/fecd69cbc67280bd server 1795205593976205000..1795205593976250000
          flags 0x1
          status error "boom"
          http.path = String("/x")
          event "ws" at 1795205593976209000
          resource ""
            service.name = String("py-zipkin")
            host.ip = String("127.0.0.1")
            network.local.port = Int(80)
    "#]],
    );
}

#[test]
fn python_in_protobuf() {
    let bytes = include_bytes!("../../../fixtures/zipkin/python-v2.pb");
    check(
        v2_proto::decode(bytes, &Limits::default()),
        expect![[r#"
        "redis-get" 6b00a9fcd35f1b80c326557af309e396/5de4fff74fa61165 < 802e16224276dfb5 client 1795205628225552000..1795205628225560000
          flags 0x1
          service.peer.name = String("redis")
          network.peer.address = String("127.0.0.1")
          server.address = String("127.0.0.1")
          server.port = Int(6379)
          resource ""
            service.name = String("py-zipkin")
            host.ip = String("127.0.0.1")
            network.local.port = Int(80)
        "handle" 6b00a9fcd35f1b80c326557af309e396/802e16224276dfb5 server 1795205628225540000..1795205628225580000
          flags 0x1
          status error "boom"
          http.path = String("/x")
          event "ws" at 1795205628225544000
          resource ""
            service.name = String("py-zipkin")
            host.ip = String("127.0.0.1")
            network.local.port = Int(80)
    "#]],
    );
}
