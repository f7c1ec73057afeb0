//! Faces of the trace page without a trace: loading, not found, failed. Each says what to do next.

use api::{ApiError, ErrorCode};
use leptos::prelude::*;
use leptos_meta::Title;
use model::TraceId;

use crate::href;
use crate::ui::bar::PageBar;
use crate::ui::icon::{self, Icon};

/// Rows of the skeleton.
const SKELETON_ROWS: usize = 14;

/// Of the final size, so that nothing moves when the trace arrives.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="trace__skeleton" role="status" aria-label="Loading the trace">
            <div class="hd"><div class="hd__t"><i class="bone bone--title"></i></div><div class="facts"><i class="bone"></i></div></div>
            {(0..SKELETON_ROWS).map(|_| view! { <div class="bone__row"><i class="bone"></i><i class="bone bone--bar"></i></div> }).collect_view()}
        </div>
    }
}

/// The address holds something that cannot be a trace id.
#[component]
pub fn NotATrace() -> impl IntoView {
    crate::answer::set_status(404);
    view! {
        <Title text="Not a trace id"/>
        <PageBar title="Trace"/>
        <section class="face">
            <h2>"This is not a trace id"</h2>
            <p>"A trace id has up to 32 digits from 0 to 9 and a to f. Check the link, or search for the trace."</p>
            <a class="button" href="/search">"Search"</a>
        </section>
    }
}

/// The trace could not be read: not there, or not now.
#[component]
pub fn Failed(id: TraceId, error: ApiError, again: Callback<()>) -> impl IntoView {
    let missing = error.code == ErrorCode::NotFound;
    crate::answer::set_status(error.code.status());
    let (title, heading) = if missing {
        ("Trace not found", "No trace with this id")
    } else {
        ("Trace not loaded", "The trace could not be loaded")
    };
    let advice = if missing {
        "Its spans may not have arrived yet, or retention removed them. Check that the id is complete; a span shows up about a second after it was sent."
    } else {
        "The link stays as it is, so you can try again."
    };
    view! {
        <Title text=title/>
        <PageBar title="Trace"/>
        <section class="face" role="alert">
            <h2><Icon path=icon::ERROR/>{heading}</h2>
            <p class="mono">{id.to_string()}</p>
            {(!missing).then(|| view! { <p>{error.detail.clone()}</p> })}
            <p>{advice}</p>
            <div class="row">
                <button class="button button--primary" on:click=move |_| again.run(())>"Try again"</button>
                <a class="button" href=href::search(&api::SearchRequest::default())>"Search"</a>
            </div>
        </section>
    }
}
