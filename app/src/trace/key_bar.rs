//! The line at the bottom: what keys do, and what was noticed about the trace.

use api::TraceHead;
use leptos::prelude::*;

use super::timeline::keyboard::{HINTS, Hint};
use crate::format;
use crate::ui::icon::{self, Icon};

/// From the same table as the handler of the keys.
#[component]
pub fn KeyBar(head: TraceHead) -> impl IntoView {
    let hint = |hint: Hint| {
        let caps = hint.caps.iter().map(|cap| view! { <kbd>{*cap}</kbd> }).collect_view();
        view! { <span class:opt=hint.optional>{caps}{hint.words}</span> }
    };
    let noticed = (head.warnings > 0).then(|| {
        let text = match head.warnings {
            1 => "1 span with a warning".to_owned(),
            many => format!("{} spans with warnings", format::count(many)),
        };
        view! { <span><Icon path=icon::WARNING/>{text}</span> }
    });
    view! {
        <footer class="keys">
            {HINTS.into_iter().map(hint).collect_view()}
            <span class="grow"></span>
            {noticed}
            {head.complete.then(|| view! { <span>"complete"</span> })}
        </footer>
    }
}
