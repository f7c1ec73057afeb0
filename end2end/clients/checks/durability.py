"""Acknowledged means stored: the power cut right after the answer, and the orderly stop."""

from checks import otlp
from checks.bad_input import JSON, stored
from checks.claims import same
from checks.readback import own_api

ROUNDS = 3


def run(claims, server, reported):
    """`reported`: traces by the name of the client that sent them earlier."""
    for number in range(1, ROUNDS + 1):
        claims.check(f"kill -9 right after an acknowledged export, round {number}: its spans are there", lambda: cut(server))
    for client, spans in reported.items():
        claims.check(f"{client}: its trace survived the kills", lambda spans=spans: own_api(server, spans))
    claims.check("SIGTERM ends the server with 0, and the next start has the spans", lambda: orderly(server))


def export(server):
    trace_id = otlp.new_trace_id()
    spans = [otlp.span_json(trace_id, otlp.span_id(n)) for n in range(1, 21)]
    status, answer, _ = server.post(otlp.request_json(spans, service="durability"), JSON)
    same((status, answer), (200, b"{}"), "status and body")
    return trace_id


def cut(server):
    trace_id = export(server)
    server.kill()
    server.start()
    same(stored(server, trace_id), 20, "stored spans")


def orderly(server):
    trace_id = export(server)
    same(server.stop(), 0, "exit code")
    server.start()
    same(stored(server, trace_id), 20, "stored spans")
