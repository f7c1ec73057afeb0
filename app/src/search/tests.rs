//! What the faces of the search say, as the server renders them.

use api::search::ServiceShare;
use api::{Completeness, SearchRequest, TraceItem, TraceList};
use leptos::prelude::*;

use super::no_result::NoResult;
use super::results::Results;

fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    Owner::new().with(|| {
        crate::live::provide_live();
        view().into_view().to_html()
    })
}

fn list(complete: bool) -> TraceList {
    let trace = TraceItem {
        trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
        root_service: "<b>cart".into(),
        root_name: "GET /cart?a=\"1\"".into(),
        root_received: false,
        start: 1_795_269_621_482_000_000,
        duration: 2_840_000_000,
        spans: 575,
        errors: 3,
        services: vec![ServiceShare { service: "cart".into(), spans: 1_424, errors: 0 }],
    };
    TraceList {
        traces: vec![trace],
        next: Some("cursor".into()),
        completeness: Completeness { matched: 12_408, scanned: 1_204_882, complete, ..Completeness::default() },
        from_millis: 1_795_268_721_482,
        to_millis: 1_795_269_621_482,
    }
}

fn results(complete: bool) -> String {
    let request = SearchRequest { service: Some("cart".into()), ..SearchRequest::default() };
    html(|| view! { <Results request list=list(complete) retry=Callback::new(|()| ()) /> })
}

#[test]
fn whole_answer_says_how_much_was_searched_and_leads_on() {
    let html = results(true);
    for text in ["12,408", "1,204,882 spans scanned", "complete as of 14:00:21 UTC", "2.84 s", "575", "root missing"] {
        assert!(html.contains(text), "{text}: {html}");
    }
    assert!(html.contains("/search?service=cart&amp;after=cursor"), "{html}");
    assert!(html.contains("/trace/0af7651916cd43dd8448eb211c80319c"), "{html}");
    assert!(!html.contains('≥'), "{html}");
}

#[test]
fn partial_answer_never_looks_whole() {
    let html = results(false);
    assert!(html.contains("≥ 12,408") && html.contains("≥ 1,204,882"), "{html}");
    assert!(html.contains("lower bound") && !html.contains(">complete"), "{html}");
}

#[test]
fn names_are_text_and_never_markup() {
    let html = results(true);
    assert!(html.contains("&lt;b&gt;cart") && !html.contains("<b>cart"), "{html}");
}

#[test]
fn search_without_a_match_offers_to_drop_each_filter() {
    let request = SearchRequest { service: Some("cart".into()), errors: true, ..SearchRequest::default() };
    let list = TraceList { traces: Vec::new(), ..list(true) };
    let html = html(|| view! { <NoResult request list /> });
    assert!(html.contains("href=\"/search?errors=true\"") && html.contains("href=\"/search?service=cart\""), "{html}");
    assert!(html.contains("now-1d"), "{html}");
}
