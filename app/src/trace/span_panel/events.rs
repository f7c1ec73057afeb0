//! Events of a span by time, each with its attributes.

use std::sync::Arc;

use api::{EventItem, SpanDetails};
use leptos::prelude::*;

use super::attributes::{Attributes, left_out};
use super::values::text_of;
use crate::format;

/// Attribute that holds a stack trace; it keeps its lines.
const STACK_TRACE: &str = "exception.stacktrace";

/// Says so when there are none.
#[component]
pub fn Events(span: Arc<SpanDetails>) -> impl IntoView {
    let none = span.events.is_empty();
    let start = span.start;
    let events = span.events.iter().cloned().map(|event| view! { <EventView event start/> });
    view! {
        <ul class="evl">{events.collect_view()}</ul>
        {none.then(|| view! { <p class="side__line dim">"The span has no events."</p> })}
        {left_out(span.events_dropped, "event", "events")}
    }
}

#[component]
fn EventView(event: EventItem, start: u64) -> impl IntoView {
    let offset = match event.time.checked_sub(start) {
        Some(after) => format!("+{}", format::duration(after)),
        None => format!("−{}", format::duration(start - event.time)),
    };
    let bad = event.name == "exception";
    let (stacks, rest): (Vec<_>, Vec<_>) = event.attributes.into_iter().partition(|item| item.key == STACK_TRACE);
    let has_rest = !rest.is_empty() || event.attributes_dropped > 0;
    let stacks = stacks
        .into_iter()
        // HTML loses a first line that is empty.
        .map(|item| text_of(&item.value).trim_start_matches('\n').to_owned())
        .map(|text| view! { <pre class="st" tabindex="0" aria-label="Stack trace">{text}</pre> });
    view! {
        <li class:is-bad=bad>
            <div class="evl__head">
                <time datetime=format::date_time_iso(event.time) title=format::date_time_iso(event.time)>{offset}</time>
                <i class="ev"></i>
                <span class="evl__name">{event.name}</span>
            </div>
            {has_rest.then(|| view! { <Attributes items=rest dropped=event.attributes_dropped none=""/> })}
            {stacks.collect_view()}
        </li>
    }
}
