//! Whether an answer of the server is the right one. A short answer is a wrong one, however quick.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::truth::{
    EdgeAnswer, Listed, NodeAnswer, OperationAnswer, SearchAnswer, ServiceAnswer, TraceAnswer, span_hash,
};

/// Furthest that a quantile may be off.
const QUANTILE_ERROR: f64 = 0.02;

/// `shift`: what times were moved by, nanoseconds.
pub(super) fn search(answer: &Value, truth: &SearchAnswer, shift: u64) -> Result<()> {
    complete(&answer["completeness"])?;
    let matched = answer["completeness"]["matched"].as_u64();
    ensure!(matched == Some(truth.matched), "matched {matched:?}, right is {}", truth.matched);
    let traces = answer["traces"].as_array().context("no list of traces")?;
    ensure!(traces.len() == truth.first.len(), "{} traces listed, right is {}", traces.len(), truth.first.len());
    for (place, (trace, right)) in traces.iter().zip(&truth.first).enumerate() {
        let got = listed(trace, shift)?;
        ensure!(got == *right, "trace {place} of the list is {got:?}, right is {right:?}");
    }
    Ok(())
}

/// The head of a trace.
pub(super) fn trace(answer: &Value, truth: &TraceAnswer, shift: u64) -> Result<()> {
    ensure!(answer["complete"] == true, "not complete: {}", answer["reason"]);
    let got = listed(&answer["trace"], shift)?;
    ensure!(got == truth.listed, "the trace is {got:?}, right is {:?}", truth.listed);
    for (name, right) in [("root_service", &truth.root_service), ("root_name", &truth.root_name)] {
        ensure!(answer["trace"][name] == right.as_str(), "{name} is {}, right is {right}", answer["trace"][name]);
    }
    Ok(())
}

/// All spans of a trace, as OTLP JSON.
pub(super) fn span_set(answer: &Value, truth: &TraceAnswer, shift: u64) -> Result<()> {
    let mut set = 0_u64;
    for group in list(&answer["resourceSpans"]) {
        for scoped in list(&group["scopeSpans"]) {
            for span in list(&scoped["spans"]) {
                let id =
                    |name: &str| u64::from_str_radix(span[name].as_str().unwrap_or_default(), 16).unwrap_or_default();
                let time = |name: &str| -> Result<u64> {
                    Ok(span[name].as_str().context("a span without a time")?.parse::<u64>()?.wrapping_sub(shift))
                };
                let (start, end) = (time("startTimeUnixNano")?, time("endTimeUnixNano")?);
                let name = span["name"].as_str().context("a span without a name")?;
                set = set.wrapping_add(span_hash(id("spanId"), id("parentSpanId"), start, end, name));
            }
        }
    }
    ensure!(set == truth.span_set, "the spans are not those that were sent");
    Ok(())
}

/// `from_minute`: first minute of the range, counted as `truth` counts.
pub(super) fn services(answer: &Value, truth: &[ServiceAnswer], from_minute: u64) -> Result<()> {
    complete(&answer["completeness"])?;
    let step_minutes = answer["step_secs"].as_u64().context("no step")? / 60;
    let services: Vec<&Value> = list(&answer["services"]).iter().collect();
    ensure!(services.len() == truth.len(), "{} services, right is {}", services.len(), truth.len());
    for (got, right) in services.into_iter().zip(truth) {
        service(got, right, from_minute, step_minutes).with_context(|| format!("service {}", right.service))?;
    }
    Ok(())
}

pub(super) fn edges(answer: &Value, truth: &[EdgeAnswer]) -> Result<()> {
    complete(&answer["completeness"])?;
    let edges = list(&answer["edges"]);
    ensure!(edges.len() == truth.len(), "{} edges, right is {}", edges.len(), truth.len());
    let mut named = edges.iter().map(|got| Ok((ends(got)?, got))).collect::<Result<Vec<_>>>()?;
    named.sort_by(|(left, _), (right, _)| left.cmp(right));
    for ((ends, got), right) in named.into_iter().zip(truth) {
        let right_ends = (right.client.clone(), right.server.clone(), right.connection.clone());
        ensure!(ends == right_ends, "an edge is {ends:?}, right is {right_ends:?}");
        edge(got, right).with_context(|| format!("edge {ends:?}"))?;
    }
    Ok(())
}

