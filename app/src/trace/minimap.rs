//! The whole trace in a strip, with the window of time over it; dragging zooms.

pub mod strip;

use leptos::html;
use leptos::prelude::*;

use super::hues::Hues;
use super::timeline::brush::Brush;
use super::timeline::layout;
use super::timeline::state::{Followed, Timeline};
use super::timeline::viewport::Window;
use crate::format;
use strip::{HEIGHT, WIDTH, marks};

/// Empty until the columns have arrived; its size never changes.
#[component]
pub fn Minimap(timeline: Timeline, hues: StoredValue<Hues>, followed: Callback<Followed>) -> impl IntoView {
    let strip = NodeRef::<html::Div>::new();
    let brush = Brush::over(strip);
    let end = move |_| {
        let Some(dragged) = brush.end() else { return };
        let extent = timeline.extent.get_untracked();
        let whole = Window::whole(extent);
        // A click shows the whole trace again.
        let window = dragged.map_or(whole, |(from, to)| Window::new(whole.at(from), whole.at(to), extent));
        followed.run(timeline.zoom(window));
    };
    let picture = move || {
        let outline = timeline.outline.get()?;
        let mark = |mark: strip::Mark| {
            let class =
                if mark.error { "mm__error".to_owned() } else { hues.with_value(|hues| hues.class(&mark.service)) };
            view! { <rect class=class x=mark.x y=mark.y width=mark.width height=mark.height></rect> }
        };
        Some(marks(&outline.columns).into_iter().map(mark).collect_view())
    };
    let shown = move || {
        let (window, whole) = (timeline.window.get(), Window::whole(timeline.extent.get()));
        brush.covered().unwrap_or_else(|| layout::stretch(window.start, window.end, whole))
    };
    let zoomed = move || brush.covered().is_some() || !timeline.window.get().is_whole(timeline.extent.get());
    let summary = move || summary(timeline.window.get(), timeline.extent.get());
    view! {
        <div
            class="mm"
            role="img"
            aria-label=summary
            node_ref=strip
            on:pointerdown=move |event| brush.start(&event)
            on:pointermove=move |event| brush.drag(&event)
            on:pointerup=end
            on:pointercancel=move |_| brush.cancel()
        >
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">{picture}</svg>
            <i class="mm__win" hidden=move || !zoomed() style=move || shown().style()></i>
            <span class="mm__l">{move || format::duration(timeline.extent.get())}</span>
        </div>
    }
}

/// What the picture says, in words.
fn summary(window: Window, extent: u64) -> String {
    let (start, end) = (format::duration(window.start), format::duration(window.end));
    format!("The whole trace, {}. The window shows {start} to {end}.", format::duration(extent))
}
