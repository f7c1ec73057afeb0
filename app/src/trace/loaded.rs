//! The trace page with its trace: header, banners, timeline, details. Here its parts are wired.

use leptos::prelude::*;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use model::TraceId;

use super::header::{Header, description, sentence};
use super::hues::Hues;
use super::key_bar::KeyBar;
use super::legend::Legend;
use super::minimap::Minimap;
use super::page::TraceStart;
use super::span_panel::SpanPanel;
use super::state::{TraceState, address_in};
use super::timeline::state::Timeline;
use super::timeline::view::TimelineView;
use crate::early::Early;
use crate::format;
use crate::ui::icon::{self, Icon};

/// A trace that was found.
#[component]
pub fn Loaded(
    id: TraceId,
    start: TraceStart,
    /// Loads everything again.
    again: Callback<()>,
) -> impl IntoView {
    let TraceStart { head, first, selected } = start;
    let address = address_in(use_query_map());
    let timeline = Timeline::new(&first, address.zoom, head.selected_row);
    let state = TraceState::new(id, &head, address, timeline, selected);
    let hues = StoredValue::new(Hues::of(head.trace.services.iter().map(|share| share.service.as_str())));
    let followed = Callback::new(move |followed| state.followed(followed));
    Effect::new(move |_| {
        if state.outdated.get() {
            state.write_now();
            again.run(());
        }
    });
    let sentence = sentence(&head);
    let description = description(&head);
    let spans = head.trace.spans;
    let banner = partial(&head);
    let trace_start = head.trace.start;
    let failed = move || {
        state.failed.get().map(|detail| {
            view! {
                <div class="note note--error" role="alert">
                    <span>"The spans could not be loaded: " {detail}</span>
                    <button class="button button--small" on:click=move |_| state.retry()>"Try again"</button>
                </div>
            }
        })
    };
    let open = move || timeline.details_open.get();
    view! {
        <Title text=sentence.clone()/>
        <Meta name="description" content=description.clone()/>
        <Meta property="og:title" content=sentence/>
        <Meta property="og:description" content=description/>
        <Meta property="og:type" content="website"/>
        <Early path=api::routes::columns(id)/>
        <Header state head=head.clone() hues/>
        {banner}
        {failed}
        <div class="trace__body" class:has-panel=open>
            <section class="trace__left" aria-label="Timeline">
                <Minimap timeline hues followed/>
                <Legend head=head.clone() hues/>
                <TimelineView timeline spans hues followed/>
            </section>
            <SpanPanel state hues trace_start/>
        </div>
        <KeyBar head/>
    }
}

/// What is missing from the trace, if anything is.
fn partial(head: &api::TraceHead) -> Option<impl IntoView + use<>> {
    let orphans = match head.orphans {
        0 => None,
        1 => Some("1 span points to a parent that was not received; it is drawn as a root".to_owned()),
        many => Some(format!(
            "{} spans point to a parent that was not received; each is drawn as a root",
            format::count(many)
        )),
    };
    let incomplete = (!head.complete).then(|| {
        let reason = head.reason.as_deref().unwrap_or("the store did not read everything");
        format!("Not everything was read, spans may be missing: {reason}")
    });
    let text = match (incomplete, orphans) {
        (None, None) => return None,
        (Some(text), None) | (None, Some(text)) => text,
        (Some(reason), Some(orphans)) => format!("{reason}; {orphans}"),
    };
    Some(view! { <div class="note note--warning" role="status"><Icon path=icon::WARNING/><span>{text}</span></div> })
}
