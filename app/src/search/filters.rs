//! The filters of a search as one form. Without JavaScript it is a plain GET form; with it, each change searches at once.

use api::{ResultOrder, SearchRequest};
use leptos::ev::{Event, SubmitEvent};
use leptos::html::Form;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsCast;
use web_sys::FormData;

use super::suggestions::{Suggestions, suggest_names, suggest_services};
use crate::ui::icon::{self, Icon};
use crate::ui::service::mark_class;
use crate::{href, url};

/// All filters of a trace search.
#[component]
pub fn Filters(request: Memo<SearchRequest>) -> impl IntoView {
    let form = NodeRef::<Form>::new();
    let navigate = use_navigate();
    let location = use_location();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let target = event.target().and_then(|target| target.dyn_into().ok());
        let Some(fields) = target.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
        let next = href::search(&url::search_from_query(|key| fields.get(key).as_string()));
        // Enter in a field is a change and a submission; it is one search.
        let shown = href::search(&request.get_untracked());
        if next != shown || location.pathname.get_untracked() == "/" {
            navigate(&next, NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    let changed = move |_: Event| {
        if let Some(form) = form.get_untracked() {
            // It fails for no form that has a submit button.
            drop(form.request_submit());
        }
    };
    let text = move |pick: fn(&SearchRequest) -> &Option<String>| {
        move || request.with(|request| pick(request).clone().unwrap_or_default())
    };
    let service_mark = move || request.with(|request| request.service.as_deref().map(mark_class));
    let longest = move || request.with(|request| request.order == ResultOrder::Longest);
    let usual = SearchRequest::default();
    let from = move || request.with(|request| (request.from != usual.from).then(|| request.from.to_string()));
    let to = move || request.with(|request| (request.to != usual.to).then(|| request.to.to_string()));
    view! {
        <form class="filters" method="get" action="/search" role="search" aria-label="Filters" node_ref=form on:submit=submit on:change=changed>
            <label class="field field--service">
                <span class="field__label">"Service"</span>
                <i class=service_mark aria-hidden="true"></i>
                <input name="service" list="services" placeholder="any" autocomplete="off" data-filter="" prop:value=text(|r| &r.service) value=text(|r| &r.service) />
            </label>
            <Suggestions id="services" values=suggest_services(request) />
            <label class="field field--name">
                <span class="field__label">"Span name"</span>
                <input name="name" list="names" placeholder="any" autocomplete="off" prop:value=text(|r| &r.name) value=text(|r| &r.name) />
            </label>
            <Suggestions id="names" values=suggest_names(request) />
            <label class="field field--attributes">
                <span class="field__label">"Attributes"</span>
                <input name="attributes" class="mono" placeholder="http.route=/cart user.tier=gold" autocomplete="off" spellcheck="false" prop:value=text(|r| &r.attributes) value=text(|r| &r.attributes) />
            </label>
            <label class="field field--duration">
                <span class="field__label">"Lasts at least"</span>
                <input name="min" placeholder="100ms" autocomplete="off" prop:value=text(|r| &r.min) value=text(|r| &r.min) />
            </label>
            <label class="field field--duration">
                <span class="field__label">"At most"</span>
                <input name="max" placeholder="2s" autocomplete="off" prop:value=text(|r| &r.max) value=text(|r| &r.max) />
            </label>
            <label class="field field--order">
                <span class="field__label">"Order"</span>
                <select name="order">
                    <option value="newest" selected=move || !longest()>"Newest first"</option>
                    <option value="longest" selected=longest>"Longest first"</option>
                </select>
            </label>
            <label class="check">
                <input type="checkbox" name="errors" value="true" prop:checked=move || request.with(|r| r.errors) checked=move || request.with(|r| r.errors) />
                "Errors only"
            </label>
            // A phone shows the service only until this is ticked; it has no name, so it is no part of the search.
            <label class="button filters__more">
                <input type="checkbox" class="unseen" />
                <Icon path=icon::FILTER small=true />
                "All filters"
            </label>
            <input type="hidden" name="from" value=from disabled=move || from().is_none() />
            <input type="hidden" name="to" value=to disabled=move || to().is_none() />
            <button class="button button--primary" type="submit">
                <Icon path=icon::SEARCH small=true />
                "Search"
            </button>
        </form>
    }
}
