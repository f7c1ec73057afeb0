//! Whether one answer of the server is what the ledger says. Not here: which questions are asked.

use anyhow::{Result, ensure};
use serde_json::Value;

use super::content::{Content, SERVICES, Span};
use super::counts::{Counts, OfService};

/// All spans of a trace, as OTLP JSON.
pub(super) fn spans(answer: &Value, content: &Content, number: u64) -> Result<()> {
    let mut got = Vec::new();
    for group in list(&answer["resourceSpans"]) {
        let service = attribute(&group["resource"], "service.name");
        for span in list(&group["scopeSpans"]).iter().flat_map(|scoped| list(&scoped["spans"])) {
            ensure!(span["traceId"] == format!("{:032x}", content.trace(number)).as_str(), "a span of another trace");
            let (of_number, bucket) = (attribute(span, "crash.number"), attribute(span, "crash.bucket"));
            ensure!(of_number == number.to_string() && bucket == content.bucket(number), "attributes of another trace");
            got.push((service.to_owned(), shown(span)));
        }
    }
    let right = content.spans(number);
    let mut right: Vec<(String, String)> =
        right.iter().map(|span| (SERVICES[span.service].to_owned(), span_text(span))).collect();
    got.sort();
    right.sort();
    ensure!(got.len() == right.len(), "{} spans, right is {}", got.len(), right.len());
    for (got, right) in got.iter().zip(&right) {
        ensure!(got == right, "a span is {got:?}, right is {right:?}");
    }
    Ok(())
}

pub(super) fn services(answer: &Value, right: &Counts) -> Result<()> {
    complete(answer)?;
    ensure!(answer["step_secs"] == 60, "points are not minutes");
    let got = list(&answer["services"]);
    let there: Vec<(&str, &OfService)> =
        SERVICES.into_iter().zip(&right.services).filter(|(_, service)| service.spans > 0).collect();
    ensure!(got.len() == there.len(), "{} services, right is {}", got.len(), there.len());
    for (got, (name, right)) in got.iter().zip(there) {
        ensure!(got["service"] == name, "service {} in the place of {name}", got["service"]);
        for (what, count) in [
            ("spans", right.spans),
            ("errors", right.errors),
            ("requests", right.requests),
            ("request_errors", right.request_errors),
        ] {
            ensure!(got[what] == count, "{what} of {name}: {}, a recount gives {count}", got[what]);
        }
        let points = |what: &str| -> Vec<u64> { list(&got[what]).iter().filter_map(Value::as_u64).collect() };
        let minutes: (Vec<u64>, Vec<u64>) = right.minutes.iter().copied().unzip();
        ensure!(points("requests_over_time") == minutes.0, "requests of {name} by minute differ from a recount");
        ensure!(points("errors_over_time") == minutes.1, "errors of {name} by minute differ from a recount");
    }
    Ok(())
}

pub(super) fn operations(answer: &Value, right: &OfService) -> Result<()> {
    complete(answer)?;
    let one = |operation: &Value| -> Option<(String, bool, u64)> {
        let is_server = operation["kind"].as_str()? == "server";
        Some((operation["name"].as_str()?.to_owned(), is_server, operation["spans"].as_u64()?))
    };
    let mut got: Vec<_> = list(&answer["operations"]).iter().filter_map(one).collect();
    let right = right.operations.iter().filter(|(_, count)| **count > 0);
    let mut right: Vec<_> = right.map(|((name, is_server), count)| ((*name).to_owned(), *is_server, *count)).collect();
    got.sort();
    right.sort();
    ensure!(got == right, "span names are {got:?}, a recount gives {right:?}");
    Ok(())
}

pub(super) fn complete(answer: &Value) -> Result<()> {
    let completeness = &answer["completeness"];
    ensure!(completeness["complete"] == true, "not complete: {}", completeness["reason"]);
    Ok(())
}

fn span_text(span: &Span) -> String {
    let Span { id, parent, name, is_server, start, end, is_error, text, .. } = span;
    format!("{id:016x} {parent:016x} {name} {is_server} {start} {end} {is_error} {text}")
}

fn shown(span: &Value) -> String {
    let text = |name: &str| span[name].as_str().unwrap_or_default();
    let parent = match text("parentSpanId") {
        "" => "0000000000000000",
        parent => parent,
    };
    let (is_server, is_error) = (span["kind"] == 2, span["status"]["code"] == 2);
    let (start, end) = (text("startTimeUnixNano"), text("endTimeUnixNano"));
    let own = attribute(span, "crash.text");
    format!("{} {parent} {} {is_server} {start} {end} {is_error} {own}", text("spanId"), text("name"))
}

fn attribute<'a>(of: &'a Value, key: &str) -> &'a str {
    let pair = list(&of["attributes"]).iter().find(|pair| pair["key"] == key);
    pair.and_then(|pair| pair["value"]["stringValue"].as_str()).unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn counts_that_differ_by_one_are_wrong() {
        let content = Content { seed: 1, begin: 0 };
        let mut counts = Counts::new();
        counts.add(&content, 0);
        let answer = |counts: &Counts| {
            let services: Vec<Value> = SERVICES
                .iter()
                .zip(&counts.services)
                .map(|(name, service)| {
                    let (requests, errors): (Vec<u64>, Vec<u64>) = service.minutes.iter().copied().unzip();
                    json!({
                        "service": name, "spans": service.spans, "errors": service.errors,
                        "requests": service.requests, "request_errors": service.request_errors,
                        "requests_over_time": requests, "errors_over_time": errors,
                    })
                })
                .collect();
            json!({"services": services, "step_secs": 60, "completeness": {"complete": true}})
        };
        services(&answer(&counts), &counts).unwrap();
        let mut more = counts.clone();
        more.services[2].minutes[0].0 += 1;
        assert!(services(&answer(&more), &counts).unwrap_err().to_string().contains("by minute"));
        more.services[2].spans += 1;
        assert!(services(&answer(&more), &counts).unwrap_err().to_string().contains("spans of pay"));
    }

    #[test]
    fn a_trace_with_one_changed_span_is_wrong() {
        let content = Content { seed: 1, begin: 0 };
        let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let group = |span: &Span| {
            let attributes = [text("crash.number", "3"), text("crash.bucket", "b3"), text("crash.text", &span.text)];
            json!({
                "traceId": format!("{:032x}", content.trace(3)), "spanId": format!("{:016x}", span.id),
                "parentSpanId": if span.parent == 0 { String::new() } else { format!("{:016x}", span.parent) },
                "name": span.name, "kind": if span.is_server { 2 } else { 1 },
                "startTimeUnixNano": span.start.to_string(), "endTimeUnixNano": span.end.to_string(),
                "status": if span.is_error { json!({"code": 2}) } else { json!({}) }, "attributes": attributes,
            })
        };
        let answer = |changed: &[Span]| {
            let groups: Vec<Value> = changed
                .iter()
                .map(|span| {
                    let resource = json!({"attributes": [text("service.name", SERVICES[span.service])]});
                    json!({"resource": resource, "scopeSpans": [{"spans": [group(span)]}]})
                })
                .collect();
            json!({"resourceSpans": groups})
        };
        let mut sent = content.spans(3);
        sent.reverse();
        spans(&answer(&sent), &content, 3).unwrap();
        sent[50].end += 1;
        assert!(spans(&answer(&sent), &content, 3).unwrap_err().to_string().contains("a span is"));
        sent.pop();
        assert!(spans(&answer(&sent), &content, 3).unwrap_err().to_string().contains("99 spans"));
    }
}
