"""Reports one trace with the OpenTelemetry Python SDK, then prints what the SDK recorded as JSON.

Usage: report.py grpc|http none|gzip ENDPOINT SERVICE. The values come from the SDK's own spans, not from a second list.
Does not know how they are read back.
"""

import base64
import json
import sys

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags, TraceState

FLUSH_MILLIS = 15_000

ATTRIBUTES = {
    "text": "plain",
    "text.empty": "",
    "text.unicode": "árvíztűrő 🍵 茶碗 \u202eright to left",
    "text.long": "x" * 10_000,
    "text.markup": "<img src=x onerror=alert(1)>",
    "yes": True,
    "no": False,
    "int": 42,
    "int.negative": -1,
    "int.beyond_2_53": 2**53 + 1,
    "int.max": 2**63 - 1,
    "int.min": -(2**63),
    "double": 0.1,
    "double.whole": 5.0,
    "double.huge": 1.7976931348623157e308,
    "double.tiny": 5e-324,
    "bytes": b"\x00\xff\x10",
    "texts": ["a", "", "ő"],
    "bools": [True, False],
    "ints": [1, -(2**60), 2**53 + 1],
    "doubles": [0.5, -2.25],
    "nothing": [],
}


class Recorded(SpanProcessor):
    """Keeps every span that ended."""

    def __init__(self):
        self.spans = []

    def on_end(self, span):
        self.spans.append(span)


def exporter(protocol, compression, endpoint):
    if protocol == "grpc":
        from grpc import Compression
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

        chosen = {"none": Compression.NoCompression, "gzip": Compression.Gzip}[compression]
        return OTLPSpanExporter(endpoint=endpoint, insecure=True, compression=chosen)
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", compression=Compression(compression))


def play(tracer):
    """A request with children, all kinds, events, links and a failure."""
    elsewhere = SpanContext(
        trace_id=0x5B8EFFF798038103D269B633813FC60C,
        span_id=0xEEE19B7EC3C1B174,
        is_remote=True,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
        trace_state=TraceState([("vendor", "a1"), ("other", "b2")]),
    )
    with tracer.start_as_current_span("GET /tea/{id}", kind=SpanKind.SERVER) as root:
        root.set_attributes(ATTRIBUTES)
        root.add_event("cache miss", {"key": "tea:ő", "tries": 3, "ratio": 0.25, "ids": [1, 2]})
        with tracer.start_as_current_span("SELECT tea", kind=SpanKind.CLIENT) as query:
            query.set_attribute("db.system.name", "postgresql")
            query.set_status(Status(StatusCode.OK))
        with tracer.start_as_current_span("send tea.brewed", kind=SpanKind.PRODUCER) as sent:
            handed_over = sent.get_span_context()
        links = [Link(handed_over, {"reason": "same order", "weight": 7}), Link(elsewhere)]
        with tracer.start_as_current_span("process tea.brewed", kind=SpanKind.CONSUMER, links=links):
            pass
        try:
            with tracer.start_as_current_span("pour"):
                raise ValueError("the cup is full: teáscsésze")
        except ValueError:
            root.set_status(Status(StatusCode.ERROR, "could not pour"))


def typed(value):
    """A value as the server's own API writes it."""
    if isinstance(value, bool):
        return {"bool": value}
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"double": repr(value)}
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, str):
        return {"string": value}
    return {"array": [typed(item) for item in value]}


def pairs(attributes):
    return {key: typed(value) for key, value in (attributes or {}).items()}


def described(span):
    return {
        "trace_id": f"{span.context.trace_id:032x}",
        "span_id": f"{span.context.span_id:016x}",
        "parent_span_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "kind": span.kind.name.lower(),
        "start": span.start_time,
        "end": span.end_time,
        "status": {"code": span.status.status_code.name.lower(), "message": span.status.description or ""},
        "attributes": pairs(span.attributes),
        "events": [
            {"time": event.timestamp, "name": event.name, "attributes": pairs(event.attributes)} for event in span.events
        ],
        "links": [
            {
                "trace_id": f"{link.context.trace_id:032x}",
                "span_id": f"{link.context.span_id:016x}",
                # The SDK records the state of a linked context, and its exporter leaves it out.
                "trace_state": "",
                "attributes": pairs(link.attributes),
            }
            for link in span.links
        ],
        "resource": pairs(span.resource.attributes),
        "scope": {"name": span.instrumentation_scope.name, "version": span.instrumentation_scope.version or ""},
    }


def main():
    protocol, compression, endpoint, service = sys.argv[1:]
    resource = Resource.create({"service.name": service, "service.version": "1.2.3", "host.cores": 2**40})
    provider = TracerProvider(resource=resource)
    recorded = Recorded()
    provider.add_span_processor(recorded)
    provider.add_span_processor(BatchSpanProcessor(exporter(protocol, compression, endpoint)))
    trace.set_tracer_provider(provider)
    play(provider.get_tracer("tea-shop", "0.9.0"))
    flushed = provider.force_flush(FLUSH_MILLIS)
    json.dump({"flushed": bool(flushed), "spans": [described(span) for span in recorded.spans]}, sys.stdout)


main()
