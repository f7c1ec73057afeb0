"""Just enough OTLP to build bodies that no SDK would send. Field numbers are those of opentelemetry-proto."""

import itertools
import json
import time
import uuid

COUNTER = itertools.count(1)


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, body):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def fixed64(number, value):
    return varint(number << 3 | 1) + value.to_bytes(8, "little")


def new_trace_id():
    return uuid.uuid4().bytes


def span_proto(trace_id, span_id, name):
    now = time.time_ns()
    times = fixed64(7, now) + fixed64(8, now + 1_000_000)
    return field(1, trace_id) + field(2, span_id) + field(5, name) + times


def request_proto(spans, service="bad-input"):
    value = field(1, service.encode())
    resource = field(1, field(1, b"service.name") + field(2, value))
    scope_spans = b"".join(field(2, span) for span in spans)
    return field(1, field(1, resource) + field(2, scope_spans))


def span_id(number):
    return number.to_bytes(8, "big")


def span_json(trace_id, span_id, **changes):
    now = time.time_ns()
    span = {
        "traceId": trace_id.hex(),
        "spanId": span_id.hex(),
        "name": f"span {next(COUNTER)}",
        "kind": 1,
        "startTimeUnixNano": str(now),
        "endTimeUnixNano": str(now + 1_000_000),
    }
    return span | changes


def request_json(spans, service="bad-input"):
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}).encode()
