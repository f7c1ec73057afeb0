"""Reports one trace with an OpenTelemetry exporter that speaks Jaeger or Zipkin, then prints what the SDK recorded as JSON.

Usage: otel_older_report.py jaeger-grpc|jaeger-udp|jaeger-http|zipkin-json|zipkin-proto ADDRESS SERVICE.
The values come from the SDK's own spans, as far as the older protocol has words for them. Does not know how they are read back.
"""

import json
import sys
import time

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

SECOND = 1_000_000_000

ATTRIBUTES = {
    "text": "plain",
    "text.unicode": "árvíztűrő 🍵 茶碗",
    "yes": True,
    "no": False,
    "int": 42,
    "int.max": 2**63 - 1,
    "double": 0.1,
}


class Kept(SpanExporter):
    """Sends every span on, and keeps it with what the exporter said."""

    def __init__(self, next_one):
        self.next_one, self.spans, self.results = next_one, [], []

    def export(self, spans):
        self.spans += spans
        self.results.append(self.next_one.export(spans))
        return self.results[-1]

    def shutdown(self):
        self.next_one.shutdown()


def exporter(form, address):
    if form == "jaeger-grpc":
        from opentelemetry.exporter.jaeger.proto.grpc import JaegerExporter

        return JaegerExporter(collector_endpoint=address, insecure=True)
    if form.startswith("jaeger"):
        from opentelemetry.exporter.jaeger.thrift import JaegerExporter

        if form == "jaeger-http":
            return JaegerExporter(collector_endpoint=f"{address}/api/traces?format=jaeger.thrift")
        host, port = address.split(":")
        return JaegerExporter(agent_host_name=host, agent_port=int(port))
    if form == "zipkin-json":
        from opentelemetry.exporter.zipkin.json import ZipkinExporter
    else:
        from opentelemetry.exporter.zipkin.proto.http import ZipkinExporter
    return ZipkinExporter(endpoint=f"{address}/api/v2/spans")


def play(tracer, form):
    """A request, a call and what came after it, at times that the exporters do not round to microseconds."""
    begin = int(time.time()) * SECOND
    root = tracer.start_span("GET /tea/{id}", kind=SpanKind.SERVER, attributes=ATTRIBUTES, start_time=begin)
    inside = trace.set_span_in_context(root)
    query = tracer.start_span("SELECT tea", inside, SpanKind.CLIENT, start_time=begin + SECOND // 4)
    query.set_status(Status(StatusCode.OK))
    query.end(begin + SECOND // 2)
    # Zipkin has no links, and its events carry their attributes as text.
    is_jaeger = form.startswith("jaeger")
    links = [Link(query.get_span_context())] if is_jaeger else []
    after = tracer.start_span("process tea.brewed", inside, SpanKind.CONSUMER, links=links, start_time=begin + SECOND // 2)
    after.set_status(Status(StatusCode.ERROR, "the cup is full"))
    after.end(begin + SECOND)
    if is_jaeger:
        root.add_event("cache miss", {"key": "tea:ő", "tries": 3, "hit": False}, begin + SECOND // 4)
    root.end(begin + SECOND)


def typed(value, form):
    """As the server's own API writes it. Zipkin's tags are all text."""
    if isinstance(value, str):
        return {"string": value}
    if form.startswith("zipkin"):
        return {"string": str(value).lower() if isinstance(value, bool) else str(value)}
    if isinstance(value, bool):
        return {"bool": value}
    return {"int": str(value)} if isinstance(value, int) else {"double": repr(value)}


def nanos(instant, form):
    """The exporter for gRPC computes in floating point, and so the last digits are its own."""
    if form != "jaeger-grpc":
        return instant
    seconds = instant / 1e9
    return int(seconds) * SECOND + int((seconds - int(seconds)) * 1e9)


def repeated(attributes, resource, form):
    """These exporters repeat the resource on every span; what says the same as the resource is said once. Zipkin's say `debug`, too."""
    service = {"service.name": resource["service.name"]}
    if form == "jaeger-grpc":
        return attributes, resource
    rest = {key: value for key, value in resource.items() if key not in service}
    return {**attributes, **rest}, service


def described(span, form):
    pairs = lambda attributes: {key: typed(value, form) for key, value in attributes.items()}
    ids = lambda context: {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}
    attributes, resource = repeated(span.attributes, span.resource.attributes, form)
    follows = {"opentracing.ref_type": {"string": "follows_from"}}
    return {
        **ids(span.context),
        "parent_span_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "kind": span.kind.name.lower(),
        "start": nanos(span.start_time, form),
        "end": nanos(span.end_time, form),
        "status": {"code": span.status.status_code.name.lower(), "message": span.status.description or ""},
        "attributes": pairs(attributes) | ({"debug": {"bool": True}} if form.startswith("zipkin") else {}),
        # These exporters send the name of an event as a message.
        "events": [
            {"time": nanos(e.timestamp, form), "name": e.name, "attributes": pairs({**e.attributes, "message": e.name})}
            for e in span.events
        ],
        "links": [ids(link.context) | {"trace_state": "", "attributes": follows} for link in span.links],
        "resource": pairs(resource),
        "scope": {"name": span.instrumentation_scope.name, "version": span.instrumentation_scope.version or ""},
    }


def main():
    form, address, service = sys.argv[1:]
    provider = TracerProvider(resource=Resource.create({"service.name": service, "service.version": "1.2.3"}))
    kept = Kept(exporter(form, address))
    provider.add_span_processor(SimpleSpanProcessor(kept))
    play(provider.get_tracer("tea-shop", "0.9.0"), form)
    provider.shutdown()
    flushed = all(result == SpanExportResult.SUCCESS for result in kept.results)
    json.dump({"flushed": flushed, "spans": [described(span, form) for span in kept.spans]}, sys.stdout)


main()
