//! The menu of time ranges: presets as links, and a form for exact times in UTC. Works without JavaScript.

use api::TimePoint;
use leptos::html::Details;
use leptos::prelude::*;

use super::icon::{self, Icon};

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
            <ul class="menu__list">{PRESETS.map(preset).collect_view()}</ul>
        </details>
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
        TimePoint::At { millis } => crate::format::date_time_input(millis).replace('T', " "),
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
