//! Rows in the size of those to come.

use leptos::prelude::*;

/// Grey rows, and one sentence for readers.
#[component]
pub fn Skeleton(
    /// How many rows.
    rows: usize,
) -> impl IntoView {
    let row = |_| view! { <li class="skeleton__row"><i></i><i></i><i></i></li> };
    view! {
        <div class="skeleton" role="status">
            <span class="unseen">"Loading"</span>
            <ul aria-hidden="true">{(0..rows).map(row).collect_view()}</ul>
        </div>
    }
}
