//! Every value of the recorded exports of real clients. `fixtures/otlp/README.md` says which client sent what.

use expect_test::{Expect, expect};

use crate::Limits;
use crate::otlp::{json, proto};
use crate::outline::outline;

fn check_proto(bytes: &[u8], expected: Expect) {
    expected.assert_eq(&outline(&proto::decode(bytes, &Limits::default()).expect("a recorded export")));
}

#[test]
fn python_over_grpc() {
    check_proto(
        include_bytes!("../../../fixtures/otlp/python-grpc.pb"),
        expect![[r#"
            "SELECT orders" fa835452f4f1a9e6fafaab862fb83bc1/691f6734a41b7464 < 524053087486cbb4 client 1795205592702479521..1795205592702952666
              flags 0x100
              status error "boom"
              db.system.name = String("postgresql")
              server.address = String("db1")
              db.namespace = String("shop")
              event "exception" at 1795205592702924241
                exception.type = String("ValueError")
                exception.message = String("boom")
                exception.stacktrace = String("Traceback (most recent call last):\n  File \"/app/pt/sink/otel.py\", line 12, in <module>\n    try: raise ValueError('boom')\n         ^^^^^^^^^^^^^^^^^^^^^^^^\nValueError: boom\n")
                exception.escaped = String("False")
              scope "lib" "1.0" ""
              resource ""
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.45.2")
                service.instance.id = String("9c22469c-ce2a-4c3e-be53-fc05c9fee09f")
                service.name = String("py-otel")
                service.namespace = String("shop")
            "GET /checkout" fa835452f4f1a9e6fafaab862fb83bc1/524053087486cbb4 server 1795205592702401439..1795205592702976267
              flags 0x100
              http.request.method = String("GET")
              n = Int(1)
              f = Double(1.5)
              b = Bool(true)
              arr = Array([String("a"), String("b")])
              scope "lib" "1.0" ""
              resource ""
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.45.2")
                service.instance.id = String("9c22469c-ce2a-4c3e-be53-fc05c9fee09f")
                service.name = String("py-otel")
                service.namespace = String("shop")
        "#]],
    );
}

#[test]
fn python_over_http() {
    check_proto(
        include_bytes!("../../../fixtures/otlp/python-http.pb"),
        expect![[r#"
            "SELECT orders" 4c0044a1d08a14b2059953da9f47ce0a/1181f5fc1edead65 < 66096e490c2b9772 client 1795205592724787821..1795205592725166518
              flags 0x100
              status error "boom"
              db.system.name = String("postgresql")
              server.address = String("db1")
              db.namespace = String("shop")
              event "exception" at 1795205592725136947
                exception.type = String("ValueError")
                exception.message = String("boom")
                exception.stacktrace = String("Traceback (most recent call last):\n  File \"/app/pt/sink/otel.py\", line 12, in <module>\n    try: raise ValueError('boom')\n         ^^^^^^^^^^^^^^^^^^^^^^^^\nValueError: boom\n")
                exception.escaped = String("False")
              scope "lib" "1.0" ""
              resource ""
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.45.2")
                service.instance.id = String("9c22469c-ce2a-4c3e-be53-fc05c9fee09f")
                service.name = String("py-otel")
                service.namespace = String("shop")
            "GET /checkout" 4c0044a1d08a14b2059953da9f47ce0a/66096e490c2b9772 server 1795205592724709827..1795205592725198219
              flags 0x100
              http.request.method = String("GET")
              n = Int(1)
              f = Double(1.5)
              b = Bool(true)
              arr = Array([String("a"), String("b")])
              scope "lib" "1.0" ""
              resource ""
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.45.2")
                service.instance.id = String("9c22469c-ce2a-4c3e-be53-fc05c9fee09f")
                service.name = String("py-otel")
                service.namespace = String("shop")
        "#]],
    );
}

#[test]
fn python_over_http_with_gzip() {
    check_proto(
        include_bytes!("../../../fixtures/otlp/python-http-gzip.pb"),
        expect![[r#"
            "SELECT orders" 8533d7bac62654a0d6565e5bc1e76b99/48b668bbf75d167a < dbc21bc98cb7f65e client 1795205592732982990..1795205592733318569
              flags 0x100
              status error "boom"
              db.system.name = String("postgresql")
              server.address = String("db1")
              db.namespace = String("shop")
              event "exception" at 1795205592733292190
                exception.type = String("ValueError")
                exception.message = String("boom")
                exception.stacktrace = String("Traceback (most recent call last):\n  File \"/app/pt/sink/otel.py\", line 12, in <module>\n    try: raise ValueError('boom')\n         ^^^^^^^^^^^^^^^^^^^^^^^^\nValueError: boom\n")
                exception.escaped = String("False")
              scope "lib" "1.0" ""
              resource ""
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.45.2")
                service.instance.id = String("9c22469c-ce2a-4c3e-be53-fc05c9fee09f")
                service.name = String("py-otel")
                service.namespace = String("shop")
            "GET /checkout" 8533d7bac62654a0d6565e5bc1e76b99/dbc21bc98cb7f65e server 1795205592732905770..1795205592733343091
              flags 0x100
              http.request.method = String("GET")
              n = Int(1)
              f = Double(1.5)
              b = Bool(true)
              arr = Array([String("a"), String("b")])
              scope "lib" "1.0" ""
              resource ""
                telemetry.sdk.language = String("python")
                telemetry.sdk.name = String("opentelemetry")
                telemetry.sdk.version = String("1.45.2")
                service.instance.id = String("9c22469c-ce2a-4c3e-be53-fc05c9fee09f")
                service.name = String("py-otel")
                service.namespace = String("shop")
        "#]],
    );
}

#[test]
fn node_over_grpc() {
    check_proto(
        include_bytes!("../../../fixtures/otlp/node-grpc.pb"),
        expect![[r#"
            "root" 1578f4a0960721f6d720a6a832d41ee7/3d32909a780cc257 server 1795205603652000000..1795205603652083778
              flags 0x101
              a = Int(1)
              b = String("x")
              c = Array([Int(1), Int(2)])
              event "e" at 1795205603652079364
                k = String("v")
              scope "lib" "1" ""
              resource ""
                service.name = String("node-otel-grpc")
        "#]],
    );
}

#[test]
fn node_over_http_as_json() {
    let bytes = include_bytes!("../../../fixtures/otlp/node-http.json");
    let decoded = json::decode(bytes, &Limits::default()).expect("a recorded export");
    expect![[r#"
        "root" 447fd4a5e8c3ebce1e2b4b65c3b84a6a/5d6dfb814b84941d server 1795205603576000000..1795205603576370212
          flags 0x101
          a = Int(1)
          b = String("x")
          c = Array([Int(1), Int(2)])
          event "e" at 1795205603576310214
            k = String("v")
          scope "lib" "1" ""
          resource ""
            service.name = String("node-otel-json")
    "#]]
    .assert_eq(&outline(&decoded));
}
