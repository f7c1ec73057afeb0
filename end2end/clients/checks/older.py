"""Clients that speak Jaeger or Zipkin: those tools' own, and OpenTelemetry's exporters for them. Each reports one trace, and every value is read back.

Does not know what they report: their scripts tell.
"""

import json
import os
import subprocess

from checks import readback
from checks.claims import same

CLIENT_WAIT_SECS = 90


def run(claims, server, here, python, otel_python, node):
    """Gives the traces by a name for people, of those clients that could report."""
    reported = {}
    for client, command, service in clients(server, here, python, otel_python, node):
        spans = claims.check(f"{client}: its report is taken", lambda: sent(command))
        if spans is None:
            continue
        claims.check(f"{client}: every value comes back exact from our own API", lambda: read_back(server, spans))
        claims.check(f"{client}: its service is listed", lambda: listed(server, service))
        reported[client] = spans
    return reported


def clients(server, here, python, otel_python, node):
    bare = lambda address: address.removeprefix("http://")
    port = lambda address: address.rpartition(":")[2]
    older = [
        ("jaeger-client for Python, UDP compact, with a sampler that asks us", [python, here / "python/jaeger_report.py", port(server.jaeger_udp_compact), port(server.sampling)]),
        ("jaeger-client for Node, UDP binary", [node, here / "javascript/jaeger.mjs", "udp", bare(server.jaeger_udp_binary)]),
        ("jaeger-client for Node, HTTP", [node, here / "javascript/jaeger.mjs", "http", server.jaeger_http]),
        ("py_zipkin, v1 JSON", [python, here / "python/zipkin_report.py", "v1-json", server.zipkin]),
        ("py_zipkin, v2 JSON", [python, here / "python/zipkin_report.py", "v2-json", server.zipkin]),
        ("py_zipkin, v2 protobuf", [python, here / "python/zipkin_report.py", "v2-proto", server.zipkin]),
        ("zipkin for Node, v2 JSON", [node, here / "javascript/zipkin.mjs", server.zipkin]),
    ]
    exporters = {
        "jaeger-grpc": server.jaeger_grpc,
        "jaeger-udp": server.jaeger_udp_compact,
        "jaeger-http": server.jaeger_http,
        "zipkin-json": server.zipkin,
        "zipkin-proto": server.zipkin,
    }
    for form, address in exporters.items():
        older.append((f"OpenTelemetry's exporter {form} for Python", [otel_python, here / "python/otel_older_report.py", form, address]))
    for number, (client, command) in enumerate(older, start=1):
        service = f"older-tea-{number}"
        yield client, [*command, service], service


def sent(command):
    # A proxy or a setting of the caller's shell must not reach the client.
    foreign = ("OTEL_", "JAEGER_", "ZIPKIN_")
    clean = {key: value for key, value in os.environ.items() if not key.startswith(foreign) and "proxy" not in key.lower()}
    done = subprocess.run(command, capture_output=True, text=True, timeout=CLIENT_WAIT_SECS, env=clean)
    if done.returncode != 0 or not done.stdout:
        raise AssertionError(f"the client ended with {done.returncode}\n{done.stderr[-2_000:]}")
    answer = json.loads(done.stdout)
    same(answer["flushed"], True, f"flushed; the client says {answer.get('complaints')} {done.stderr[-500:]}")
    return answer["spans"]


def read_back(server, spans):
    """What came in a datagram is stored a moment later: nobody could be told when."""
    server.wait_for_spans(spans[0]["trace_id"], len(spans))
    readback.own_api(server, spans)


def listed(server, service):
    same(service in server.get_json("/api/services")["data"], True, f"{service} is a service")
