//! "12 new traces": says that the list could be newer. The list itself moves only when the reader asks.

use api::live::NEWEST_TRACES;
use api::{ResultOrder, SearchRequest, TimePoint, TraceItem};
use leptos::prelude::*;

use crate::live::Live;
use crate::ui::icon::{self, Icon};

/// Nothing while there is nothing new, or while the browser cannot tell.
#[component]
pub fn NewTraces(
    request: SearchRequest,
    /// Traces on the page.
    shown: Vec<String>,
    /// Asks again.
    refresh: Callback<()>,
) -> impl IntoView {
    let live = Live::of_page();
    let fresh = Memo::new(move |_| live.newest.with(|newest| count_fresh(&request, &shown, newest)));
    let text = move |fresh| match fresh {
        1 => "1 new trace".to_owned(),
        NEWEST_TRACES.. => format!("{NEWEST_TRACES} or more new traces"),
        _ => format!("{fresh} new traces"),
    };
    move || {
        let fresh = fresh.get();
        (fresh > 0).then(|| {
            view! {
                <button class="button button--small button--quiet" type="button" on:click=move |_| refresh.run(())>
                    <Icon path=icon::RELOAD small=true />
                    {text(fresh)}
                </button>
            }
        })
    }
}

/// Traces that a reload would put on top. Zero where only the server can tell: names, attributes, durations, other pages.
fn count_fresh(request: &SearchRequest, shown: &[String], newest: &[TraceItem]) -> usize {
    let only_server_knows = request.name.is_some()
        || request.attributes.is_some()
        || request.min.is_some()
        || request.max.is_some()
        || request.after.is_some()
        || request.to != TimePoint::NOW
        || request.order != ResultOrder::Newest
        // The failed span may be one of another service.
        || (request.errors && request.service.is_some());
    if only_server_knows {
        return 0;
    }
    let matches = |trace: &&TraceItem| {
        let of_service = |service: &String| trace.services.iter().any(|share| share.service == *service);
        !shown.contains(&trace.trace_id)
            && (!request.errors || trace.errors > 0)
            && request.service.as_ref().is_none_or(of_service)
    };
    newest.iter().filter(matches).count()
}

#[cfg(test)]
mod tests {
    use api::search::ServiceShare;

    use super::*;

    fn trace(id: &str, service: &str, errors: u64) -> TraceItem {
        TraceItem {
            trace_id: id.into(),
            root_service: service.into(),
            root_name: "GET /".into(),
            root_received: true,
            start: 0,
            duration: 1,
            spans: 1,
            errors,
            services: vec![ServiceShare { service: service.into(), spans: 1, errors }],
        }
    }

    #[test]
    fn only_traces_that_match_and_are_not_shown_count_as_new() {
        let newest = [trace("a", "cart", 0), trace("b", "cart", 1), trace("c", "payment", 0)];
        let all = SearchRequest::default();
        assert_eq!(count_fresh(&all, &[], &newest), 3);
        assert_eq!(count_fresh(&all, &["a".into()], &newest), 2);
        assert_eq!(count_fresh(&SearchRequest { service: Some("cart".into()), ..all.clone() }, &[], &newest), 2);
        assert_eq!(count_fresh(&SearchRequest { errors: true, ..all }, &[], &newest), 1);
    }

    #[test]
    fn what_only_the_server_can_tell_is_not_guessed() {
        let newest = [trace("a", "cart", 0)];
        let name = SearchRequest { name: Some("GET /".into()), ..SearchRequest::default() };
        let past = SearchRequest { to: TimePoint::At { millis: 1 }, ..SearchRequest::default() };
        let page = SearchRequest { after: Some("x".into()), ..SearchRequest::default() };
        for request in [name, past, page] {
            assert_eq!(count_fresh(&request, &[], &newest), 0);
        }
    }
}
