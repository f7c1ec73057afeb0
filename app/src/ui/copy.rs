//! A button that copies text, and says that it did.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::{self, Icon};

/// How long the button says that it copied.
const THANKS: Duration = Duration::from_secs(2);

/// Copies `text`; with none, the address of this page.
#[component]
pub fn CopyButton(
    /// What it is called.
    label: &'static str,
    /// What is copied.
    #[prop(optional, into)]
    text: Option<String>,
) -> impl IntoView {
    let (done, set_done) = signal(false);
    let copy = move |_| {
        let text = text.clone().or_else(|| window().location().href().ok()).unwrap_or_default();
        // A browser that forbids it keeps the button as it is: the reader sees that nothing was copied.
        let written = window().navigator().clipboard().write_text(&text);
        leptos::task::spawn_local(async move {
            if wasm_bindgen_futures::JsFuture::from(written).await.is_ok() {
                set_done.set(true);
                set_timeout(move || set_done.set(false), THANKS);
            }
        });
    };
    view! {
        <button class="button button--small" type="button" on:click=copy>
            {move || if done.get() { view! { <Icon path=icon::CHECK small=true /> } } else { view! { <Icon path=icon::COPY small=true /> } }}
            <span aria-live="polite">{move || if done.get() { "Copied" } else { label }}</span>
        </button>
    }
}
