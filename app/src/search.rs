//! The search page: which traces, newest first. The address bar is its state.

use leptos::prelude::*;
use leptos_meta::Title;
use crate::ui::bar::PageBar;

/// `/` and `/search`.
#[component]
pub fn SearchPage() -> impl IntoView {
    view! {
        <Title text="Search" />
        <PageBar title="Search" />
    }
}