fn ends(edge: &Value) -> Result<(NodeAnswer, NodeAnswer, String)> {
    let text = |value: &Value| value.as_str().map(str::to_owned).context("an edge without names");
    let node = |side: &str| -> Result<NodeAnswer> {
        Ok(NodeAnswer { kind: text(&edge[side]["kind"])?, name: text(&edge[side]["name"])? })
    };
    Ok((node("client")?, node("server")?, text(&edge["connection"])?))
}

fn edge(got: &Value, right: &EdgeAnswer) -> Result<()> {
    for (name, count) in [("calls", right.calls), ("errors", right.errors)] {
        ensure!(got[name].as_u64() == Some(count), "{name} is {}, right is {count}", got[name]);
    }
    for (name, side) in [("client_side", &right.client_side), ("server_side", &right.server_side)] {
        let calls = &got[name]["calls"];
        ensure!(calls.as_u64() == Some(side.calls), "{name} has {calls} calls, right is {}", side.calls);
        quantiles(&got[name], side.quantiles).context(name)?;
    }
    Ok(())
}

pub(super) fn operations(answer: &Value, truth: &[OperationAnswer]) -> Result<()> {
    complete(&answer["completeness"])?;
    let got = list(&answer["operations"]).iter().map(|operation| OperationAnswer {
        name: operation["name"].as_str().unwrap_or_default().to_owned(),
        kind: operation["kind"].as_str().unwrap_or_default().to_owned(),
        spans: operation["spans"].as_u64().unwrap_or_default(),
    });
    let mut got: Vec<OperationAnswer> = got.collect();
    got.sort();
    ensure!(got == truth, "names are {got:?}, right is {truth:?}");
    Ok(())
}

fn service(got: &Value, right: &ServiceAnswer, from_minute: u64, step_minutes: u64) -> Result<()> {
    ensure!(got["service"] == right.service.as_str(), "is called {}", got["service"]);
    let counts = [
        ("spans", right.spans),
        ("errors", right.errors),
        ("requests", right.requests),
        ("request_errors", right.request_errors),
    ];
    for (name, count) in counts {
        ensure!(got[name].as_u64() == Some(count), "{name} is {}, right is {count}", got[name]);
    }
    quantiles(got, right.quantiles)?;
    for (name, is_failed) in [("requests_over_time", false), ("errors_over_time", true)] {
        let mut points: Vec<u64> = list(&got[name]).iter().map(|point| point.as_u64().unwrap_or_default()).collect();
        for (minute, requests, errors) in &right.minutes {
            let point = minute.checked_sub(from_minute).and_then(|minute| minute.checked_div(step_minutes));
            let point =
                point.and_then(|point| points.get_mut(usize::try_from(point).ok()?)).context("a point is missing")?;
            *point = point.wrapping_sub(if is_failed { *errors } else { *requests });
        }
        ensure!(points.iter().all(|point| *point == 0), "{name} does not have the right counts");
    }
    Ok(())
}

fn quantiles(got: &Value, right: [u64; 3]) -> Result<()> {
    for (name, exact) in ["p50", "p95", "p99"].into_iter().zip(right) {
        let quantile = nanos(&got[name])? as f64;
        let off = (quantile - exact as f64).abs();
        ensure!(off <= exact as f64 * QUANTILE_ERROR + 1.0, "{name} is {quantile}, right is {exact}");
    }
    Ok(())
}

fn complete(completeness: &Value) -> Result<()> {
    ensure!(completeness["complete"] == true, "not complete: {}", completeness["reason"]);
    Ok(())
}

fn listed(trace: &Value, shift: u64) -> Result<Listed> {
    Ok(Listed {
        id: trace["trace_id"].as_str().context("a trace without an id")?.to_owned(),
        start: nanos(&trace["start"])?.wrapping_sub(shift),
        duration: nanos(&trace["duration"])?,
        spans: trace["spans"].as_u64().context("a trace without a count")?,
        errors: trace["errors"].as_u64().context("a trace without a count of errors")?,
    })
}

