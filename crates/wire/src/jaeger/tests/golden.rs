//! Every value of the recorded batches of real clients. `fixtures/jaeger/README.md` says which client sent what.

use expect_test::{Expect, expect};

use crate::jaeger::{Batch, Envelope, proto, thrift};
use crate::outline::outline_batch;
use crate::{DecodeError, DecodedBatch, Limits};

fn check(decoded: &DecodedBatch, expected: Expect) {
    expected.assert_eq(&outline_batch(decoded));
}

fn check_thrift(batch: Result<Batch, DecodeError>, service: &str, expected: Expect) {
    let batch = batch.expect("a recorded batch");
    assert_eq!((batch.client.service.as_str(), batch.client.sequence, batch.client.stats), (service, None, None));
    check(&batch.decoded, expected);
}

#[test]
fn python_over_udp_in_the_compact_form() {
    let bytes = include_bytes!("../../../fixtures/jaeger/python-udp-compact.thrift");
    check_thrift(
        thrift::datagram(Envelope::Compact, bytes, &Limits::default()),
        "py-jaeger",
        expect![[r#"
        "child" c3771d32d22603057b3c193d22888316/761eee343347832b < 4371cdaebc692ef3 internal 1795205619268198000..1795205619268207000
          flags 0x1
          resource ""
            service.name = String("py-jaeger")
            jaeger.version = String("Python-4.8.0")
            host.ip = String("192.0.2.2")
            host.name = String("vm")
        "parent" c3771d32d22603057b3c193d22888316/4371cdaebc692ef3 server 1795205619268126000..1795205619268321000
          flags 0x1
          status error ""
          http.status_code = Int(500)
          sampler.type = String("const")
          sampler.param = Bool(true)
          event "exception" at 1795205619268163000
            exception.type = String("ValueError")
            exception.message = String("boom")
          event "baggage" at 1795205619268185000
            key = String("user")
            value = String("7")
          resource ""
            service.name = String("py-jaeger")
            jaeger.version = String("Python-4.8.0")
            host.ip = String("192.0.2.2")
            host.name = String("vm")
        "follow" c3771d32d22603057b3c193d22888316/2163904670dd2c9d < 761eee343347832b internal 1795205619268401000..1795205619268404000
          flags 0x1
          link c3771d32d22603057b3c193d22888316/761eee343347832b "" 0x0
            opentracing.ref_type = String("follows_from")
          resource ""
            service.name = String("py-jaeger")
            jaeger.version = String("Python-4.8.0")
            host.ip = String("192.0.2.2")
            host.name = String("vm")
    "#]],
    );
}

#[test]
fn node_over_udp_in_the_binary_form() {
    let bytes = include_bytes!("../../../fixtures/jaeger/node-udp-binary.thrift");
    check_thrift(
        thrift::datagram(Envelope::Binary, bytes, &Limits::default()),
        "node-jaeger",
        expect![[r#"
        "child" 0000000000000000cc3b2078716fcd99/2116a0b01a794e35 < cc3b2078716fcd99 internal 1795205597650000000..1795205597651000000
          flags 0x1
          event "x" at 1795205597650000000
            n = Double(1.0)
          resource ""
            service.name = String("node-jaeger")
            jaeger.version = String("Node-3.19.0")
            host.name = String("vm")
            host.ip = String("192.0.2.2")
            client-uuid = String("28c9174c-e10e-4cbd-bb51-90221f10048f")
        "root" 0000000000000000cc3b2078716fcd99/cc3b2078716fcd99 server 1795205597650000000..1795205597652000000
          flags 0x1
          sampler.type = String("probabilistic")
          sampler.param = Double(1.0)
          resource ""
            service.name = String("node-jaeger")
            jaeger.version = String("Node-3.19.0")
            host.name = String("vm")
            host.ip = String("192.0.2.2")
            client-uuid = String("28c9174c-e10e-4cbd-bb51-90221f10048f")
    "#]],
    );
}

#[test]
fn node_over_http() {
    let bytes = include_bytes!("../../../fixtures/jaeger/node-http-binary.thrift");
    check_thrift(
        thrift::body(bytes, &Limits::default()),
        "node-jaeger",
        expect![[r#"
        "child" 0000000000000000ab2b114b55fa87d5/657ec6f79c094600 < ab2b114b55fa87d5 internal 1795205599576000000..1795205599577000000
          flags 0x1
          event "x" at 1795205599577000000
            n = Double(1.0)
          resource ""
            service.name = String("node-jaeger")
            jaeger.version = String("Node-3.19.0")
            host.name = String("vm")
            host.ip = String("192.0.2.2")
            client-uuid = String("c4127578-9d7f-46d9-a6cd-94ce33237a82")
        "root" 0000000000000000ab2b114b55fa87d5/ab2b114b55fa87d5 server 1795205599576000000..1795205599577000000
          flags 0x1
          sampler.type = String("probabilistic")
          sampler.param = Double(1.0)
          resource ""
            service.name = String("node-jaeger")
            jaeger.version = String("Node-3.19.0")
            host.name = String("vm")
            host.ip = String("192.0.2.2")
            client-uuid = String("c4127578-9d7f-46d9-a6cd-94ce33237a82")
    "#]],
    );
}

#[test]
fn opentelemetry_python_over_grpc() {
    let bytes = include_bytes!("../../../fixtures/jaeger/otel-python-grpc.pb");
    check(
        &proto::decode(bytes, &Limits::default()).expect("a recorded batch"),
        expect![[r#"
            "leaf" 91926b2e301207bf202c2dfe8bbdf867/3a270720fd69301a < 62c2529596bf3b21 client 1795205705680086374..1795205705680102348
              flags 0x1
              peer.service = String("redis")
              service.peer.name = String("redis")
              scope "lib" "1.0" ""
              resource ""
                service.name = String("py-otj")
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.21.0")
            "root" 91926b2e301207bf202c2dfe8bbdf867/62c2529596bf3b21 server 1795205705680025339..1795205705680120944
              flags 0x1
              scope "lib" "1.0" ""
              resource ""
                service.name = String("py-otj")
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.21.0")
        "#]],
    );
}
