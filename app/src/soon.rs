//! Pages that are announced but not there yet, and the page for addresses that lead nowhere.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::bar::PageBar;

/// What an announced page will show.
#[derive(Clone, Copy)]
pub struct Coming {
    name: &'static str,
    will_show: &'static str,
    until_then: &'static str,
    href: &'static str,
    link: &'static str,
}

/// `/topology`.
pub const MAP: Coming = Coming {
    name: "Map",
    will_show: "The map will draw every service and what it calls, live, with rate, errors and durations on each edge.",
    until_then: "Until then the list of services has the same numbers for each service.",
    href: "/services",
    link: "Open services",
};
/// `/live`.
pub const LIVE_TAIL: Coming = Coming {
    name: "Live tail",
    will_show: "Live tail will show spans as they arrive, filtered on the server, and say how many it left out.",
    until_then: "Until then the search tells when new traces have arrived.",
    href: "/search",
    link: "Open search",
};
/// `/compare`.
pub const COMPARE: Coming = Coming {
    name: "Compare",
    will_show: "Compare will lay two traces beside each other and name the calls that were added, lost or became slower.",
    until_then: "Until then open the two traces in two tabs.",
    href: "/search",
    link: "Find traces",
};

/// One sentence about a page to come, and where to go instead.
#[component]
pub fn SoonPage(coming: Coming) -> impl IntoView {
    view! {
        <Title text=coming.name />
        <PageBar title=coming.name />
        <section class="face">
            <h2 class="face__title">"Not built yet"</h2>
            <p>{coming.will_show}</p>
            <p class="dim">{coming.until_then}</p>
            <a class="button button--primary" href=coming.href>{coming.link}</a>
        </section>
    }
}

/// For every address that leads nowhere.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <Title text="Not found" />
        <PageBar title="Not found" />
        <section class="face">
            <h2 class="face__title">"There is no page at this address"</h2>
            <p class="dim">"The link may be mistyped, or it belongs to a newer version of Tracewell."</p>
            <a class="button button--primary" href="/search">"Search traces"</a>
        </section>
    }
}
