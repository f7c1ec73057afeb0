//! Nothing matches: says what was searched, and which filter to drop, each as a link.

use api::{SearchRequest, TimePoint, TraceList};
use leptos::prelude::*;

use super::results::Counts;
use crate::href;
use crate::ui::note::PartialNote;

/// A day, for the offer to look further back.
const WIDER_SECS: u64 = 86_400;

/// One line per filter.
#[component]
pub fn NoResult(request: SearchRequest, list: TraceList) -> impl IntoView {
    let lines: Vec<_> = without_each(&request)
        .into_iter()
        .map(|(filter, without)| {
            view! {
                <li class="drop">
                    <span class="chip">{filter}</span>
                    <span class="grow"></span>
                    <a class="button button--small" href=href::search(&without)>"Search without it"</a>
                </li>
            }
        })
        .collect();
    let wider = wider(&request).map(|wider| {
        view! {
            <li class="drop">
                <span>"Look at the last 24 h"</span>
                <span class="grow"></span>
                <a class="button button--small" href=href::search(&wider)>"Widen"</a>
            </li>
        }
    });
    view! {
        <PartialNote completeness=list.completeness.clone() />
        <div class="no-result">
            <h2 class="face__title">"No trace matches"</h2>
            <Counts completeness=list.completeness to_millis=list.to_millis />
            <ul class="no-result__drops">{lines}{wider}</ul>
        </div>
    }
}

/// Each filter in words, and the search without it.
fn without_each(request: &SearchRequest) -> Vec<(String, SearchRequest)> {
    let usual = SearchRequest { after: None, ..request.clone() };
    let mut lines = Vec::new();
    if let Some(service) = &request.service {
        lines.push((format!("service = {service}"), SearchRequest { service: None, name: None, ..usual.clone() }));
    }
    if let Some(name) = &request.name {
        lines.push((format!("span name = {name}"), SearchRequest { name: None, ..usual.clone() }));
    }
    if let Some(attributes) = &request.attributes {
        lines.push((attributes.clone(), SearchRequest { attributes: None, ..usual.clone() }));
    }
    if let Some(min) = &request.min {
        lines.push((format!("lasts at least {min}"), SearchRequest { min: None, ..usual.clone() }));
    }
    if let Some(max) = &request.max {
        lines.push((format!("lasts at most {max}"), SearchRequest { max: None, ..usual.clone() }));
    }
    if request.errors {
        lines.push(("errors only".to_owned(), SearchRequest { errors: false, ..usual }));
    }
    lines
}

/// The last day, unless as much is searched already.
fn wider(request: &SearchRequest) -> Option<SearchRequest> {
    let narrow =
        !matches!(request.from, TimePoint::BeforeNow { secs } if secs >= WIDER_SECS) || request.to != TimePoint::NOW;
    let from = TimePoint::BeforeNow { secs: WIDER_SECS };
    narrow.then(|| SearchRequest { from, to: TimePoint::NOW, after: None, ..request.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_filter_can_be_dropped_alone() {
        let request = SearchRequest {
            service: Some("cart".into()),
            attributes: Some("a=b".into()),
            min: Some("1s".into()),
            errors: true,
            after: Some("x".into()),
            ..SearchRequest::default()
        };
        let lines = without_each(&request);
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|(_, without)| without.after.is_none() && *without != request));
        assert!(lines[1].1.attributes.is_none() && lines[1].1.errors);
    }

    #[test]
    fn a_day_is_offered_only_to_who_searched_less() {
        assert!(wider(&SearchRequest::default()).is_some());
        let week = SearchRequest { from: TimePoint::BeforeNow { secs: 604_800 }, ..SearchRequest::default() };
        assert!(wider(&week).is_none());
    }
}
