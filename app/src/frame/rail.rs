//! The way between pages: a rail at the left, on a phone a bar at the bottom.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::ui::icon::{self, Icon, IconPath};
use crate::ui::theme_switch::ThemeSwitch;

const ENTRIES: [(&str, &str, IconPath); 5] = [
    ("/search", "Search", icon::SEARCH),
    ("/services", "Services", icon::SERVICES),
    ("/topology", "Map", icon::MAP),
    ("/live", "Live tail", icon::LIVE),
    ("/compare", "Compare", icon::COMPARE),
];

/// All entries; the one of this page is marked.
#[component]
pub fn Rail() -> impl IntoView {
    let path = use_location().pathname;
    let entry = move |(href, name, path_of_icon): (&'static str, &'static str, IconPath)| {
        let current = move || path.with(|path| is_current(href, path)).then_some("page");
        let wide = if href == "/compare" { "rail__entry rail__wide" } else { "rail__entry" };
        view! {
            <a class=wide href=href title=name aria-label=name aria-current=current>
                <Icon path=path_of_icon />
            </a>
        }
    };
    view! {
        <nav class="rail" aria-label="Main">
            <a class="rail__logo" href="/" aria-label="Tracewell" title="Tracewell">
                <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
                    <path d="M3 4.5h16M11 17.5h8" stroke="currentColor" />
                    <path d="M7.5 11h8" class="rail__accent" />
                </svg>
            </a>
            {ENTRIES.map(entry).collect_view()}
            <span class="rail__gap"></span>
            <a class="rail__entry rail__wide" href="/send" title="Send data" aria-label="Send data" aria-current=move || path.with(|path| is_current("/send", path)).then_some("page")>
                <Icon path=icon::SEND />
            </a>
            <button class="rail__entry rail__wide" type="button" title="Keys" aria-label="Keys" on:click=|_| super::keys::show()>
                <Icon path=icon::KEYS />
            </button>
            <ThemeSwitch />
        </nav>
    }
}

/// A trace was most likely found by a search, so the search stays marked.
fn is_current(href: &str, path: &str) -> bool {
    match href {
        "/search" => path == "/" || path == "/search" || path.starts_with("/trace/"),
        _ => path == href || path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::is_current;

    #[test]
    fn one_entry_is_marked_on_every_page() {
        for (path, marked) in
            [("/", "/search"), ("/search", "/search"), ("/trace/ab", "/search"), ("/services", "/services")]
        {
            let hits: Vec<_> = super::ENTRIES.iter().filter(|entry| is_current(entry.0, path)).collect();
            assert_eq!(hits.len(), 1, "{path}");
            assert_eq!(hits[0].0, marked, "{path}");
        }
        assert!(!is_current("/services", "/services-of-others"));
    }
}
