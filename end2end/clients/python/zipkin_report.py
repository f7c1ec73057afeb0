"""Reports one trace with py_zipkin over HTTP, then prints what was reported as JSON.

Usage: zipkin_report.py v1-json|v2-json|v2-proto ENDPOINT SERVICE. Does not know how it is read back.
"""

import json
import secrets
import sys
import time
import urllib.request

from py_zipkin import Encoding, Kind
from py_zipkin.encoding import create_endpoint
from py_zipkin.encoding._encoders import get_encoder
from py_zipkin.encoding._helpers import Span

FORMS = {
    "v1-json": (Encoding.V1_JSON, "/api/v1/spans", "application/json"),
    "v2-json": (Encoding.V2_JSON, "/api/v2/spans", "application/json"),
    "v2-proto": (Encoding.V2_PROTO3, "/api/v2/spans", "application/x-protobuf"),
}
KINDS = {Kind.SERVER: "server", Kind.CLIENT: "client", Kind.LOCAL: "internal"}
MICROS = 1_000_000


def spans_of(service):
    """A request, a call to a cache that fails, and work inside."""
    trace_id, ids = secrets.token_hex(16), [secrets.token_hex(8) for _ in range(3)]
    local = create_endpoint(port=8080, service_name=service, host="127.0.0.1")
    cache = create_endpoint(port=6379, service_name="redis", host="127.0.0.2")
    # Whole microseconds, so that no encoding rounds.
    begin = float(int(time.time()))

    def span(number, parent, name, kind, **more):
        fields = {"trace_id": trace_id, "name": name, "parent_id": parent, "span_id": ids[number], "kind": kind}
        return Span(**fields, timestamp=begin + number, duration=0.25, local_endpoint=local, **more)

    return [
        span(0, None, "get /tea", Kind.SERVER, tags={"http.path": "/tea", "text": "árvíztűrő 🍵"}, annotations={"brewed": begin + 0.125}),
        span(1, ids[0], "redis-get", Kind.CLIENT, tags={"error": "cup is full"}, remote_endpoint=cache),
        span(2, ids[0], "pour", Kind.LOCAL, tags={"cups": "3"}),
    ]


def typed(value):
    return {"int": str(value)} if isinstance(value, int) else {"string": value}


def described(span, service):
    tags = dict(span.tags)
    failure = tags.pop("error", None)
    if span.remote_endpoint:
        peer = span.remote_endpoint
        tags |= {"service.peer.name": peer.service_name, "server.address": peer.ipv4, "network.peer.address": peer.ipv4}
        tags["server.port"] = peer.port
    local = span.local_endpoint
    start = int(span.timestamp * MICROS) * 1_000
    return {
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_id,
        "name": span.name,
        "kind": KINDS[span.kind],
        "start": start,
        "end": start + int(span.duration * MICROS) * 1_000,
        "status": {"code": "error", "message": failure} if failure else {"code": "unset", "message": ""},
        "attributes": {key: typed(value) for key, value in tags.items()},
        "events": [{"time": int(at * MICROS) * 1_000, "name": name, "attributes": {}} for name, at in span.annotations.items()],
        "links": [],
        "resource": {
            "service.name": typed(service),
            "host.ip": typed(local.ipv4),
            "network.local.port": typed(local.port),
        },
        "scope": {"name": "", "version": ""},
    }


def main():
    form, endpoint, service = sys.argv[1:]
    encoding, path, media_type = FORMS[form]
    spans = spans_of(service)
    encoder = get_encoder(encoding)
    body = encoder.encode_queue([encoder.encode_span(span) for span in spans])
    body = body if isinstance(body, bytes) else body.encode()
    request = urllib.request.Request(endpoint + path, data=body, headers={"Content-Type": media_type})
    with urllib.request.urlopen(request, timeout=20) as answer:
        flushed = (answer.status, answer.read()) == (202, b"")
    json.dump({"flushed": flushed, "spans": [described(span, service) for span in spans]}, sys.stdout)


main()
