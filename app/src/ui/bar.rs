//! The bar on top of a page: its name, its controls, and how live it is.

use leptos::prelude::*;

use super::live_status::LiveStatus;

/// Children stand between the name and the live status.
#[component]
pub fn PageBar(
    /// Name of the page.
    #[prop(into)]
    title: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <header class="bar">
            <h1 class="bar__title">{title}</h1>
            <LiveStatus />
            <span class="grow"></span>
            {children.map(|children| children())}
        </header>
    }
}
