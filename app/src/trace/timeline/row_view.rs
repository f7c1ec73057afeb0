//! One row as elements: lines, name, badges, bar, label. Not here: where things lie (`layout`).

use api::TraceColumns;
use api::columns::Mark;
use leptos::prelude::*;

use super::layout::{self, Bar, LabelPlace};
use super::row::{LEVELS_DRAWN, RowView, words_of};
use super::state::{Followed, Timeline};
use crate::format;
use crate::trace::hues::Hues;
use crate::ui::icon::{self, Icon};

/// Element id of a row, for `aria-activedescendant`.
pub fn row_id(row: u32) -> String {
    format!("span-row-{row}")
}

/// The element of one slot; hidden while the slot is empty.
#[component]
pub fn SlotView(
    /// Number of the slot.
    at: usize,
    timeline: Timeline,
    hues: StoredValue<Hues>,
    /// Told what a click did.
    followed: Callback<Followed>,
) -> impl IntoView {
    let slot = timeline.slot(at);
    move || {
        let (row, place) = slot.get().map_or((None, 0.0), |(row, place)| (Some(row), place));
        let hidden = row.is_none();
        let row = row.unwrap_or_default();
        let selected = !hidden && timeline.cursor.get() == Some(row.row);
        let label = Label::of(&row);
        let bar = layout::bar(&row, timeline.window.get(), timeline.plot_px.get(), label.letters());
        let number = row.row;
        let select = move |_| {
            timeline.cursor.set(Some(number));
            timeline.details_open.set(true);
            followed.run(Followed::Moved);
        };
        let toggle = move |event: leptos::ev::MouseEvent| {
            event.stop_propagation();
            followed.run(timeline.toggle(number));
        };
        let hue = hues.with_value(|hues| hues.class(&row.service));
        let classes = row_classes(&row, selected, &hue);
        let expanded = row.has_children().then_some(if row.folded { "false" } else { "true" });
        view! {
            <div
                role="row"
                class=classes
                id=if hidden { format!("span-slot-{at}") } else { row_id(row.row) }
                hidden=hidden
                style=layout::place_style(place)
                aria-rowindex=row.position + 2
                attr:aria-level=row.depth + 1
                aria-setsize=row.siblings
                aria-posinset=row.sibling
                aria-expanded=expanded
                aria-selected=if selected { "true" } else { "false" }
                aria-label=spoken(&row, timeline.extent.get())
                on:click=select
            >
                <div class="wf__name" role="gridcell">{name_cell(&row, toggle)}</div>
                <div class="wf__time" role="gridcell">{bar.map(|bar| bar_view(&row, &bar, label))}</div>
            </div>
        }
    }
}

/// Lines, chevron, name, service, badges.
fn name_cell<F: Fn(leptos::ev::MouseEvent) + 'static>(row: &RowView, toggle: F) -> impl IntoView + use<F> {
    view! {
        {guides(row)}
        <span class="tw" class:is-folded=row.folded on:click=toggle>
            {row.has_children().then(|| view! { <Icon path=icon::CHEVRON/> })}
        </span>
        <i class="tick"></i>
        {row.is_error().then(|| view! { <Icon path=icon::ERROR small=true/> })}
        <span class="ns">
            <span class="nm" title=row.name.clone()>{row.name.clone()}</span>
            <span class="sv">{row.service.clone()}</span>
        </span>
        <span class="bd">{badges(row)}</span>
    }
}

/// What stands beside a bar.
struct Label {
    duration: String,
    error: bool,
    note: Option<String>,
}

impl Label {
    fn of(row: &RowView) -> Label {
        let note = row.after_parent.map(|gap| format!("{} after its parent ended", format::duration(gap)));
        Label { duration: format::duration(row.duration), error: row.is_error(), note }
    }

    fn letters(&self) -> usize {
        let error = if self.error { " error".len() } else { 0 };
        self.duration.chars().count() + error + self.note.as_ref().map_or(0, |note| note.chars().count() + 1)
    }
}

fn row_classes(row: &RowView, selected: bool, hue: &str) -> String {
    let mut classes = format!("wf__row {hue}");
    for (on, class) in [
        (row.is_error(), " is-err"),
        (selected, " is-sel"),
        (row.has_mark(Mark::ParentMissing), " is-orphan"),
        (row.has_mark(Mark::FollowsFrom), " is-ff"),
    ] {
        if on {
            classes.push_str(class);
        }
    }
    classes
}

/// What a screen reader says of the row.
fn spoken(row: &RowView, extent: u64) -> String {
    let mut text = format!("{}, {}, {}", row.name, row.service, format::duration(row.duration));
    if extent > 0 {
        let percent = row.duration as f64 / extent as f64 * 100.0;
        text.push_str(&if percent < 1.0 {
            ", under 1 % of the trace".into()
        } else {
            format!(", {percent:.0} % of the trace")
        });
    }
    if row.is_error() {
        text.push_str(", error");
    }
    for mark in row.marks.iter().filter_map(|code| Mark::from_code(*code)) {
        text.push_str(", ");
        text.push_str(words_of(mark));
    }
    text
}

fn guides(row: &RowView) -> impl IntoView + use<> {
    let levels = row.depth.min(LEVELS_DRAWN);
    let (own, last, dashed) = (row.depth, row.is_last(), row.has_mark(Mark::FollowsFrom));
    let guides = row.guides;
    (1..=levels)
        .map(move |level| {
            let class = match (level == own, last, dashed) {
                (true, true, false) => "g g--l",
                (true, true, true) => "g g--l g--dash",
                (true, false, false) => "g g--t",
                (true, false, true) => "g g--t g--dash",
                (false, ..) if guides & (1 << (level - 1)) != 0 => "g",
                (false, ..) => "g g--n",
            };
            view! { <i class=class></i> }
        })
        .collect_view()
}

fn badges(row: &RowView) -> impl IntoView + use<> {
    let folded = row.folded.then(|| {
        view! { <span class="badge" title="spans folded here">"+" {format::count(u64::from(row.subtree))}</span> }
    });
    let marks = row.marks.iter().filter_map(|code| Mark::from_code(*code));
    let marks = marks.map(|mark| view! { <span class="badge badge--warning">{words_of(mark)}</span> }).collect_view();
    let links = (row.flags & TraceColumns::LINKS != 0)
        .then(|| view! { <span class="badge" title="has links to other spans"><Icon path=icon::FOLLOWS small=true/><span class="unseen">"links"</span></span> });
    (marks, links, folded)
}

fn bar_view(row: &RowView, bar: &Bar, label: Label) -> impl IntoView + use<> {
    let own = bar.own.iter().map(|piece| view! { <i class="b b--self" style=piece.style()></i> }).collect_view();
    let has_events = row.flags & TraceColumns::EVENTS != 0;
    let side = match bar.label {
        LabelPlace::Inside(_) => "lb lb--in",
        LabelPlace::Right(_) => "lb lb--right",
        LabelPlace::Left(_) => "lb lb--left",
    };
    let cut = match (bar.cut_left, bar.cut_right) {
        (false, false) => "b",
        (true, false) => "b b--cut-left",
        (false, true) => "b b--cut-right",
        (true, true) => "b b--cut-left b--cut-right",
    };
    view! {
        <i class=cut style=bar.body.style()></i>
        {own}
        <span class=side style=bar.label.style()>
            {label.duration}
            {label.error.then(|| view! { <b>"error"</b> })}
            {label.note.map(|note| view! { <em>{note}</em> })}
            {has_events.then(|| view! { <i class="ev" title="has events"></i> })}
        </span>
    }
}
