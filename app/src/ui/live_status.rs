//! "live, 1,240 spans/s", with the last minute as a line. Says how old its numbers are when they are not fresh.

use leptos::prelude::*;

use super::spark::Spark;
use crate::format;
use crate::live::{Live, Status};

/// For the bar of each page.
#[component]
pub fn LiveStatus() -> impl IntoView {
    let live = Live::of_page();
    let class = move || match live.status.get() {
        Status::Live => "live live--on",
        Status::Behind { .. } | Status::Reconnecting { .. } => "live live--late",
        Status::Connecting | Status::Paused => "live",
    };
    let rate = move || live.seconds.with(|seconds| seconds.last().map(|second| format!("{} spans/s", format::count(second.spans))));
    let values = Signal::derive(move || live.seconds.with(|seconds| seconds.iter().map(|second| second.spans).collect::<Vec<_>>()));
    let title = move || {
        live.seconds.with(|seconds| {
            seconds.last().map(|second| format!("{} spans since the server started", format::count(second.spans_total)))
        })
    };
    view! {
        <span class=class title=title>
            <span class="live__dot" aria-hidden="true"></span>
            <span class="live__word">{move || live.status.get().to_string()}</span>
            <span class="live__rate">{rate}</span>
            <Spark values=values class="live__spark" />
        </span>
    }
}
