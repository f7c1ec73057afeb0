//! The services page: rate, errors and durations of each.

pub mod address;

use leptos::prelude::*;
use leptos_meta::Title;
use crate::ui::bar::PageBar;

/// `/services`.
#[component]
pub fn ServicesPage() -> impl IntoView {
    view! {
        <Title text="Services" />
        <PageBar title="Services" />
    }
}
