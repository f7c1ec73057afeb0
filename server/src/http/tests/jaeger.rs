//! Jaeger's API, as its clients and Grafana ask it.

use super::*;

#[tokio::test]
async fn services_and_operations_are_sorted_texts_in_the_envelope() {
    let bench = Bench::with(&shop_trace()).await;
    let envelope = |data: serde_json::Value, total: usize| serde_json::json!({"data": data, "total": total, "limit": 0, "offset": 0, "errors": null});
    let services = bench.get("/api/services").await;
    assert_eq!(services.header(header::CONTENT_TYPE), "application/json");
    assert_eq!(services.json(), envelope(serde_json::json!(["gateway", "payments"]), 2));
    let names = bench.get("/api/services/gateway/operations").await.json();
    assert_eq!(names, envelope(serde_json::json!(["POST /pay"]), 1));
    let typed = bench.get("/api/operations?service=payments&spanKind=client").await.json();
    assert_eq!(typed, envelope(serde_json::json!([{"name": "charge", "spanKind": "client"}]), 1));
    let none = bench.get("/api/services/nobody/operations").await.json();
    assert_eq!(none, envelope(serde_json::json!([]), 0));
}

#[tokio::test]
async fn a_trace_is_found_by_service_operation_tag_duration_and_time() {
    let bench = Bench::with(&shop_trace()).await;
    let hits = async |query: &str| {
        let answer = bench.get(&format!("/api/traces?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        answer.json()["data"].as_array().map(Vec::len)
    };
    let micros = NOW.micros() - 20_000_000;
    for hit in [
        "service=gateway".to_owned(),
        "service=payments&operation=charge&tag=card:4111&tag=error:true".to_owned(),
        "service=payments&tags=%7B%22amount%22%3A%229223372036854775807%22%7D".to_owned(),
        "service=gateway&minDuration=0.2s&maxDuration=400ms".to_owned(),
        format!("start={micros}&end={}", NOW.micros()),
        format!("start={}&end={}", micros / 1_000, NOW.millis()),
    ] {
        assert_eq!(hits(&hit).await, Some(1), "{hit}");
    }
    for miss in [
        "service=gateway&tag=card:4111".to_owned(),
        "service=gateway&minDuration=1s".to_owned(),
        format!("end={micros}"),
    ] {
        assert_eq!(hits(&miss).await, Some(0), "{miss}");
    }
}

#[tokio::test]
async fn dependencies_are_pairs_that_have_names_and_lie_before_their_end() {
    let bench = Bench::with(&shop_trace()).await;
    let answer = bench.get(&format!("/api/dependencies?endTs={}&lookback=60000", NOW.millis())).await.json();
    let pair = serde_json::json!({"parent": "gateway", "child": "payments", "callCount": 1});
    assert_eq!((&answer["data"], &answer["total"]), (&serde_json::json!([pair]), &1.into()));
    let before = bench.get(&format!("/api/dependencies?endTs={}", NOW.millis() - 120_000)).await.json();
    assert_eq!(before["data"], serde_json::json!([]));
    assert_eq!(bench.get("/api/dependencies?lookback=-1").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn one_trace_comes_whole_and_a_missing_one_is_named() {
    let bench = Bench::with(&shop_trace()).await;
    let trace = bench.get(&format!("/api/traces/{}", id_text(1))).await.json();
    let spans = trace["data"][0]["spans"].as_array().expect("a list").len();
    assert_eq!((spans, &trace["data"][0]["traceID"]), (2, &id_text(1).into()));
    let missing = bench.get("/api/traces/abc").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let error = serde_json::json!({"code": 404, "msg": "trace not found", "traceID": "0000000000000abc"});
    assert_eq!(
        missing.json(),
        serde_json::json!({"data": null, "total": 0, "limit": 0, "offset": 0, "errors": [error]})
    );
    let both = bench.get(&format!("/api/traces?traceID={}&traceID=abc", id_text(1))).await.json();
    assert_eq!((both["data"].as_array().map(Vec::len), &both["errors"][0]), (Some(1), &error));
}

#[tokio::test]
async fn bad_parameters_are_refused_in_the_envelope() {
    let bench = Bench::new();
    let cases = [
        ("/api/traces?service=x&tag=y", "malformed 'tag' parameter, expecting key:value, received: y"),
        ("/api/traces?service=x&minDuration=2s&maxDuration=1s", "'maxDuration' should be greater than 'minDuration'"),
        ("/api/operations?service=x&spanKind=y", "unsupported span kind: 'y'"),
    ];
    for (address, message) in cases {
        let answer = bench.get(address).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address}");
        assert_eq!(answer.json()["errors"], serde_json::json!([{"code": 400, "msg": message}]), "{address}");
    }
    for address in
        ["/api/traces/xyz", "/api/traces/0", "/api/traces?limit=x", "/api/traces?start=x", "/api/traces/1?raw=x"]
    {
        assert_eq!(bench.get(address).await.status, StatusCode::BAD_REQUEST, "{address}");
    }
}
