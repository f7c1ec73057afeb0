//! "live, 1,240 spans/s", with the last minute as a line; opened, it lists the newest traces. Says how old its numbers are.

use api::TraceItem;
use leptos::html::Details;
use leptos::prelude::*;

use super::service::ServiceMark;
use super::spark::Spark;
use crate::live::{Live, Status};
use crate::{format, href};

/// Traces in the opened list.
const NEWEST_SHOWN: usize = 10;

/// For the bar of each page.
#[component]
pub fn LiveStatus() -> impl IntoView {
    let live = Live::of_page();
    let menu = NodeRef::<Details>::new();
    // Taken when the list is opened: nothing moves under the reader's finger.
    let (newest, set_newest) = signal(Vec::<TraceItem>::new());
    let opened = move |_| {
        let open = menu.get_untracked().is_some_and(|menu| menu.open());
        set_newest.set(if open {
            live.newest.get_untracked().into_iter().take(NEWEST_SHOWN).collect()
        } else {
            Vec::new()
        });
    };
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let class = move || match live.status.get() {
        Status::Live => "live live--on",
        Status::Behind { .. } | Status::Reconnecting { .. } => "live live--late",
        Status::Connecting | Status::Paused => "live",
    };
    let rate = move || {
        live.seconds.with(|seconds| seconds.last().map(|second| format!("{} spans/s", format::count(second.spans))))
    };
    let per_second = Signal::derive(move || {
        live.seconds.with(|seconds| seconds.iter().map(|second| second.spans).collect::<Vec<_>>())
    });
    let total = move || {
        let total = live.seconds.with(|seconds| seconds.last().map_or(0, |second| second.spans_total));
        format!("{} spans since the server started", format::count(total))
    };
    let rows = move || newest.get().into_iter().map(|trace| view! { <Newest trace /> }).collect_view();
    view! {
        <details class=class node_ref=menu on:toggle=opened on:keydown=move |event| if event.key() == "Escape" { close() }>
            <summary title="Newest traces">
                <span class="live__dot" aria-hidden="true"></span>
                <span class="live__word">{move || live.status.get().to_string()}</span>
                <span class="live__rate">{rate}</span>
                <Spark values=per_second />
            </summary>
            <div class="live__list">
                <p class="live__head"><span>"Newest traces"</span><span>{total}</span></p>
                <ul on:click=move |_| close()>{rows}</ul>
            </div>
        </details>
    }
}

#[component]
fn Newest(trace: TraceItem) -> impl IntoView {
    view! {
        <li>
            <a class="live__trace" href=href::trace(&trace.trace_id)>
                <ServiceMark service=trace.root_service.clone() />
                <span class="dim cut" title=trace.root_service.clone()>{trace.root_service.clone()}</span>
                <span class="cut grow" title=trace.root_name.clone()>{trace.root_name.clone()}</span>
                <span class="num">{format::duration(trace.duration)}</span>
                <time class="num dim" datetime=format::date_time_iso(trace.start)>{format::time_of_day_millis(trace.start)}</time>
            </a>
        </li>
    }
}
