//! The timeline as elements: axis, rows, scroll, pointer and keys. Not here: arithmetic.

use leptos::prelude::*;
use leptos::{ev, html};
use wasm_bindgen::JsCast;

use super::axis::{Axis, GridLines, share_of_plot};
use super::keyboard;
use super::layout;
use super::row_view::{SlotView, row_id};
use super::state::{Followed, Timeline};
use crate::format;
use crate::trace::hues::Hues;

/// Element id of the grid.
pub const GRID_ID: &str = "spans";
/// What one notch of the wheel zooms by.
const WHEEL_ZOOM: f64 = 1.2;

/// Name column, axis and rows.
#[component]
pub fn TimelineView(
    timeline: Timeline,
    /// Spans of the trace.
    spans: u64,
    hues: StoredValue<Hues>,
    /// Told what keys and clicks did.
    followed: Callback<Followed>,
) -> impl IntoView {
    let grid = NodeRef::<html::Div>::new();
    follow_view(timeline, grid);
    Effect::new(move |_| timeline.fill_slots());
    let on_key = move |event: ev::KeyboardEvent| {
        let modifier = event.ctrl_key() || event.alt_key() || event.meta_key();
        if let Some(action) = keyboard::action(&event.key(), modifier) {
            event.prevent_default();
            followed.run(timeline.act(action));
        }
    };
    hear_unfocused(on_key);
    let on_wheel = move |event: ev::WheelEvent| {
        if let Some(done) = zoom_by_wheel(timeline, grid, &event) {
            followed.run(done);
        }
    };
    let active = move || timeline.cursor.get().map(row_id);
    view! {
        <div
            class="wf"
            id=GRID_ID
            role="treegrid"
            aria-label="Spans"
            aria-rowcount=spans + 1
            aria-activedescendant=active
            aria-busy=move || timeline.index.with(Option::is_none).to_string()
            tabindex="0"
            node_ref=grid
            on:keydown=on_key
            on:wheel=on_wheel
            on:scroll=move |_| read_scroll(timeline, grid)
        >
            <div class="wf__head" role="row" aria-rowindex="1">
                <div role="columnheader">
                    <span>"Span name"</span>
                    <span class="grow"></span>
                    <span>{move || rows_text(timeline, spans)}</span>
                </div>
                <Axis timeline followed/>
            </div>
            <div class="wf__rows" role="rowgroup" style=move || layout::rows_style(content_rows(timeline))>
                <GridLines timeline/>
                <For each=move || 0..timeline.slot_count.get() key=|at| *at let:at>
                    <SlotView at timeline hues followed/>
                </For>
            </div>
        </div>
    }
}

fn rows_text(timeline: Timeline, spans: u64) -> String {
    let (visible, all) = (u64::from(timeline.visible()), format::count(spans));
    if timeline.index.with(Option::is_none) || visible == spans {
        format!("{all} spans")
    } else {
        format!("{} rows of {all} spans", format::count(visible))
    }
}

/// Keys work as soon as the page is open, while nothing else has the focus.
fn hear_unfocused(on_key: impl Fn(ev::KeyboardEvent) + Copy + 'static) {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, move |event| {
            let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
            if target.is_some_and(|target| target.tag_name() == "BODY") {
                on_key(event);
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// With Ctrl held, around the instant under the pointer.
fn zoom_by_wheel(timeline: Timeline, grid: NodeRef<html::Div>, event: &ev::WheelEvent) -> Option<Followed> {
    if !event.ctrl_key() {
        return None;
    }
    event.prevent_default();
    let share = share_of_plot(&grid.get_untracked()?, f64::from(event.client_x()))?;
    Some(timeline.zoom_by(if event.delta_y() > 0.0 { WHEEL_ZOOM } else { 1.0 / WHEEL_ZOOM }, share))
}

/// Height of the content in rows.
fn content_rows(timeline: Timeline) -> f64 {
    let scroll = timeline.scroll();
    scroll.content_px() / scroll.row_px
}

fn read_scroll(timeline: Timeline, grid: NodeRef<html::Div>) {
    if let Some(grid) = grid.get_untracked() {
        timeline.top_px.set(f64::from(grid.scroll_top()));
    }
}

/// Measures the view when it appears and when its size changes, and scrolls where the timeline wants to.
fn follow_view(timeline: Timeline, grid: NodeRef<html::Div>) {
    let measure = move || {
        let Some(grid) = grid.get_untracked() else { return };
        let height = |selector: &str| {
            let element = grid.query_selector(selector).ok().flatten()?;
            element.dyn_into::<web_sys::HtmlElement>().ok().map(|element| element.get_bounding_client_rect().height())
        };
        let set = |signal: RwSignal<f64>, px: f64| {
            if px > 0.0 && signal.get_untracked() != px {
                signal.set(px);
            }
        };
        set(timeline.row_px, height(".wf__row:not([hidden])").unwrap_or(0.0));
        set(timeline.view_px, f64::from(grid.client_height()) - height(".wf__head").unwrap_or(0.0));
        if let Ok(Some(plot)) = grid.query_selector(".wf__plot") {
            set(timeline.plot_px, plot.get_bounding_client_rect().width());
        }
    };
    Effect::new(move |_| {
        let Some(element) = grid.get() else { return };
        measure();
        crate::trace::browser::on_resize(&element, measure);
    });
    Effect::new(move |_| {
        let (Some(top), Some(grid)) = (timeline.wanted_top_px.get(), grid.get()) else { return };
        timeline.wanted_top_px.set(None);
        // On the next frame the content is as high as it must be.
        request_animation_frame(move || {
            grid.set_scroll_top(top as i32);
            timeline.top_px.set(f64::from(grid.scroll_top()));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::timeline::first_rows::FirstRows;
    use crate::trace::timeline::testing::columns;

    fn html(shape: &[(u16, u64, u64)], selected: Option<u32>) -> String {
        let owner = Owner::new();
        owner.set();
        let first = FirstRows::of(columns(shape), None, None);
        let timeline = Timeline::new(&first, None, selected);
        let hues = StoredValue::new(Hues::of(["shop"].into_iter()));
        let followed = Callback::new(|_followed: Followed| {});
        view! { <TimelineView timeline spans=shape.len() as u64 hues followed/> }.to_html()
    }

    #[test]
    fn first_rows_stand_in_the_html_with_their_place_in_the_tree() {
        let html = html(&[(0, 0, 1_000_000), (1, 250_000, 500_000)], Some(1));
        assert_eq!(html.matches("role=\"gridcell\"").count(), 2 * super::super::state::SLOTS_MIN);
        for part in [
            "aria-rowcount=\"3\"",
            "aria-level=\"2\"",
            "aria-expanded=\"true\"",
            "id=\"span-row-1\"",
            "left:25%;width:50%",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("aria-selected=\"true\"").count(), 1);
        assert!(html.contains("aria-label=\"op, shop, 0.50 ms, 50 % of the trace\""));
    }

    #[test]
    fn only_numbers_reach_a_style_attribute() {
        let html = html(&[(0, 0, u64::MAX / 2), (1, 7, 1)], None);
        let styles: Vec<&str> = html.split("style=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(!styles.is_empty());
        for style in styles {
            for declaration in style.split(';').filter(|declaration| !declaration.is_empty()) {
                let (property, value) = declaration.split_once(':').expect("a property and a value");
                assert!(["left", "right", "width", "--p", "--n"].contains(&property), "{style}");
                assert!(value.trim_end_matches('%').parse::<f64>().is_ok(), "{style}");
            }
        }
    }
}