/// Nanoseconds travel as text.
fn nanos(value: &Value) -> Result<u64> {
    let text = value.as_str().with_context(|| format!("no nanoseconds: {value}"))?;
    Ok(text.parse()?)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::truth::SideAnswer;
    use serde_json::json;

    const SHIFT: u64 = 1_000;

    fn right() -> (Value, SearchAnswer) {
        let first = Listed { id: "0a".to_owned(), start: 5, duration: 7, spans: 2, errors: 1 };
        let trace = json!({"trace_id": "0a", "start": "1005", "duration": "7", "spans": 2, "errors": 1});
        let answer = json!({"traces": [trace], "completeness": {"matched": 3, "complete": true}});
        (answer, SearchAnswer { matched: 3, first: vec![first] })
    }

    #[test]
    fn right_search_passes_and_each_kind_of_wrong_one_fails() {
        let (answer, truth) = right();
        search(&answer, &truth, SHIFT).unwrap();
        let spoil = |spoil: fn(&mut Value)| {
            let mut answer = answer.clone();
            spoil(&mut answer);
            search(&answer, &truth, SHIFT).unwrap_err().to_string()
        };
        assert!(spoil(|answer| answer["completeness"]["matched"] = json!(2)).contains("right is 3"));
        assert!(spoil(|answer| answer["completeness"]["complete"] = json!(false)).contains("not complete"));
        assert!(spoil(|answer| answer["traces"] = json!([])).contains("0 traces listed"));
        assert!(spoil(|answer| answer["traces"][0]["start"] = json!("1006")).contains("trace 0"));
        assert!(spoil(|answer| answer["traces"][0]["errors"] = json!(0)).contains("trace 0"));
    }

    #[test]
    fn counts_of_a_chart_must_be_exact_and_quantiles_near() {
        let truth = ServiceAnswer {
            service: "cart".to_owned(),
            spans: 9,
            errors: 1,
            requests: 5,
            request_errors: 1,
            quantiles: [100, 200, 300],
            minutes: vec![(60, 3, 0), (62, 2, 1)],
        };
        let cart = |p50: &str, points: [u64; 2]| {
            json!({"step_secs": 120, "completeness": {"complete": true}, "services": [{
                "service": "cart", "spans": 9, "errors": 1, "requests": 5, "request_errors": 1,
                "p50": p50, "p95": "200", "p99": "300", "requests_over_time": points, "errors_over_time": [0, 1],
            }]})
        };
        let truth = [truth];
        services(&cart("101", [3, 2]), &truth, 60).unwrap();
        assert!(services(&cart("104", [3, 2]), &truth, 60).is_err());
        assert!(services(&cart("100", [2, 3]), &truth, 60).is_err());
        assert!(services(&cart("100", [3, 2]), &[], 60).is_err());
    }

    #[test]
    fn counts_of_edges_must_be_exact_and_none_may_be_missing() {
        let node = |kind: &str| NodeAnswer { kind: kind.to_owned(), name: "a".to_owned() };
        let side = |calls| SideAnswer { calls, quantiles: if calls == 0 { [0; 3] } else { [100, 200, 300] } };
        let truth = [EdgeAnswer {
            client: node("service"),
            server: node("database"),
            connection: "call".to_owned(),
            calls: 5,
            errors: 1,
            client_side: side(5),
            server_side: side(0),
        }];
        let answer = |calls: u64, p50: &str, server: &str| {
            json!({"completeness": {"complete": true}, "edges": [{
                "client": {"kind": "service", "name": "a"}, "server": {"kind": server, "name": "a"}, "connection": "call",
                "calls": calls, "errors": 1,
                "client_side": {"calls": 5, "p50": p50, "p95": "200", "p99": "300"},
                "server_side": {"calls": 0, "p50": "0", "p95": "0", "p99": "0"},
            }]})
        };
        edges(&answer(5, "101", "database"), &truth).unwrap();
        for wrong in [answer(4, "101", "database"), answer(5, "104", "database"), answer(5, "101", "cache")] {
            assert!(edges(&wrong, &truth).is_err(), "{wrong}");
        }
        assert!(edges(&answer(5, "101", "database"), &[]).is_err());
    }

    #[test]
    fn span_sets_are_compared_in_any_order() {
        let span = |id: &str, start: &str| json!({"spanId": id, "parentSpanId": "", "name": "a", "startTimeUnixNano": start, "endTimeUnixNano": "1009"});
        let spans = |spans: [Value; 2]| json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]});
        let set = span_hash(1, 0, 3, 9, "a").wrapping_add(span_hash(2, 0, 4, 9, "a"));
        let listed = Listed { id: String::new(), start: 0, duration: 0, spans: 2, errors: 0 };
        let truth = TraceAnswer { listed, root_service: String::new(), root_name: String::new(), span_set: set };
        span_set(&spans([span("02", "1004"), span("01", "1003")]), &truth, SHIFT).unwrap();
        assert!(span_set(&spans([span("02", "1004"), span("02", "1004")]), &truth, SHIFT).is_err());
    }
}
