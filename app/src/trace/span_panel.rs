//! Details of the span under the cursor. Not here: fetching them (`state`), how a value is shown (`values`).

pub mod attributes;
pub mod events;
pub mod links;
pub mod raw;
pub mod values;

use std::sync::Arc;

use api::SpanDetails;
use leptos::prelude::*;

use super::address::PanelTab;
use super::hues::Hues;
use super::state::TraceState;
use super::timeline::view::GRID_ID;
use crate::format;
use crate::ui::copy::CopyButton;
use crate::ui::icon::{self, Icon};
use attributes::Attributes;
use events::Events;
use links::Links;
use raw::Raw;

/// Beside the timeline; on a phone a sheet above it.
#[component]
pub fn SpanPanel(
    state: TraceState,
    hues: StoredValue<Hues>,
    /// Start of the trace, unix nanoseconds.
    trace_start: u64,
) -> impl IntoView {
    let open = move || state.timeline.details_open.get();
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            state.close_details();
            super::browser::focus(GRID_ID.to_owned());
        }
    };
    let body = move || {
        match state.details.get() {
        None => view! { <div class="side__wait" role="status" aria-label="Loading the span"><i class="bone bone--title"></i><i class="bone"></i><i class="bone"></i></div> }.into_any(),
        Some(Err(error)) => view! {
            <div class="face face--side" role="alert">
                <h2><Icon path=icon::ERROR/>"The span could not be loaded"</h2>
                <p>{error.detail}</p>
                <button class="button" on:click=move |_| state.retry_details()>"Try again"</button>
            </div>
        }.into_any(),
        Some(Ok(span)) => view! { <Span state hues span trace_start/> }.into_any(),
    }
    };
    view! {
        <aside class="side" aria-label="Span" hidden=move || !open() on:keydown=on_key>
            {move || open().then(body)}
        </aside>
    }
}

#[component]
fn Span(state: TraceState, hues: StoredValue<Hues>, span: Arc<SpanDetails>, trace_start: u64) -> impl IntoView {
    let failed = span.status == "error";
    let message = (!span.status_message.is_empty()).then(|| {
        let class = if failed { "sp__message err" } else { "sp__message" };
        view! { <p class=class>{span.status_message.clone()}</p> }
    });
    let warnings = span.warnings.iter().map(|warning| {
        view! { <div class="note note--warning"><Icon path=icon::WARNING/><span>{warning.clone()}</span></div> }
    });
    let mark = hues.with_value(|hues| hues.mark(&span.service));
    let tab_body = {
        let span = span.clone();
        move || tab_body(state.panel.get(), &span)
    };
    let span_id = span.span_id.clone();
    view! {
        <div class="sp">
            <div class="row">
                <i class=mark></i>
                <span class="dim cut" title=span.service.clone()>{span.service.clone()}</span>
                <span class="badge">{span.kind.clone()}</span>
                {failed.then(|| view! { <span class="badge badge--error"><Icon path=icon::ERROR small=true/>"error"</span> })}
                {(span.status == "ok").then(|| view! { <span class="badge badge--ok">"ok"</span> })}
                <span class="grow"></span>
                <CopyButton class="button button--ghost button--icon button--small" label="Copy link to this span" icon=icon::LINK text=move || state.link()/>
                <button class="button button--ghost button--icon button--small" aria-label="Close the span" title="Close" on:click=move |_| state.close_details()><Icon path=icon::CLOSE/></button>
            </div>
            <h2>{span.name.clone()}</h2>
            {message}
        </div>
        {warnings.collect_view()}
        <Facts state span=span.clone() trace_start/>
        <Tabs state span/>
        <div class="side__tab" role="tabpanel" id="span-panel" aria-labelledby=move || tab_id(state.panel.get())>{tab_body}</div>
        <p class="side__ids mono">{span_id}</p>
    }
}

