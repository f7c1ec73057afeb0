"""What no good client sends: each case has a documented status, a clear message, and leaves the good spans stored."""

import gzip
import io
import json

from checks import otlp
from checks.claims import same
from checks.readback import API

PROTO = "application/x-protobuf"
JSON = "application/json"


def run(claims, server):
    for case in [empty, damaged, too_large, null_fields, zero_ids, times, utf8, unknown]:
        case(claims, server)
    claims.check("after all of that the server is healthy", lambda: same(server.get("/health")[0], 200, "status"))


def empty(claims, server):
    def holds(content_type, body, expected):
        status, found, _ = server.post(body, content_type)
        same((status, found), (200, expected), "status and body")

    claims.check("an empty protobuf body is an empty request and a success", lambda: holds(PROTO, b"", b""))
    claims.check("an empty JSON request is a success and answers {}", lambda: holds(JSON, b"{}", b"{}"))


def damaged(claims, server):
    whole = otlp.request_proto([otlp.span_proto(otlp.new_trace_id(), otlp.span_id(1), b"whole")])
    cases = [
        ("a protobuf body of noise is 400", b"\xff" * 64, PROTO, {}),
        ("a protobuf body cut after its first bytes is 400", whole[:7], PROTO, {}),
        ("a JSON body that stops in the middle is 400", b'{"resourceSpans":[{"scope', JSON, {}),
        ("sixty-four thousand open brackets are 400 and no stack overflow", b"[" * 65_536, JSON, {}),
        ("a body that claims to be gzip and is not is 400", b"not gzip at all", PROTO, {"Content_Encoding": "gzip"}),
        ("an unknown content encoding is 400", whole, PROTO, {"Content_Encoding": "rot13"}),
    ]
    for sentence, body, content_type, headers in cases:
        claims.check(sentence, lambda b=body, c=content_type, h=headers: refused(server, 400, b, c, **h))

    def cut():
        trace_id = otlp.new_trace_id()
        spans = [otlp.span_proto(trace_id, otlp.span_id(n), b"cut") for n in range(1, 11)]
        body = otlp.request_proto(spans)[:-5]
        status, answer, _ = server.post(body, PROTO)
        same((status, rejected_proto(answer)), (200, 1), "status and rejected spans")
        same(stored(server, trace_id), 9, "stored spans")

    claims.check("a protobuf body cut inside its tenth span keeps the nine before it", cut)


def too_large(claims, server):
    def bomb():
        packed = io.BytesIO()
        with gzip.GzipFile(fileobj=packed, mode="wb") as file:
            for _ in range(100):
                file.write(b"\0" * (1 << 20))
        return refused(server, 413, packed.getvalue(), PROTO, Content_Encoding="gzip")

    claims.check("a hundred MiB of zeros in gzip are 413", bomb)


def null_fields(claims, server):
    def holds():
        trace_id = otlp.new_trace_id()
        span = otlp.span_json(trace_id, otlp.span_id(1), attributes=None, events=None, links=None, status=None, kind=None)
        span |= {"parentSpanId": None, "traceState": None, "flags": None, "droppedAttributesCount": None}
        body = json.dumps({"resourceSpans": [None, {"resource": None, "scopeSpans": [{"scope": None, "spans": [span]}]}]})
        status, answer, _ = server.post(body.encode(), JSON)
        same((status, answer), (200, b"{}"), "status and body")
        same(stored(server, trace_id), 1, "stored spans")

    claims.check("JSON with null in every optional field is stored", holds)


