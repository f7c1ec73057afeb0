//! Typed pairs as a list of two columns.

use api::AttributeItem;
use leptos::prelude::*;

use super::values::{ValueView, text_of};
use crate::format;
use crate::ui::copy::CopyButton;

/// `none`: what to say when there is nothing.
#[component]
pub fn Attributes(items: Vec<AttributeItem>, dropped: u32, none: &'static str) -> impl IntoView {
    let empty = items.is_empty();
    let rows = items.into_iter().map(|item| {
        let copied = text_of(&item.value);
        let bad = is_about_an_error(&item.key).then_some("kv__bad");
        view! {
            <dt class="mono">{item.key}</dt>
            <dd class=("mono", true) class:kv__bad=bad.is_some()>
                <ValueView value=item.value/>
                <CopyButton class="kv__copy" label="Copy value" text=move || copied.clone()/>
            </dd>
        }
    });
    view! {
        <dl class="kv" hidden=empty>{rows.collect_view()}</dl>
        {(empty && !none.is_empty()).then(|| view! { <p class="side__line dim">{none}</p> })}
        {left_out(dropped, "attribute", "attributes")}
    }
}

/// What the client or our limits left out, if anything.
pub fn left_out(dropped: u32, one: &str, many: &str) -> Option<impl IntoView + use<>> {
    let words = if dropped == 1 { one } else { many };
    (dropped > 0).then(|| {
        let text = format!(
            "{} more {words} left out, by the client or by the limits of the server",
            format::count(u64::from(dropped))
        );
        view! { <p class="side__line warn">{text}</p> }
    })
}

fn is_about_an_error(key: &str) -> bool {
    key == "error" || key.starts_with("error.") || key.starts_with("exception.")
}
