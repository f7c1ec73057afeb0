//! A button that puts a text on the clipboard and says so.

use std::time::Duration;

use leptos::prelude::*;

/// How long the answer stays.
const SAID_FOR: Duration = Duration::from_millis(1_500);

/// Copies what `text` gives at the moment of the click.
#[component]
pub fn CopyButton(
    class: &'static str,
    /// What is copied; the name of the button.
    label: &'static str,
    text: impl Fn() -> String + 'static,
    children: Children,
) -> impl IntoView {
    let said = RwSignal::new(None::<bool>);
    let name = move || match said.get() {
        None => label,
        Some(true) => "Copied",
        Some(false) => "The browser refused to copy",
    };
    let copy = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        super::browser::copy(text(), move |copied| {
            said.try_set(Some(copied));
            set_timeout(
                move || {
                    said.try_set(None);
                },
                SAID_FOR,
            );
        });
    };
    view! {
        <button type="button" class=class class:is-copied=move || said.get() == Some(true) title=name aria-label=name on:click=copy>
            {children()}
        </button>
    }
}
