//! What has arrived since the page was opened, and the doors through which it may. Not here: how to send.

use api::StoreStatus;
use leptos::either::Either;
use leptos::prelude::*;

use crate::format;
use crate::live::Live;
use crate::ui::icon::{self, Icon};

/// Waits, and turns green with the first span.
#[component]
pub fn Waiting(status: StoreStatus, retry: Callback<()>) -> impl IntoView {
    let live = Live::of_page();
    let before = status.spans;
    let received = Memo::new(move |_| {
        let total = live.seconds.with(|seconds| seconds.last().map_or(0, |second| second.spans_total));
        total.saturating_sub(before)
    });
    let has_received = Memo::new(move |_| received.get() > 0);
    Effect::new(move |_| {
        if has_received.get() {
            retry.run(());
        }
    });
    let doors: Vec<_> = status
        .doors
        .into_iter()
        .map(|door| {
            let class = if door.address.is_some() { "door" } else { "door door--off" };
            view! {
                <li class=class>
                    <span class="door__dot" aria-hidden="true"></span>
                    <span class="mono">{door.address.unwrap_or_else(|| "closed".to_owned())}</span>
                    <span class="dim">{door.protocol}</span>
                </li>
            }
        })
        .collect();
    let face = move || match has_received.get() {
        true => Either::Left(view! {
            <div class="arrived" aria-hidden="true"><Icon path=icon::CHECK /></div>
            <p role="status"><b class="ok">"Spans arrive"</b><br /><span class="dim">{move || format!("{} since this page was opened", format::count(received.get()))}</span></p>
            <a class="button button--primary" href="/search">"See the newest traces"</a>
        }),
        false => Either::Right(view! {
            <div class="pulse" aria-hidden="true"><i></i><i></i><b></b></div>
            <p role="status"><b>"Waiting for spans"</b><br /><span class="dim">"None since this page was opened"</span></p>
        }),
    };
    view! {
        <aside class="send__wait" aria-label="What has arrived" class:send__wait--arrived=has_received>
            {face}
            <ul class="doors">{doors}</ul>
        </aside>
    }
}
