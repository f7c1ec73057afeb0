"""A `tracewell serve` on free ports with a data directory of its own, stopped by its process id. Knows flags and ports, no answers."""

import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

READY_WAIT_SECS = 20
STOP_WAIT_SECS = 12
ANSWER_WAIT_SECS = 60


class Server:
    """Ports and data stay the same over restarts."""

    def __init__(self, binary):
        self.binary = binary
        self.folder = tempfile.TemporaryDirectory(prefix="tracewell-clients-")
        self.log_path = os.path.join(self.folder.name, "server.log")
        http, otlp_http, otlp_grpc, jaeger_http, jaeger_grpc, sampling, zipkin = free_ports(7)
        compact, binary = free_ports(2, socket.SOCK_DGRAM)
        self.http = f"http://127.0.0.1:{http}"
        self.otlp_http = f"http://127.0.0.1:{otlp_http}"
        self.otlp_grpc = f"http://127.0.0.1:{otlp_grpc}"
        self.jaeger_udp_compact, self.jaeger_udp_binary = f"127.0.0.1:{compact}", f"127.0.0.1:{binary}"
        self.jaeger_http = f"http://127.0.0.1:{jaeger_http}"
        self.jaeger_grpc = f"127.0.0.1:{jaeger_grpc}"
        self.sampling = f"http://127.0.0.1:{sampling}"
        self.zipkin = f"http://127.0.0.1:{zipkin}"
        self.process = None

    def start(self):
        bare = lambda address: address.removeprefix("http://")
        data = os.path.join(self.folder.name, "data")
        command = [self.binary, "serve", "--doors", "named", "--data-dir", data, "--http", bare(self.http)]
        command += ["--otlp-http", bare(self.otlp_http), "--otlp-grpc", bare(self.otlp_grpc)]
        command += ["--jaeger-udp-compact", self.jaeger_udp_compact, "--jaeger-udp-binary", self.jaeger_udp_binary]
        command += ["--jaeger-http", bare(self.jaeger_http), "--jaeger-grpc", self.jaeger_grpc, "--sampling", bare(self.sampling), "--zipkin", bare(self.zipkin)]
        # A full disk of the test machine is not what is tested; the default refuses spans below 2 %.
        command += ["--disk-free-min", str(64 * 1024 * 1024)]
        # Settings of the caller's shell must not reach the server, and it refuses names that it does not know.
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TRACEWELL_")}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=clean)
        self.wait_until_ready()

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_WAIT_SECS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode} before it was ready\n{self.log()}")
            try:
                if self.get("/ready")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the server is not ready after {READY_WAIT_SECS} s\n{self.log()}")

    def wait_for_spans(self, trace_id, count):
        """Returns once so many spans of a trace are stored."""
        deadline = time.monotonic() + ANSWER_WAIT_SECS
        while time.monotonic() < deadline:
            status, body = self.get(f"/api/tracewell/v1/traces/{trace_id}")
            if status == 200 and json.loads(body)["trace"]["spans"] >= count:
                return
            time.sleep(0.05)
        raise AssertionError(f"trace {trace_id} has not {count} spans after {ANSWER_WAIT_SECS} s\n{self.log()}")

    def kill(self):
        """SIGKILL, as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=STOP_WAIT_SECS)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        self.folder.cleanup()

    def log(self):
        with open(self.log_path, "rb") as log:
            return log.read()[-2_000:].decode(errors="replace")

    def get(self, path):
        """Status and body of an answer from the HTTP address."""
        return answer_of(urllib.request.Request(self.http + path))[:2]

    def get_json(self, path):
        status, body = self.get(path)
        if status != 200:
            raise AssertionError(f"GET {path} answered {status}: {body[:300]!r}")
        return json.loads(body)

    def post(self, body, content_type, path="/v1/traces", method="POST", **headers):
        """Status, body and headers of the answer to an export over HTTP."""
        request = urllib.request.Request(self.otlp_http + path, data=body, method=method)
        request.add_header("Content-Type", content_type)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        return answer_of(request)


def answer_of(request):
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_WAIT_SECS) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def free_ports(count, kind=socket.SOCK_STREAM):
    """Ports that were free a moment ago, held open together so that they differ."""
    holders = [socket.socket(socket.AF_INET, kind) for _ in range(count)]
    for holder in holders:
        holder.bind(("127.0.0.1", 0))
    ports = [holder.getsockname()[1] for holder in holders]
    for holder in holders:
        holder.close()
    return ports
