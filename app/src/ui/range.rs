//! The menu of time ranges: presets as links, and a form for exact times in UTC. Works without JavaScript.

use api::TimePoint;
use leptos::ev::SubmitEvent;
use leptos::html::Details;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use wasm_bindgen::JsCast;
use web_sys::FormData;

use super::icon::{self, Icon};
use crate::{format, url};

const PRESETS: [(u64, &str); 7] = [
    (300, "Last 5 min"),
    (900, "Last 15 min"),
    (3_600, "Last 1 h"),
    (21_600, "Last 6 h"),
    (86_400, "Last 24 h"),
    (604_800, "Last 7 d"),
    (2_592_000, "Last 30 d"),
];

/// `link` gives the address of this page with another range.
#[component]
pub fn RangeMenu(
    from: Signal<TimePoint>,
    to: Signal<TimePoint>,
    link: Callback<(TimePoint, TimePoint), String>,
) -> impl IntoView {
    let menu = NodeRef::<Details>::new();
    let close = move || {
        if let Some(menu) = menu.get_untracked() {
            menu.set_open(false);
        }
    };
    let preset = move |(secs, name): (u64, &'static str)| {
        let point = TimePoint::BeforeNow { secs };
        let current = move || (from.get() == point && to.get() == TimePoint::NOW).then_some("true");
        view! {
            <li>
                <a class="menu__entry" href=move || link.run((point, TimePoint::NOW)) aria-current=current on:click=move |_| close()>
                    {name}
                </a>
            </li>
        }
    };
    view! {
        <details class="menu" node_ref=menu on:keydown=move |event| if event.key() == "Escape" { close() }>
            <summary class="button">
                <Icon path=icon::CLOCK small=true />
                {move || name_of(from.get(), to.get())}
                <Icon path=icon::CHEVRON small=true />
            </summary>
            <div class="menu__list">
                <ul>{PRESETS.map(preset).collect_view()}</ul>
                <ExactTimes from to link close=Callback::new(move |()| close()) />
            </div>
        </details>
    }
}

/// Two fields; the rest of the address is carried along in hidden ones.
#[component]
fn ExactTimes(
    from: Signal<TimePoint>,
    to: Signal<TimePoint>,
    link: Callback<(TimePoint, TimePoint), String>,
    close: Callback<()>,
) -> impl IntoView {
    let location = use_location();
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let target = event.target().and_then(|target| target.dyn_into().ok());
        let Some(fields) = target.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
        let field = |key| fields.get(key).as_string().and_then(|text| url::time_point(&text));
        let (from, to) = (field("from").unwrap_or(from.get_untracked()), field("to").unwrap_or(to.get_untracked()));
        navigate(&link.run((from, to)), NavigateOptions::default());
        close.run(());
    };
    let others = move || {
        let parameters = location.query.get();
        let kept = parameters.into_iter().filter(|(key, _)| !["from", "to", "after"].contains(&key.as_ref()));
        kept.map(|(key, value)| view! { <input type="hidden" name=key.to_string() value=value /> }).collect_view()
    };
    view! {
        <form class="menu__form" method="get" action=location.pathname on:submit=submit>
            {others}
            <label class="field">
                <span class="field__label">"From, UTC"</span>
                <input type="datetime-local" name="from" step="1" value=move || field_value(from.get()) />
            </label>
            <label class="field">
                <span class="field__label">"To, UTC"</span>
                <input type="datetime-local" name="to" step="1" value=move || field_value(to.get()) />
            </label>
            <button class="button" type="submit">"Use these times"</button>
        </form>
    }
}

/// Empty for times that move with the clock.
fn field_value(point: TimePoint) -> Option<String> {
    match point {
        TimePoint::BeforeNow { .. } => None,
        TimePoint::At { millis } => Some(format::date_time_input(millis)),
    }
}

/// "Last 15 min", or both ends.
fn name_of(from: TimePoint, to: TimePoint) -> String {
    if let (TimePoint::BeforeNow { secs }, TimePoint::NOW) = (from, to) {
        if let Some((_, name)) = PRESETS.iter().find(|(preset, _)| *preset == secs) {
            return (*name).to_owned();
        }
        return format!("Last {}", from.to_string().trim_start_matches("now-"));
    }
    format!("{} – {}", end(from), end(to))
}

fn end(point: TimePoint) -> String {
    match point {
        TimePoint::BeforeNow { .. } => point.to_string(),
        TimePoint::At { millis } => format::date_time_input(millis).replace('T', " "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_is_named_by_its_preset_or_by_its_ends() {
        let back = |secs| TimePoint::BeforeNow { secs };
        assert_eq!(name_of(back(900), TimePoint::NOW), "Last 15 min");
        assert_eq!(name_of(back(7_200), TimePoint::NOW), "Last 2h");
        assert_eq!(name_of(back(7_200), back(3_600)), "now-2h – now-1h");
        let at = TimePoint::At { millis: 1_795_269_621_482 };
        assert_eq!(name_of(at, TimePoint::NOW), "2026-11-21 14:00:21 – now");
    }
}
