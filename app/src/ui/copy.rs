//! Copying: a button that copies a text and says so, and a sheet with the text selected for browsers that forbid it.

use std::time::Duration;

use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use super::icon::{self, Icon, IconPath};

/// How long a button says that it copied.
const SAID_FOR: Duration = Duration::from_secs(2);
const SHEET_ID: &str = "copy";
const TEXT_ID: &str = "copy-text";
const SAID_ID: &str = "copy-said";

/// Copies what `text` gives at the moment of the click.
#[component]
pub fn CopyButton(
    /// The name of the button, and its tooltip.
    label: &'static str,
    /// What is copied.
    text: impl Fn() -> String + 'static,
    #[prop(default = "button button--small")] class: &'static str,
    #[prop(default = icon::COPY)] icon: IconPath,
    /// Shown beside the icon.
    #[prop(optional)]
    words: Option<&'static str>,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let on_click = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        copy(text(), move || {
            copied.try_set(true);
            set_timeout(
                move || {
                    copied.try_set(false);
                },
                SAID_FOR,
            );
        });
    };
    let name = move || if copied.get() { "Copied" } else { label };
    let path = move || if copied.get() { icon::CHECK } else { icon };
    let words = words.map(|words| view! { <span>{move || if copied.get() { "Copied" } else { words }}</span> });
    view! {
        <button type="button" class=class class:is-copied=copied title=name aria-label=name on:click=on_click>
            {move || view! { <Icon path=path() small=true /> }}
            {words}
        </button>
    }
}

/// What [`copy`] needs, once per page: the voice for screen readers, and the sheet for a refusal.
#[component]
pub fn CopySheet() -> impl IntoView {
    let sheet = NodeRef::<Dialog>::new();
    let close = move |_| {
        if let Some(sheet) = sheet.get() {
            sheet.close();
        }
    };
    view! {
        <p id=SAID_ID class="unseen" role="status"></p>
        <dialog id=SHEET_ID class="sheet" aria-labelledby="copy-title" node_ref=sheet>
            <header class="sheet__head">
                <h2 id="copy-title">"Copy it by hand"</h2>
                <button class="button button--small" type="button" on:click=close>
                    "Close"
                </button>
            </header>
            <div class="sheet__body">
                <p>"The browser did not let this page copy: it does so over https and on localhost only. The text is selected, press Ctrl+C."</p>
                <textarea id=TEXT_ID class="mono" rows="6" readonly aria-label="Text to copy"></textarea>
            </div>
        </dialog>
    }
}

/// The link to what this page shows.
pub fn page_address() -> String {
    // Only a page without an address has none, and such a page was not opened by a browser.
    window().location().href().unwrap_or_default()
}

/// Puts `text` on the clipboard and calls `done`; where the browser refuses, shows the text selected instead.
pub fn copy(text: String, done: impl FnOnce() + 'static) {
    spawn_local(async move {
        let clipboard = window().navigator().clipboard();
        // Undefined on pages that are neither https nor localhost.
        let written = !clipboard.is_undefined()
            && wasm_bindgen_futures::JsFuture::from(clipboard.write_text(&text)).await.is_ok();
        if written {
            say("Copied");
            done();
        } else {
            say("");
            offer(&text);
        }
    });
}

fn say(words: &str) {
    if let Some(said) = document().get_element_by_id(SAID_ID) {
        said.set_text_content(Some(words));
    }
}

fn offer(text: &str) {
    let sheet: Option<web_sys::HtmlDialogElement> = element(SHEET_ID);
    let field: Option<web_sys::HtmlTextAreaElement> = element(TEXT_ID);
    let (Some(sheet), Some(field)) = (sheet, field) else { return };
    field.set_value(text);
    // It fails only when it is open already.
    drop(sheet.show_modal());
    field.select();
}

fn element<T: JsCast>(id: &str) -> Option<T> {
    document().get_element_by_id(id).and_then(|found| found.dyn_into::<T>().ok())
}
