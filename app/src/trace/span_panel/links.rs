//! Links of a span to spans of this or of other traces.

use std::sync::Arc;

use api::{LinkItem, SpanDetails};
use leptos::prelude::*;
use model::SpanId;

use super::attributes::{Attributes, left_out};
use crate::href;
use crate::trace::address::TraceAddress;
use crate::ui::icon::{self, Icon};

/// Says so when there are none.
#[component]
pub fn Links(span: Arc<SpanDetails>) -> impl IntoView {
    let none = span.links.is_empty();
    let links = span.links.iter().cloned().map(|link| view! { <LinkView link/> });
    view! {
        <ul class="lnl">{links.collect_view()}</ul>
        {none.then(|| view! { <p class="side__line dim">"The span links to no other span."</p> })}
        {left_out(span.links_dropped, "link", "links")}
    }
}

#[component]
fn LinkView(link: LinkItem) -> impl IntoView {
    let address = TraceAddress { span: SpanId::from_hex(&link.span_id), ..TraceAddress::default() };
    let target = format!("{}{}", href::trace(&link.trace_id), address.query());
    let has_attributes = !link.attributes.is_empty() || link.attributes_dropped > 0;
    view! {
        <li>
            <div class="lnl__head">
                <Icon path=icon::FOLLOWS small=true/>
                <a class="link mono" href=target>{link.trace_id}</a>
                <span class="faint mono">"span "{link.span_id}</span>
            </div>
            {(!link.trace_state.is_empty()).then(|| view! { <p class="side__line mono dim">{link.trace_state}</p> })}
            {has_attributes.then(|| view! { <Attributes items=link.attributes dropped=link.attributes_dropped none=""/> })}
        </li>
    }
}
