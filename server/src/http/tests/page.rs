//! Pages as a reader without JavaScript meets them, and what keeps others out of them.

use super::*;

#[tokio::test]
async fn a_trace_link_shows_title_description_and_rows_without_javascript() {
    let bench = Bench::with(&shop_trace()).await;
    let page = bench.get(&format!("/trace/{}", id_text(1))).await;
    assert_eq!((page.status, page.header(header::CONTENT_TYPE)), (StatusCode::OK, "text/html; charset=utf-8"));
    let html = page.text();
    let head = html.split("</head>").next().expect("a head");
    for part in ["<title>", "POST /pay", "og:title", "og:description", "2 spans", "1 error"] {
        assert!(head.contains(part), "{part} is missing in {head}");
    }
    let body = html.split("</head>").nth(1).expect("a body");
    for part in ["POST /pay", "charge", "gateway", "payments"] {
        assert!(body.contains(part), "{part} is missing");
    }
}

#[tokio::test]
async fn every_page_answers_and_lists_what_is_stored() {
    let bench = Bench::with(&shop_trace()).await;
    for (address, part) in [("/", "POST /pay"), ("/search?from=now-1h", "POST /pay"), ("/services", "payments")] {
        let page = bench.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        assert!(page.text().contains(part), "{address} lacks {part}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_a_page_with_status_404() {
    let bench = Bench::new();
    for address in ["/nowhere", "/trace", "/favicon.ico", &format!("/trace/{}", id_text(9))] {
        let page = bench.get(address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        assert!(page.text().contains("<html"), "{address}");
    }
    let posted = Request::post("/nowhere").body(Body::empty()).expect("a request");
    assert_eq!(bench.send(posted).await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn only_scripts_with_the_nonce_of_this_answer_may_run() {
    let bench = Bench::new();
    let (first, second) = (bench.get("/services").await, bench.get("/services").await);
    let policy = first.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'; script-src 'self' 'nonce-"), "{policy}");
    assert!(!policy.contains("'nonce-'") && !policy.contains("{nonce}"), "{policy}");
    assert_ne!(policy, second.header(header::CONTENT_SECURITY_POLICY));
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce");
    let html = first.text();
    let scripts = html.matches("<script").count();
    assert_eq!(html.matches(&format!("nonce=\"{nonce}\"")).count(), scripts, "{html}");
}

#[tokio::test]
async fn markup_in_names_is_text() {
    let mut spans = shop_trace();
    spans[0].name = "</title><script>alert(1)</script>".to_owned();
    spans[0].resource = resource("<img src=x onerror=alert(1)>");
    let bench = Bench::with(&spans).await;
    for address in [format!("/trace/{}", id_text(1)), "/".to_owned(), "/services".to_owned()] {
        let html = bench.get(&address).await.text();
        for markup in ["<script>alert", "<img src=x"] {
            let found = html.find(markup).map(|place| &html[place.saturating_sub(200)..place + markup.len()]);
            assert_eq!(found, None, "{address}");
        }
    }
}

#[tokio::test]
async fn without_a_bundle_a_page_says_how_to_build_one_and_with_one_it_names_the_files() {
    let bench = Bench::new();
    assert!(bench.get("/services").await.text().contains("cargo xtask run"));
    let manifest = r#"{"js":"/pkg/a.js","wasm":"/pkg/a.wasm","css":"/pkg/a.css"}"#;
    std::fs::write(bench.folder.path().join("manifest.json"), manifest).expect("a manifest");
    let html = bench.get("/services").await.text();
    assert!(html.contains("/pkg/a.wasm") && html.contains("/pkg/a.css") && !html.contains("cargo xtask run"));
    let dark = bench.get_with("/services", &[(header::COOKIE, "tracewell_theme=dark")]).await.text();
    assert!(dark.contains("data-theme=\"dark\""));
}
