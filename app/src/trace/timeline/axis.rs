//! Ticks above the rows and their lines through them; dragging over the axis zooms. Not here: which instants are round.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::brush::{Brush, share_of};
use super::layout;
use super::state::{Followed, Timeline};
use super::ticks::{Tick, ticks};
use super::viewport::Window;

/// Least distance of ticks, pixels.
const TICK_PX_MIN: f64 = 100.0;

/// Labels of the axis.
#[component]
pub fn Axis(timeline: Timeline, followed: Callback<Followed>) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let brush = Brush::over(plot);
    let end = move |_| {
        if let Some(Some((from, to))) = brush.end() {
            let window = timeline.window.get_untracked();
            let extent = timeline.extent.get_untracked();
            followed.run(timeline.zoom(Window::new(window.at(from), window.at(to), extent)));
        }
    };
    let whole = move |_| {
        followed.run(timeline.zoom(Window::whole(timeline.extent.get_untracked())));
    };
    let labels = move || {
        let window = timeline.window.get();
        let label = |tick: Tick| {
            view! { <span class="wf__t" style=layout::left_style(layout::share(tick.at, window))>{tick.label}</span> }
        };
        ticks_of(timeline).into_iter().map(label).collect_view()
    };
    let brushed = move || brush.covered().map(|stretch| view! { <i class="wf__brush" style=stretch.style()></i> });
    view! {
        <div class="wf__axis" role="columnheader">
            <span class="unseen">"Time"</span>
            <div
                class="wf__plot"
                node_ref=plot
                title="Drag to zoom, double click for the whole trace"
                on:pointerdown=move |event| brush.start(&event)
                on:pointermove=move |event| brush.drag(&event)
                on:pointerup=end
                on:pointercancel=move |_| brush.cancel()
                on:dblclick=whole
            >
                {labels}
                {brushed}
            </div>
        </div>
    }
}

/// Lines through the rows.
#[component]
pub fn GridLines(timeline: Timeline) -> impl IntoView {
    let lines = move || {
        let window = timeline.window.get();
        let line = |tick: Tick| view! { <i style=layout::left_style(layout::share(tick.at, window))></i> };
        ticks_of(timeline).into_iter().map(line).collect_view()
    };
    view! { <div class="wf__grid" aria-hidden="true">{lines}</div> }
}

/// Where a pointer is over the plot of `grid`, 0 left, 1 right.
pub fn share_of_plot(grid: &web_sys::HtmlDivElement, client_x: f64) -> Option<f64> {
    let plot = grid.query_selector(".wf__plot").ok().flatten()?;
    share_of(&plot.dyn_into::<web_sys::HtmlDivElement>().ok()?, client_x)
}

fn ticks_of(timeline: Timeline) -> Vec<Tick> {
    let window = timeline.window.get();
    let count = (timeline.plot_px.get() / TICK_PX_MIN).max(2.0) as u64;
    let mut ticks = ticks(window.start, window.end, count);
    // A label that begins at the very end has no room.
    ticks.retain(|tick| layout::share(tick.at, window) < 97.0);
    ticks
}
