//! Our own API.

use api::{TraceColumns, binary};

use super::*;

#[tokio::test]
async fn a_search_finds_traces_and_says_how_complete_it_is() {
    let bench = Bench::with(&shop_trace()).await;
    let list = bench
        .get("/api/tracewell/v1/traces?service=payments&errors=true&min=100ms&attributes=card%3D4111")
        .await
        .json();
    assert_eq!(list["traces"][0]["root_name"], "POST /pay");
    assert_eq!(list["traces"][0]["duration"], "300000000");
    assert_eq!(list["completeness"]["matched"], 1);
    assert_eq!(list["completeness"]["complete"], true);
    let none = bench.get("/api/tracewell/v1/traces?min=1s").await.json();
    assert_eq!((none["traces"].as_array().map(Vec::len), &none["completeness"]["matched"]), (Some(0), &0.into()));
}

#[tokio::test]
async fn our_pages_get_answers_and_failures_as_bytes_and_everybody_else_as_json() {
    let bench = Bench::with(&shop_trace()).await;
    let as_page = [(header::ACCEPT, binary::CONTENT_TYPE)];
    let as_other = [(header::ACCEPT, "application/vnd.tracewell.answer; version=0")];
    let path = "/api/tracewell/v1/traces";
    let (page, other) = (bench.get_with(path, &as_page).await, bench.get_with(path, &as_other).await);
    assert_eq!(page.header(header::CONTENT_TYPE), binary::CONTENT_TYPE);
    assert_eq!(other.header(header::CONTENT_TYPE), "application/json");
    let list: api::TraceList = binary::decode(&page.body).expect("an answer");
    assert_eq!(serde_json::to_value(list).expect("JSON"), other.json());

    let path = "/api/tracewell/v1/traces?min=soon";
    let (page, other) = (bench.get_with(path, &as_page).await, bench.get_with(path, &as_other).await);
    assert_eq!((page.status, other.status), (StatusCode::BAD_REQUEST, StatusCode::BAD_REQUEST));
    assert_eq!(page.header(header::CONTENT_TYPE), binary::CONTENT_TYPE);
    let error: api::ApiError = binary::decode(&page.body).expect("a failure");
    assert_eq!(serde_json::to_value(error).expect("JSON"), other.json());
    for answer in [&page, &other] {
        assert!(answer.header(header::VARY).contains("accept"), "one of them must not be kept for the other");
    }
}