#[component]
fn Facts(state: TraceState, span: Arc<SpanDetails>, trace_start: u64) -> impl IntoView {
    // Known when the columns are there.
    let row = span.row;
    let own = move || {
        let outline = state.timeline.outline.get().filter(|outline| (row as usize) < outline.columns.len());
        outline.map_or("–".to_owned(), |outline| format::duration(outline.own_nanos(row)))
    };
    let extent = state.timeline.extent.get_untracked();
    let offset = span.start.saturating_sub(trace_start);
    view! {
        <dl class="sp__grid">
            <div><dt class="cap">"Duration"</dt><dd>{format::duration(span.duration)}</dd></div>
            <div><dt class="cap">"Self"</dt><dd>{own}</dd></div>
            <div>
                <dt class="cap">"Start"</dt>
                <dd><time datetime=format::date_time_iso(span.start) title=format::date_time_iso(span.start)>"+"{format::duration(offset)}</time></dd>
            </div>
            <div><dt class="cap">"Of trace"</dt><dd>{format::share(span.duration, extent)}</dd></div>
        </dl>
    }
}

#[component]
fn Tabs(state: TraceState, span: Arc<SpanDetails>) -> impl IntoView {
    let count = |tab: PanelTab| match tab {
        PanelTab::Attributes => Some(span.attributes.len()),
        PanelTab::Events => Some(span.events.len()),
        PanelTab::Links => Some(span.links.len()),
        PanelTab::Resource => Some(span.resource.len()),
        PanelTab::Raw => None,
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let at = PanelTab::ALL.iter().position(|tab| *tab == state.panel.get_untracked()).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % PanelTab::ALL.len(),
            "ArrowLeft" => (at + PanelTab::ALL.len() - 1) % PanelTab::ALL.len(),
            _ => return,
        };
        event.prevent_default();
        state.show(PanelTab::ALL[next]);
        super::browser::focus(tab_id(PanelTab::ALL[next]));
    };
    let tabs = PanelTab::ALL.into_iter().map(|tab| {
        let selected = move || state.panel.get() == tab;
        view! {
            <button
                type="button"
                role="tab"
                id=tab_id(tab)
                aria-controls="span-panel"
                aria-selected=move || selected().to_string()
                tabindex=move || if selected() { "0" } else { "-1" }
                on:click=move |_| state.show(tab)
            >
                {tab.title()}
                {count(tab).map(|count| view! { <span class="n">{count}</span> })}
            </button>
        }
    });
    view! { <div class="tabs tabs--s side__tabs" role="tablist" aria-label="Details" on:keydown=on_key>{tabs.collect_view()}</div> }
}

fn tab_id(tab: PanelTab) -> String {
    format!("span-tab-{}", tab.word())
}

/// Attributes come with events and links below them: the whole span at one glance.
fn tab_body(tab: PanelTab, span: &Arc<SpanDetails>) -> AnyView {
    match tab {
        PanelTab::Attributes => view! {
            <Attributes items=span.attributes.clone() dropped=span.attributes_dropped none="The span has no attributes."/>
            {(!span.events.is_empty() || span.events_dropped > 0).then(|| view! { <SectionHead title="Events" count=span.events.len()/><Events span=span.clone()/> })}
            {(!span.links.is_empty() || span.links_dropped > 0).then(|| view! { <SectionHead title="Links" count=span.links.len()/><Links span=span.clone()/> })}
        }
        .into_any(),
        PanelTab::Events => view! { <Events span=span.clone()/> }.into_any(),
        PanelTab::Links => view! { <Links span=span.clone()/> }.into_any(),
        PanelTab::Resource => view! {
            <Attributes items=span.resource.clone() dropped=0 none="The resource has no attributes."/>
            <SectionHead title="Scope" count=span.scope_attributes.len()/>
            <Scope span=span.clone()/>
        }
        .into_any(),
        PanelTab::Raw => view! { <Raw span=span.clone()/> }.into_any(),
    }
}

#[component]
fn SectionHead(title: &'static str, count: usize) -> impl IntoView {
    view! { <h3 class="sec">{title}{(count > 0).then(|| view! { <span class="cap">{count}</span> })}</h3> }
}

#[component]
fn Scope(span: Arc<SpanDetails>) -> impl IntoView {
    let name = if span.scope_name.is_empty() {
        "not named".to_owned()
    } else {
        format!("{} {}", span.scope_name, span.scope_version)
    };
    view! {
        <p class="side__line mono">{name}</p>
        {(!span.scope_attributes.is_empty()).then(|| view! { <Attributes items=span.scope_attributes.clone() dropped=0 none=""/> })}
    }
}
