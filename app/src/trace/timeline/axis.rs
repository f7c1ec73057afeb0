//! Ticks above the rows and their lines through them; dragging over the axis zooms. Not here: which instants are round.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;

use super::layout;
use super::state::{Followed, Timeline};
use super::ticks::{Tick, ticks};
use super::viewport::Window;

/// Least distance of ticks, pixels.
const TICK_PX_MIN: f64 = 100.0;
/// Drags shorter than this share of the plot are clicks.
const DRAG_SHARE_MIN: f64 = 0.005;

/// Labels of the axis.
#[component]
pub fn Axis(timeline: Timeline, followed: Callback<Followed>) -> impl IntoView {
    let plot = NodeRef::<html::Div>::new();
    let brush = RwSignal::new(None::<(f64, f64)>);
    let share = move |event: &ev::PointerEvent| {
        let plot = plot.get_untracked()?;
        share_of(&plot, f64::from(event.client_x()))
    };
    let start = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        if let (Some(at), Some(plot)) = (share(&event), plot.get_untracked()) {
            // Without capture the drag would end at the edge of the axis; that is bearable, so a failure is too.
            let _captured = plot.set_pointer_capture(event.pointer_id());
            brush.set(Some((at, at)));
        }
    };
    let drag = move |event: ev::PointerEvent| {
        if let (Some((from, _)), Some(to)) = (brush.get_untracked(), share(&event)) {
            brush.set(Some((from, to)));
        }
    };
    let end = move |_| {
        let Some((from, to)) = brush.get_untracked() else { return };
        brush.set(None);
        if (from - to).abs() > DRAG_SHARE_MIN {
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
    let brushed = move || {
        let (from, to) = brush.get()?;
        let stretch = layout::Stretch { left: from.min(to) * 100.0, width: (from - to).abs() * 100.0 };
        Some(view! { <i class="wf__brush" style=stretch.style()></i> })
    };
    view! {
        <div class="wf__axis" role="columnheader">
            <span class="unseen">"Time"</span>
            <div
                class="wf__plot"
                node_ref=plot
                title="Drag to zoom, double click for the whole trace"
                on:pointerdown=start
                on:pointermove=drag
                on:pointerup=end
                on:pointercancel=move |_| brush.set(None)
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

fn share_of(plot: &web_sys::HtmlDivElement, client_x: f64) -> Option<f64> {
    let place = plot.get_bounding_client_rect();
    (place.width() > 0.0).then(|| ((client_x - place.left()) / place.width()).clamp(0.0, 1.0))
}

fn ticks_of(timeline: Timeline) -> Vec<Tick> {
    let window = timeline.window.get();
    let count = (timeline.plot_px.get() / TICK_PX_MIN).max(2.0) as u64;
    let mut ticks = ticks(window.start, window.end, count);
    // A label that begins at the very end has no room.
    ticks.retain(|tick| layout::share(tick.at, window) < 97.0);
    ticks
}
