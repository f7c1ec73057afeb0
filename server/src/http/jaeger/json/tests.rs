//! Traces as Jaeger's JSON, written out.

use std::sync::Arc;

use expect_test::{Expect, expect};
use model::testing::span;
use model::{Scope, SpanKind, Status, Trace, UnixNanos, Value, Warning};
use storage::{Completeness, StoredTrace};

use super::*;

fn check(spans: Vec<Span>, expected: Expect) {
    let trace = Trace::new(spans[0].trace_id, spans).expect("spans of one trace");
    let completeness = Completeness { complete: true, ..Completeness::default() };
    let arranged = Arranged::new(StoredTrace { trace, sequence: 1 }, completeness);
    let json = serde_json::to_value(TraceJson::of(&arranged)).expect("a trace can be written");
    expected.assert_eq(&serde_json::to_string_pretty(&json).expect("JSON can be written"));
}

fn with_attributes(pairs: Vec<(&str, Value)>) -> Attributes {
    let mut attributes = Attributes::new();
    pairs.into_iter().for_each(|(key, value)| attributes.set(key, value));
    attributes
}

#[test]
fn every_part_of_a_span_has_its_place() {
    let mut span = span(1, 2, SpanId::new([1; 8]));
    span.start = UnixNanos(1_700_000_000_000_001_999);
    span.end = UnixNanos(1_700_000_000_001_502_000);
    span.kind = SpanKind::Server;
    span.status = Status { code: StatusCode::Error, message: "card declined".to_owned() };
    span.trace_state = "vendor=1".to_owned();
    span.scope = Arc::new(Scope { name: "lib".to_owned(), version: "1.2".to_owned(), ..Scope::default() });
    span.attributes = with_attributes(vec![
        ("http.response.status_code", Value::Int(500)),
        ("id", Value::Int(i64::MAX)),
        ("list", Value::Array(vec![Value::Int(1), Value::from("two")])),
    ]);
    span.attributes_dropped = 3;
    span.events = vec![Event {
        time: UnixNanos(1_700_000_000_000_100_000),
        name: "exception".to_owned(),
        attributes: with_attributes(vec![("exception.type", Value::from("Declined"))]),
        attributes_dropped: 0,
    }];
    span.links = vec![Link {
        trace_id: TraceId::from_hex("abc").expect("an id"),
        span_id: SpanId::new([5; 8]).expect("an id"),
        trace_state: String::new(),
        flags: 0,
        attributes: with_attributes(vec![("queue", Value::Bool(true))]),
        attributes_dropped: 0,
    }];
    span.warnings.add(Warning::ValueCut);
    check(
        vec![span],
        expect![[r#"
        {
          "processes": {
            "p1": {
              "serviceName": "shop",
              "tags": []
            }
          },
          "spans": [
            {
              "duration": 1500,
              "logs": [
                {
                  "fields": [
                    {
                      "key": "event",
                      "type": "string",
                      "value": "exception"
                    },
                    {
                      "key": "exception.type",
                      "type": "string",
                      "value": "Declined"
                    }
                  ],
                  "timestamp": 1700000000000100
                }
              ],
              "operationName": "op 2",
              "processID": "p1",
              "references": [
                {
                  "refType": "CHILD_OF",
                  "spanID": "0101010101010101",
                  "traceID": "01010101010101010101010101010101"
                },
                {
                  "refType": "FOLLOWS_FROM",
                  "spanID": "0505050505050505",
                  "tags": [
                    {
                      "key": "queue",
                      "type": "bool",
                      "value": true
                    }
                  ],
                  "traceID": "0000000000000abc"
                }
              ],
              "spanID": "0202020202020202",
              "startTime": 1700000000000001,
              "tags": [
                {
                  "key": "otel.scope.name",
                  "type": "string",
                  "value": "lib"
                },
                {
                  "key": "otel.scope.version",
                  "type": "string",
                  "value": "1.2"
                },
                {
                  "key": "http.response.status_code",
                  "type": "int64",
                  "value": 500
                },
                {
                  "key": "id",
                  "type": "int64",
                  "value": "9223372036854775807"
                },
                {
                  "key": "list",
                  "type": "string",
                  "value": "[1,\"two\"]"
                },
                {
                  "key": "span.kind",
                  "type": "string",
                  "value": "server"
                },
                {
                  "key": "otel.status_code",
                  "type": "string",
                  "value": "ERROR"
                },
                {
                  "key": "error",
                  "type": "bool",
                  "value": true
                },
                {
                  "key": "otel.status_description",
                  "type": "string",
                  "value": "card declined"
                },
                {
                  "key": "w3c.tracestate",
                  "type": "string",
                  "value": "vendor=1"
                }
              ],
              "traceID": "01010101010101010101010101010101",
              "warnings": [
                "a value was longer than the limit and was cut",
                "its parent was not received",
                "3 attributes were left out"
              ]
            }
          ],
          "traceID": "01010101010101010101010101010101",
          "warnings": null
        }"#]],
    );
}

#[test]
fn spans_of_one_resource_share_a_process_and_references_keep_their_type() {
    let root = span(1, 1, None);
    let mut follower = span(1, 2, Some(root.span_id));
    follower.links = vec![Link {
        trace_id: root.trace_id,
        span_id: root.span_id,
        trace_state: String::new(),
        flags: 0,
        attributes: with_attributes(vec![(REF_TYPE, Value::from("follows_from"))]),
        attributes_dropped: 0,
    }];
    follower.resource = model::testing::resource("shop");
    let mut other = span(1, 3, Some(root.span_id));
    other.resource = Arc::new(Resource {
        attributes: with_attributes(vec![("host.name", Value::from("h"))]),
        ..Resource::default()
    });
    other.events = vec![Event {
        time: UnixNanos(3_500),
        name: "retry".to_owned(),
        attributes: with_attributes(vec![("event", Value::from("retry"))]),
        attributes_dropped: 0,
    }];
    check(
        vec![root, follower, other],
        expect![[r#"
        {
          "processes": {
            "p1": {
              "serviceName": "shop",
              "tags": []
            },
            "p2": {
              "serviceName": "unknown_service",
              "tags": [
                {
                  "key": "host.name",
                  "type": "string",
                  "value": "h"
                }
              ]
            }
          },
          "spans": [
            {
              "duration": 0,
              "logs": [],
              "operationName": "op 1",
              "processID": "p1",
              "references": [],
              "spanID": "0101010101010101",
              "startTime": 1,
              "tags": [
                {
                  "key": "span.kind",
                  "type": "string",
                  "value": "internal"
                }
              ],
              "traceID": "01010101010101010101010101010101",
              "warnings": null
            },
            {
              "duration": 0,
              "logs": [],
              "operationName": "op 2",
              "processID": "p1",
              "references": [
                {
                  "refType": "FOLLOWS_FROM",
                  "spanID": "0101010101010101",
                  "traceID": "01010101010101010101010101010101"
                }
              ],
              "spanID": "0202020202020202",
              "startTime": 2,
              "tags": [
                {
                  "key": "span.kind",
                  "type": "string",
                  "value": "internal"
                }
              ],
              "traceID": "01010101010101010101010101010101",
              "warnings": null
            },
            {
              "duration": 0,
              "logs": [
                {
                  "fields": [
                    {
                      "key": "event",
                      "type": "string",
                      "value": "retry"
                    }
                  ],
                  "timestamp": 3
                }
              ],
              "operationName": "op 3",
              "processID": "p2",
              "references": [
                {
                  "refType": "CHILD_OF",
                  "spanID": "0101010101010101",
                  "traceID": "01010101010101010101010101010101"
                }
              ],
              "spanID": "0303030303030303",
              "startTime": 3,
              "tags": [
                {
                  "key": "span.kind",
                  "type": "string",
                  "value": "internal"
                }
              ],
              "traceID": "01010101010101010101010101010101",
              "warnings": null
            }
          ],
          "traceID": "01010101010101010101010101010101",
          "warnings": null
        }"#]],
    );
}