#[tokio::test]
async fn pages_joined_are_the_whole_list() {
    let bench = Bench::new();
    for trace in 1..=5 {
        let mut span = span(trace, 1, None);
        (span.start, span.end) = (UnixNanos(NOW.0 - u64::from(trace) * 1_000), NOW);
        bench.store(&[span]).await;
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    for _ in 0..3 {
        let page = bench.get(&format!("/api/tracewell/v1/traces?limit=2{after}")).await.json();
        let ids = page["traces"].as_array().expect("a list").iter().map(|trace| trace["trace_id"].clone());
        seen.extend(ids);
        assert_eq!(page["completeness"]["matched"], 5);
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, (1..=5).map(id_text).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_trace_has_a_head_columns_and_details_that_number_rows_alike() {
    let bench = Bench::with(&shop_trace()).await;
    let path = format!("/api/tracewell/v1/traces/{}", id_text(1));
    let head = bench.get(&format!("{path}?span=0202020202020202")).await.json();
    assert_eq!((&head["selected_row"], &head["depth"], &head["trace"]["errors"]), (&1.into(), &1.into(), &1.into()));
    let answer = bench.get(&format!("{path}/columns")).await;
    assert_eq!(answer.header(header::CONTENT_TYPE), "application/vnd.tracewell.trace-columns; version=1");
    let columns = TraceColumns::decode(&answer.body).expect("columns of ours");
    assert_eq!(Some(columns.sequence.to_string().as_str()), head["sequence"].as_str());
    assert_eq!(columns.services, ["gateway", "payments"]);
    let details = bench.get(&format!("{path}/spans?rows=1..9&at={}", columns.sequence)).await.json();
    assert_eq!(details.as_array().map(Vec::len), Some(1), "rows after the last one are left out");
    assert_eq!(details[0]["attributes"][1]["value"]["int"], "9223372036854775807");
}

#[tokio::test]
async fn rows_of_an_older_state_are_refused_as_outdated() {
    let bench = Bench::with(&shop_trace()).await;
    let path = format!("/api/tracewell/v1/traces/{}", id_text(1));
    let sequence = bench.get(&path).await.json()["sequence"].as_str().expect("a number as text").to_owned();
    let mut late = span(1, 3, SpanId::new([2; 8]));
    late.start = NOW;
    bench.store(&[late]).await;
    let answer = bench.get(&format!("{path}/spans?rows=0..1&at={sequence}")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (StatusCode::CONFLICT, &"Outdated".into()));
    assert_eq!(bench.get(&path).await.json()["trace"]["spans"], 3, "and the new state is there at once");
}

#[tokio::test]
async fn columns_that_a_client_holds_are_not_sent_again() {
    let bench = Bench::with(&shop_trace()).await;
    let path = format!("/api/tracewell/v1/traces/{}/columns", id_text(1));
    let tag = bench.get(&path).await.header(header::ETAG).to_owned();
    let again = bench.get_with(&path, &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    let mut late = span(1, 3, None);
    late.start = NOW;
    bench.store(&[late]).await;
    let changed = bench.get_with(&path, &[(header::IF_NONE_MATCH, &tag)]).await;
    assert_eq!(changed.status, StatusCode::OK);
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_read_gzip() {
    let spans: Vec<Span> = (1..=200).map(|number| span(1, number, None)).collect();
    let bench = Bench::with(&spans).await;
    let path = format!("/api/tracewell/v1/traces/{}/columns", id_text(1));
    let packed = bench.get_with(&path, &[(header::ACCEPT_ENCODING, "gzip")]).await;
    assert_eq!(packed.header(header::CONTENT_ENCODING), "gzip");
    let mut plain = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(packed.body.as_slice()), &mut plain).expect("gzip");
    assert_eq!(plain, bench.get(&path).await.body);
}

#[tokio::test]
async fn services_have_rates_errors_and_durations_and_clients_are_services_too() {
    let bench = Bench::with(&shop_trace()).await;
    let list = bench.get("/api/tracewell/v1/services?from=now-1h").await.json();
    let services = list["services"].as_array().expect("a list");
    let names: Vec<_> = services
        .iter()
        .map(|item| (item["service"].as_str(), item["spans"].as_u64(), item["requests"].as_u64()))
        .collect();
    assert_eq!(names, [(Some("gateway"), Some(1), Some(1)), (Some("payments"), Some(1), Some(0))]);
    let p50: f64 = services[0]["p50"].as_str().and_then(|text| text.parse().ok()).expect("nanoseconds as text");
    assert!((p50 / 300e6 - 1.0).abs() < 0.016, "{p50}");
    let over_time = services[0]["requests_over_time"].as_array().expect("a list");
    let steps = (list["to_millis"].as_u64().zip(list["from_millis"].as_u64())).map(|(to, from)| (to - from) / 1_000);
    assert_eq!(
        Some(over_time.len() as u64),
        steps.zip(list["step_secs"].as_u64()).map(|(secs, step)| secs.div_ceil(step))
    );
    assert_eq!(over_time.iter().filter_map(serde_json::Value::as_u64).sum::<u64>(), 1);
}

#[tokio::test]
async fn edges_are_counted_within_a_range_and_around_a_node() {
    let bench = Bench::with(&shop_trace()).await;
    let nodes = async |query: &str| {
        let list = bench.get(&format!("/api/tracewell/v1/edges?{query}")).await.json();
        let edge = |edge: &serde_json::Value| {
            (edge["client"]["name"].clone(), edge["server"]["name"].clone(), edge["calls"].clone())
        };
        list["edges"].as_array().expect("a list").iter().map(edge).collect::<Vec<_>>()
    };
    let edge = |client: &str, server: &str| (client.into(), server.into(), 1.into());
    let all = [edge("gateway", "payments"), edge("payments", "unknown"), edge("user", "gateway")];
    assert_eq!(nodes("").await, all);
    assert_eq!(nodes("node=gateway").await, [all[0].clone(), all[2].clone()]);
    assert_eq!(nodes("node=unknown&kind=unknown").await, [all[1].clone()]);
    assert_eq!(nodes("from=now-3h&to=now-1h").await, []);
    let as_page = [(header::ACCEPT, binary::CONTENT_TYPE)];
    let page = bench.get_with("/api/tracewell/v1/edges?limit=1", &as_page).await;
    let list: api::EdgeList = binary::decode(&page.body).expect("an answer");
    assert_eq!((list.edges.len(), list.total, list.completeness.complete), (1, 3, true));
    assert_eq!(list.edges[0].failed_trace_id, Some(id_text(1)));
}

#[tokio::test]
async fn operations_and_status_tell_what_is_stored() {
    let bench = Bench::with(&shop_trace()).await;
    let list = bench.get("/api/tracewell/v1/operations?service=payments").await.json();
    assert_eq!(
        list["operations"][0],
        serde_json::json!({"service": "payments", "name": "charge", "kind": "client", "spans": 1})
    );
    let status = bench.get("/api/tracewell/v1/status").await.json();
    assert_eq!((&status["spans"], &status["doors"][0]["address"]), (&2.into(), &"127.0.0.1:4318".into()));
}

#[tokio::test]
async fn a_trace_can_be_taken_away_as_otlp() {
    let bench = Bench::with(&shop_trace()).await;
    let answer = bench.get(&format!("/api/tracewell/v1/traces/{}/otlp.json", id_text(1))).await;
    assert!(answer.header(header::CONTENT_DISPOSITION).starts_with("attachment"));
    assert!(answer.json()["resourceSpans"].is_array());
}

#[tokio::test]
async fn bad_requests_are_told_what_is_wrong_and_never_answered_with_500() {
    let bench = Bench::with(&shop_trace()).await;
    let trace = format!("/api/tracewell/v1/traces/{}", id_text(1));
    let cases = [
        ("/api/tracewell/v1/traces?limit=0".to_owned(), 400, "InvalidArgument"),
        ("/api/tracewell/v1/traces?limit=x".to_owned(), 400, "InvalidArgument"),
        ("/api/tracewell/v1/traces?from=yesterday".to_owned(), 400, "InvalidArgument"),
        ("/api/tracewell/v1/traces?after=x".to_owned(), 400, "InvalidArgument"),
        ("/api/tracewell/v1/services?from=now&to=now-1h".to_owned(), 400, "InvalidArgument"),
        ("/api/tracewell/v1/traces/xyz".to_owned(), 400, "InvalidArgument"),
        (format!("/api/tracewell/v1/traces/{}", "0".repeat(32)), 400, "InvalidArgument"),
        (format!("/api/tracewell/v1/traces/{}", id_text(9)), 404, "NotFound"),
        (format!("{trace}/spans?rows=5&at=1"), 400, "InvalidArgument"),
        (format!("{trace}/spans?rows=9..5&at=1"), 400, "InvalidArgument"),
        (format!("{trace}/spans?rows=0..4294967295&at=1"), 400, "InvalidArgument"),
        (format!("{trace}/spans?rows=0..1"), 400, "InvalidArgument"),
        ("/api/tracewell/v1/nothing".to_owned(), 404, "NotFound"),
        ("/api".to_owned(), 404, "NotFound"),
        ("/api/tracewell/v1/edges?from=now&to=now-1h".to_owned(), 400, "InvalidArgument"),
        ("/api/tracewell/v1/edges?limit=0".to_owned(), 400, "InvalidArgument"),
        ("/api/tracewell/v1/edges?node=cart&kind=thing".to_owned(), 400, "InvalidArgument"),
        ("/api/metrics/calls".to_owned(), 404, "NotFound"),
        ("/pkg/none.js".to_owned(), 404, "NotFound"),
    ];
    for (address, status, code) in cases {
        let answer = bench.get(&address).await;
        assert_eq!((answer.status.as_u16(), answer.json()["code"].as_str()), (status, Some(code)), "{address}");
        assert!(!answer.json()["detail"].as_str().unwrap_or_default().is_empty(), "{address}");
    }
    let posted = Request::post("/api/tracewell/v1/traces").body(Body::empty()).expect("a request");
    assert_eq!(bench.send(posted).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn foreign_names_and_foreign_pages_are_refused() {
    let bench = Bench::new();
    let rebound = bench.get_with("/api/tracewell/v1/status", &[(header::HOST, "evil.example")]).await;
    assert_eq!((rebound.status, &rebound.json()["code"]), (StatusCode::FORBIDDEN, &"Forbidden".into()));
    let ours = bench.get_with("/api/tracewell/v1/status", &[(header::HOST, "localhost:16686")]).await;
    assert_eq!((ours.status, ours.header(header::X_CONTENT_TYPE_OPTIONS)), (StatusCode::OK, "nosniff"));
    let host = (header::HOST, "localhost:16686");
    for origin in [None, Some("null"), Some("http://evil.example")] {
        let headers: Vec<_> = origin.map(|origin| (header::ORIGIN, origin)).into_iter().chain([host.clone()]).collect();
        let answer = bench.get_with("/api/tracewell/v1/live", &headers).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{origin:?}");
    }
    let ours = bench.get_with("/api/tracewell/v1/live", &[host, (header::ORIGIN, "http://localhost:16686")]).await;
    assert_eq!(ours.status, StatusCode::BAD_REQUEST, "allowed, but this is no websocket");
}
