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
    view! {
        <form class="filters" method="get" action="/search" role="search" aria-label="Filters" node_ref=form on:submit=submit on:change=changed>
            <Names request />
            <TextFilter request name="attributes" label="Attributes" placeholder="http.route=/cart user.tier=gold" pick=|r| &r.attributes />
            <TextFilter request name="min" label="Lasts at least" placeholder="100ms" pick=|r| &r.min />
            <TextFilter request name="max" label="At most" placeholder="2s" pick=|r| &r.max />
            <Choices request />
            <HiddenRange request />
            <button class="button button--primary" type="submit">
                <Icon path=icon::SEARCH small=true />
                "Search"
            </button>
        </form>
    }
}

/// Service and span name, each with the names that are stored.
#[component]
fn Names(request: Memo<SearchRequest>) -> impl IntoView {
    let service_mark = move || request.with(|request| request.service.as_deref().map(mark_class));
    let service = move || request.with(|request| request.service.clone().unwrap_or_default());
    view! {
        <label class="field field--service">
            <span class="field__label">"Service"</span>
            <i class=service_mark aria-hidden="true"></i>
            <input name="service" list="services" placeholder="any" autocomplete="off" data-filter="" prop:value=service value=service />
        </label>
        <Suggestions id="services" values=suggest_services(request) />
        <TextFilter request name="name" label="Span name" placeholder="any" list="names" pick=|r| &r.name />
        <Suggestions id="names" values=suggest_names(request) />
    }
}

/// One condition that is typed.
#[component]
fn TextFilter(
    request: Memo<SearchRequest>,
    name: &'static str,
    label: &'static str,
    placeholder: &'static str,
    /// Id of the suggestions, when there are any.
    #[prop(optional)]
    list: Option<&'static str>,
    pick: fn(&SearchRequest) -> &Option<String>,
) -> impl IntoView {
    let text = move || request.with(|request| pick(request).clone().unwrap_or_default());
    view! {
        <label class=format!("field field--{name}")>
            <span class="field__label">{label}</span>
            <input name=name list=list placeholder=placeholder autocomplete="off" spellcheck="false" prop:value=text value=text />
        </label>
    }
}

/// Conditions that are chosen: order, and errors only.
#[component]
fn Choices(request: Memo<SearchRequest>) -> impl IntoView {
    let longest = move || request.with(|request| request.order == ResultOrder::Longest);
    let errors = move || request.with(|request| request.errors);
    view! {
        <label class="field field--order">
            <span class="field__label">"Order"</span>
            <select name="order">
                <option value="newest" selected=move || !longest()>"Newest first"</option>
                <option value="longest" selected=longest>"Longest first"</option>
            </select>
        </label>
        <label class="check">
            <input type="checkbox" name="errors" value="true" prop:checked=errors checked=errors />
            "Errors only"
        </label>
        // A phone shows the service only until this is ticked; it has no name, so it is no part of the search.
        <label class="button filters__more">
            <input type="checkbox" class="unseen" />
            <Icon path=icon::FILTER small=true />
            "All filters"
        </label>
    }
}

/// The range is chosen elsewhere on the page; the form carries it along.
#[component]
fn HiddenRange(request: Memo<SearchRequest>) -> impl IntoView {
    let usual = SearchRequest::default();
    let from = move || request.with(|request| (request.from != usual.from).then(|| request.from.to_string()));
    let to = move || request.with(|request| (request.to != usual.to).then(|| request.to.to_string()));
    view! {
        <input type="hidden" name="from" value=from disabled=move || from().is_none() />
        <input type="hidden" name="to" value=to disabled=move || to().is_none() />
    }
}
