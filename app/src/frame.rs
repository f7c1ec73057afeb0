//! What stays while pages change: the rail, the skip link, the key sheet. Not here: the bar on top, each page draws its own.

pub mod keys;
pub mod rail;

use leptos::prelude::*;

use keys::KeySheet;
use rail::Rail;

use crate::ui::copy::CopySheet;

/// The rail, and beside it the page.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    keys::listen();
    view! {
        <a class="skip" href="#main">"Skip to the page"</a>
        <div class="frame">
            <Rail />
            <main class="page" id="main" tabindex="-1">
                {children()}
            </main>
        </div>
        <KeySheet />
        <CopySheet />
    }
}
