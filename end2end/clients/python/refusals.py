"""Sends over gRPC what no SDK sends, and prints the answers as JSON: status, message, rejected spans.

Usage: refusals.py HOST:PORT. Does not judge.
"""

import json
import sys

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
CALL_SECS = 60
MEBIBYTE = 1 << 20


def zero_ids():
    request = ExportTraceServiceRequest()
    spans = request.resource_spans.add().scope_spans.add().spans
    for number in range(1, 6):
        good = number > 2
        spans.add(trace_id=b"\x07" * 16, span_id=number.to_bytes(8, "big") if good else bytes(8), name=f"span {number}")
    return request.SerializeToString()


CASES = {
    "empty": (EXPORT, b"", grpc.Compression.NoCompression),
    "noise": (EXPORT, b"\xff" * 64, grpc.Compression.NoCompression),
    "zero ids": (EXPORT, zero_ids(), grpc.Compression.NoCompression),
    "65 MiB": (EXPORT, bytes(65 * MEBIBYTE), grpc.Compression.NoCompression),
    "100 MiB of zeros in gzip": (EXPORT, bytes(100 * MEBIBYTE), grpc.Compression.Gzip),
    "unknown method": (EXPORT.replace("Export", "Import"), b"", grpc.Compression.NoCompression),
}


def answer(channel, path, body, compression):
    call = channel.unary_unary(path, request_serializer=None, response_deserializer=None)
    try:
        reply = call(body, timeout=CALL_SECS, compression=compression)
    except grpc.RpcError as error:
        trailers = {key for key, _ in error.trailing_metadata() or ()}
        return {"code": error.code().name, "message": error.details(), "retryable": "grpc-status-details-bin" in trailers}
    partial = ExportTraceServiceResponse.FromString(reply).partial_success
    return {"code": "OK", "message": partial.error_message, "rejected": partial.rejected_spans}


options = [("grpc.max_send_message_length", -1), ("grpc.enable_http_proxy", 0)]
with grpc.insecure_channel(sys.argv[1], options=options) as channel:
    json.dump({name: answer(channel, *case) for name, case in CASES.items()}, sys.stdout)
