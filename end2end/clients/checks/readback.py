"""Reads a trace back through both query APIs and compares it with what an SDK recorded. Does not know which SDK that was."""

import json
import math

from checks.claims import same

API = "/api/tracewell/v1"
# What a Jaeger answer adds to a span beside its attributes.
JAEGER_ADDS = {"otel.scope.name", "otel.scope.version", "span.kind", "otel.status_code", "error", "otel.status_description", "w3c.tracestate"}
JAEGER_TYPES = {"string": "string", "bool": "bool", "int": "int64", "double": "float64", "bytes": "binary", "array": "string"}


def own_api(server, expected):
    """Every span of `expected` comes back from Tracewell's own API, and no other one."""
    trace_id = expected[0]["trace_id"]
    head = server.get_json(f"{API}/traces/{trace_id}")
    same(head["trace"]["spans"], len(expected), "number of spans in the head of the trace")
    rows = server.get_json(f"{API}/traces/{trace_id}/spans?rows=0..{len(expected)}&at={head['sequence']}")
    found = {row["span_id"]: row for row in rows}
    same(set(found), {span["span_id"] for span in expected}, "ids of the spans")
    for span in expected:
        compare_own(found[span["span_id"]], span)


def jaeger_api(server, expected):
    """The same from the Jaeger API."""
    answer = server.get_json(f"/api/traces/{expected[0]['trace_id']}")
    same(len(answer["data"]), 1, "traces in the answer")
    trace = answer["data"][0]
    found = {span["spanID"]: span for span in trace["spans"]}
    same(set(found), {span["span_id"] for span in expected}, "ids of the spans")
    for span in expected:
        compare_jaeger(found[span["span_id"]], trace["processes"], span)


def compare_own(found, span):
    name = span["name"]
    start, end = int(span["start"]), int(span["end"])
    same(found["name"], name, "name")
    same(found.get("parent_span_id"), span["parent_span_id"], f"{name}: parent")
    same(found["service"], service_of(span), f"{name}: service")
    same(found["kind"], span["kind"], f"{name}: kind")
    same((int(found["start"]), int(found["duration"])), (start, end - start), f"{name}: start and duration")
    same((found["status"], found["status_message"]), (span["status"]["code"], span["status"]["message"]), f"{name}: status")
    same(pairs(found["attributes"]), numbers(span["attributes"]), f"{name}: attributes")
    same(pairs(found["resource"]), numbers(span["resource"]), f"{name}: resource")
    same((found["scope_name"], found["scope_version"]), tuple(span["scope"].values()), f"{name}: scope")
    events = [(int(event["time"]), event["name"], pairs(event["attributes"])) for event in found["events"]]
    same(events, [(int(e["time"]), e["name"], numbers(e["attributes"])) for e in span["events"]], f"{name}: events")
    links = [(l["trace_id"], l["span_id"], l["trace_state"], pairs(l["attributes"])) for l in found["links"]]
    wanted = [(l["trace_id"], l["span_id"], l["trace_state"], numbers(l["attributes"])) for l in span["links"]]
    same(links, wanted, f"{name}: links")
    same(found["warnings"], [], f"{name}: warnings")


def compare_jaeger(found, processes, span):
    name = span["name"]
    start, end = int(span["start"]), int(span["end"])
    same(found["operationName"], name, "name")
    same(found["startTime"], start // 1_000, f"{name}: start, microseconds")
    same(found["duration"], (end - start) // 1_000, f"{name}: duration, microseconds")
    tags = {tag["key"]: jaeger_value(tag) for tag in found["tags"]}
    same(len(tags), len(found["tags"]), f"{name}: a tag appears once")
    same(tags.get("span.kind"), ("string", span["kind"]), f"{name}: span.kind")
    compare_jaeger_status(tags, span)
    own = {key: value for key, value in tags.items() if key not in JAEGER_ADDS or key in span["attributes"]}
    same(own, jaeger_pairs(span["attributes"]), f"{name}: tags")
    process = processes[found["processID"]]
    same(process["serviceName"], service_of(span), f"{name}: service")
    resource = {key: value for key, value in span["resource"].items() if key != "service.name"}
    listed = {tag["key"]: jaeger_value(tag) for tag in process["tags"] if tag["key"] != "service.name"}
    same(listed, jaeger_pairs(resource), f"{name}: process")
    compare_jaeger_events(found, span)
    compare_jaeger_references(found, span)


def compare_jaeger_status(tags, span):
    name, status = span["name"], span["status"]
    same(tags.get("error"), ("bool", True) if status["code"] == "error" else None, f"{name}: error")
    code = None if status["code"] == "unset" else ("string", status["code"].upper())
    same(tags.get("otel.status_code"), code, f"{name}: otel.status_code")
    message = ("string", status["message"]) if status["message"] else None
    same(tags.get("otel.status_description"), message, f"{name}: otel.status_description")


def compare_jaeger_events(found, span):
    same(len(found["logs"]), len(span["events"]), f"{span['name']}: logs")
    for log, event in zip(found["logs"], span["events"]):
        fields = {field["key"]: jaeger_value(field) for field in log["fields"]}
        wanted = jaeger_pairs(event["attributes"]) | {"event": ("string", event["name"])}
        same((log["timestamp"], fields), (int(event["time"]) // 1_000, wanted), f"{span['name']}: log")


def compare_jaeger_references(found, span):
    wanted = []
    if span["parent_span_id"]:
        wanted.append(("CHILD_OF", span["trace_id"], span["parent_span_id"]))
    wanted += [("FOLLOWS_FROM", link["trace_id"], link["span_id"]) for link in span["links"]]
    listed = [(ref["refType"], ref["traceID"], ref["spanID"]) for ref in found["references"]]
    same(listed, wanted, f"{span['name']}: references")


def pairs(items):
    """Attributes of the own API by key; a repeated key would hide, so it is refused."""
    same(len({item["key"] for item in items}), len(items), "a key appears once")
    return {item["key"]: number(item["value"]) for item in items}


def numbers(attributes):
    return {key: number(value) for key, value in attributes.items()}


def number(typed):
    """Doubles are compared as numbers: `5.0` and `5` are the same one."""
    # What has a type and no value is a bare word.
    kind, value = (typed, None) if isinstance(typed, str) else only_pair(typed)
    if kind == "double":
        value = float(value)
        return kind, "NaN" if math.isnan(value) else value
    if kind == "array":
        return kind, tuple(number(item) for item in value)
    return kind, value


def service_of(span):
    _kind, service = only_pair(span["resource"]["service.name"])
    return service


def only_pair(typed):
    ((kind, value),) = typed.items()
    return kind, value


def jaeger_pairs(attributes):
    return {key: jaeger_expected(value) for key, value in attributes.items()}


def jaeger_expected(typed):
    kind, value = only_pair(typed)
    if kind == "array":
        # Lists travel as JSON text; the text is compared by what it says.
        return "string", tuple(jaeger_expected(item)[1] for item in value)
    if kind == "int":
        return "int64", int(value)
    if kind == "double":
        return "float64", float(value)
    return JAEGER_TYPES[kind], value


def jaeger_value(tag):
    kind, value = tag["type"], tag["value"]
    if kind == "string" and value.startswith("[") and value.endswith("]"):
        return kind, tuple(json.loads(value))
    if kind == "int64":
        # Beyond 2^53 the number is text, because JavaScript would round it.
        if abs(int(value)) > 2**53 and not isinstance(value, str):
            raise AssertionError(f"{tag['key']}: {value} is beyond 2^53 and not text")
        return kind, int(value)
    if kind == "float64":
        return kind, float(value)
    return kind, value
