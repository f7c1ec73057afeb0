"""Reports one trace with Jaeger's own Python client over UDP, then prints what the client recorded as JSON.

Usage: jaeger_report.py UDP_PORT SAMPLING_PORT SERVICE. The sampler is the remote one: it must learn its rate from the server.
The values come from the client's own spans, said in OpenTelemetry's words. Does not know how they are read back.
"""

import json
import sys
import time

import opentracing
from jaeger_client import Config
from jaeger_client.thrift_gen.jaeger.ttypes import TagType

LEARN_WAIT_SECS = 20
# After this long the reporter has sent what it holds.
FLUSH_SECS = 1.5

TAGS = {
    "text": "plain",
    "text.unicode": "árvíztűrő 🍵 茶碗",
    "text.long": "x" * 900,
    "yes": True,
    "no": False,
    "int": 42,
    "int.negative": -1,
    "int.max": 2**63 - 1,
    "double": 0.1,
    "double.tiny": 5e-324,
}


def play(tracer):
    """A request with a child, a span that follows from it, logs and a failure."""
    root = tracer.start_span("GET /tea/{id}", tags={"span.kind": "server", **TAGS})
    root.log_kv({"event": "cache miss", "key": "tea:ő", "tries": 3, "ratio": 0.25, "hit": False})
    query = tracer.start_span("SELECT tea", child_of=root, tags={"span.kind": "client", "db.type": "sql"})
    query.finish()
    pour = tracer.start_span("pour", child_of=root, tags={"error": True})
    pour.log_kv({"event": "error", "error.kind": "ValueError", "message": "the cup is full", "stack": "at pour"})
    pour.finish()
    follows = [opentracing.follows_from(root.context), opentracing.follows_from(query.context)]
    after = tracer.start_span("process tea.brewed", references=follows, tags={"span.kind": "consumer"})
    after.finish()
    root.finish()
    return [root, query, pour, after]


def typed(tag):
    """A tag as the server's own API writes it."""
    if tag.vType == TagType.BOOL:
        return {"bool": tag.vBool}
    if tag.vType == TagType.LONG:
        return {"int": str(tag.vLong)}
    if tag.vType == TagType.DOUBLE:
        return {"double": repr(tag.vDouble)}
    return {"string": tag.vStr}


def nanos(seconds):
    """Jaeger's clients send whole microseconds."""
    return int(seconds * 1_000_000) * 1_000


def described(span, resource):
    tags = {tag.key: typed(tag) for tag in span.tags}
    kind = tags.pop("span.kind", {"string": "internal"})["string"]
    failed = tags.pop("error", {"bool": False})["bool"]
    follows = [reference for reference in span.references or [] if reference.type == opentracing.ReferenceType.FOLLOWS_FROM]
    return {
        "trace_id": f"{span.trace_id:032x}",
        "span_id": f"{span.span_id:016x}",
        "parent_span_id": f"{span.parent_id:016x}" if span.parent_id else None,
        "name": span.operation_name,
        "kind": kind,
        "start": nanos(span.start_time),
        "end": nanos(span.start_time) + nanos(span.end_time - span.start_time),
        "status": {"code": "error" if failed else "unset", "message": ""},
        "attributes": tags,
        "events": [event(log) for log in span.logs],
        "links": [link(reference.referenced_context) for reference in follows],
        "resource": resource,
        "scope": {"name": "", "version": ""},
    }


def event(log):
    fields = {field.key: typed(field) for field in log.fields}
    name = fields.pop("event")["string"]
    if name == "error":
        name = "exception"
        words = {"error.kind": "exception.type", "message": "exception.message", "stack": "exception.stacktrace"}
        fields = {words.get(key, key): value for key, value in fields.items()}
    return {"time": log.timestamp * 1_000, "name": name, "attributes": fields}


def link(context):
    ids = {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}", "trace_state": ""}
    return ids | {"attributes": {"opentracing.ref_type": {"string": "follows_from"}}}


def resource_of(tracer, service):
    words = {"hostname": "host.name", "ip": "host.ip"}
    tags = {words.get(key, key): {"string": str(value)} for key, value in tracer.tags.items()}
    return tags | {"service.name": {"string": service}}


def learned(tracer):
    """The rate that the remote sampler was told, once it asked."""
    deadline = time.monotonic() + LEARN_WAIT_SECS
    while time.monotonic() < deadline:
        rate = getattr(tracer.sampler.sampler, "rate", None)
        if rate == 1.0:
            return rate
        time.sleep(0.05)
    return None


def main():
    udp_port, sampling_port, service = sys.argv[1:]
    agent = {"reporting_host": "127.0.0.1", "reporting_port": udp_port, "sampling_port": sampling_port}
    # Without a sampler of its own it asks, and begins with a rate that is not the one it must learn.
    settings = {"local_agent": agent, "sampling_refresh_interval": 1, "generate_128bit_trace_id": True}
    tracer = Config({**settings, "tags": {"service.version": "1.2.3"}, "logging": False}, service_name=service).new_tracer()
    rate = learned(tracer)
    spans = play(tracer)
    tracer.close()
    time.sleep(FLUSH_SECS)
    resource = resource_of(tracer, service)
    json.dump({"flushed": rate == 1.0, "spans": [described(span, resource) for span in spans]}, sys.stdout)


main()
