//! The whole trace in a strip, with the window of time over it; dragging zooms.

pub mod strip;

use leptos::prelude::*;
use leptos::{ev, html};

use super::hues::Hues;
use super::timeline::layout::{self, Stretch};
use super::timeline::state::{Followed, Timeline};
use super::timeline::viewport::Window;
use crate::format;
use strip::{HEIGHT, WIDTH, marks};

/// Drags shorter than this share of the strip are clicks, and show the whole trace.
const DRAG_SHARE_MIN: f64 = 0.005;

/// Empty until the columns have arrived; its size never changes.
#[component]
pub fn Minimap(timeline: Timeline, hues: StoredValue<Hues>, followed: Callback<Followed>) -> impl IntoView {
    let strip = NodeRef::<html::Div>::new();
    let brush = RwSignal::new(None::<(f64, f64)>);
    let share = move |event: &ev::PointerEvent| {
        let place = strip.get_untracked()?.get_bounding_client_rect();
        (place.width() > 0.0).then(|| ((f64::from(event.client_x()) - place.left()) / place.width()).clamp(0.0, 1.0))
    };
    let start = move |event: ev::PointerEvent| {
        if let (0, Some(at), Some(strip)) = (event.button(), share(&event), strip.get_untracked()) {
            // Without capture the drag would end at the edge; that is bearable, so a failure is too.
            let _captured = strip.set_pointer_capture(event.pointer_id());
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
        let extent = timeline.extent.get_untracked();
        let whole = Window::whole(extent);
        let wide = (from - to).abs() > DRAG_SHARE_MIN;
        let window = if wide { Window::new(whole.at(from), whole.at(to), extent) } else { whole };
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
        let whole = Window::whole(timeline.extent.get());
        brush.get().map_or_else(
            || layout::stretch(timeline.window.get().start, timeline.window.get().end, whole),
            |(from, to)| Stretch { left: from.min(to) * 100.0, width: (from - to).abs() * 100.0 },
        )
    };
    let zoomed = move || brush.get().is_some() || !timeline.window.get().is_whole(timeline.extent.get());
    let summary = move || {
        let (window, extent) = (timeline.window.get(), timeline.extent.get());
        format!(
            "The whole trace, {}. The window shows {} to {}.",
            format::duration(extent),
            format::duration(window.start),
            format::duration(window.end)
        )
    };
    view! {
        <div
            class="mm"
            role="img"
            aria-label=summary
            node_ref=strip
            on:pointerdown=start
            on:pointermove=drag
            on:pointerup=end
            on:pointercancel=move |_| brush.set(None)
        >
            <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true">{picture}</svg>
            <i class="mm__win" hidden=move || !zoomed() style=move || shown().style()></i>
            <span class="mm__l">{move || format::duration(timeline.extent.get())}</span>
        </div>
    }
}