def zero_ids(claims, server):
    def mixed():
        trace_id = otlp.new_trace_id()
        good = [otlp.span_json(trace_id, otlp.span_id(n)) for n in range(1, 8)]
        zero_trace = [otlp.span_json(bytes(16), otlp.span_id(8))]
        zero_span = [otlp.span_json(trace_id, bytes(8)), otlp.span_json(trace_id, bytes(8))]
        return trace_id, good + zero_trace + zero_span

    def as_json():
        trace_id, spans = mixed()
        status, answer, _ = server.post(otlp.request_json(spans), JSON)
        partial = json.loads(answer).get("partialSuccess", {})
        same((status, int(partial.get("rejectedSpans", 0))), (200, 3), "status and rejected spans")
        same(bool(partial.get("errorMessage")), True, "there is a message")
        same(stored(server, trace_id), 7, "stored spans")

    def as_proto():
        trace_id = otlp.new_trace_id()
        spans = [otlp.span_proto(trace_id, otlp.span_id(n), b"good") for n in range(1, 6)]
        spans += [otlp.span_proto(bytes(16), otlp.span_id(6), b"no trace"), otlp.span_proto(trace_id, bytes(8), b"no id")]
        status, answer, _ = server.post(otlp.request_proto(spans), PROTO)
        same((status, rejected_proto(answer)), (200, 2), "status and rejected spans")
        same(stored(server, trace_id), 5, "stored spans")

    claims.check("of ten JSON spans three have zero ids: seven are stored and three counted", as_json)
    claims.check("of seven protobuf spans two have zero ids: five are stored and two counted", as_proto)


def times(claims, server):
    def holds():
        trace_id = otlp.new_trace_id()
        span = otlp.span_json(trace_id, otlp.span_id(1))
        span["endTimeUnixNano"] = str(int(span["startTimeUnixNano"]) - 5_000_000)
        same(server.post(otlp.request_json([span]), JSON)[0], 200, "status")
        row = rows(server, trace_id, 1)[0]
        same((row["start"], row["duration"]), (span["startTimeUnixNano"], "0"), "start and duration")
        same(len(row["warnings"]), 1, f"warnings of {row['warnings']}")

    claims.check("a span that ends before it starts is stored with duration zero and a warning", holds)


def utf8(claims, server):
    def holds():
        trace_id = otlp.new_trace_id()
        names = {n: f"span {n}".encode() for n in range(1, 101)} | {50: b"bad \xff\xfe name"}
        body = otlp.request_proto([otlp.span_proto(trace_id, otlp.span_id(n), name) for n, name in names.items()])
        status, answer, _ = server.post(body, PROTO)
        same((status, rejected_proto(answer)), (200, 0), "status and rejected spans")
        found = {int(row["span_id"], 16): row for row in rows(server, trace_id, 100)}
        good = {n: name.decode() for n, name in names.items() if n != 50}
        same({n: row["name"] for n, row in found.items() if n != 50}, good, "names of the ninety-nine good spans")
        same("\ufffd" in found[50]["name"], True, f"{found[50]['name']!r} shows where the bad bytes were")
        same(len(found[50]["warnings"]), 1, "warnings of the repaired span")

    claims.check("invalid UTF-8 in one of a hundred spans: all are stored, the damaged one is repaired and marked", holds)


def unknown(claims, server):
    def not_found():
        same(server.post(b"{}", JSON, path="/v1/nonsense")[0], 404, "status")

    def wrong_method():
        same(server.post(None, JSON, method="GET")[0], 405, "status")

    claims.check("an unknown path is 404", not_found)
    claims.check("GET on the export path is 405", wrong_method)
    claims.check("an unknown content type is 415", lambda: refused(server, 415, b"a,b", "text/csv"))


def refused(server, expected, body, content_type, **headers):
    """The status is the documented one and the answer says something."""
    status, answer, _ = server.post(body, content_type, **headers)
    same(status, expected, f"status; the answer is {answer[:200]!r}")
    same(len(answer) > 10, True, f"the answer {answer!r} explains itself")


def rejected_proto(answer):
    """`partial_success.rejected_spans`, both fields have number 1."""
    if not answer:
        return 0
    same(answer[0], 0x0A, "first byte of an answer that is not empty")
    inner = answer[2:] if answer[1] < 0x80 else answer[3:]
    if not inner or inner[0] != 0x08:
        return 0
    number, shift = 0, 0
    for byte in inner[1:]:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    return number


def stored(server, trace_id):
    return server.get_json(f"{API}/traces/{trace_id.hex()}")["trace"]["spans"]


def rows(server, trace_id, count):
    head = server.get_json(f"{API}/traces/{trace_id.hex()}")
    same(head["trace"]["spans"], count, "stored spans")
    return server.get_json(f"{API}/traces/{trace_id.hex()}/spans?rows=0..{count}&at={head['sequence']}")
