//! What the browser starts: makes the server's HTML of the app work. Not here: pages.

use std::sync::Arc;

use app::client::browser::BrowserClient;
use leptos::prelude::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script in the shell, once the WebAssembly is there.
#[wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(stopped));
    leptos::mount::hydrate_body(|| {
        app::provide_client(Arc::new(BrowserClient));
        view! { <app::App /> }
    });
}

/// The page stays readable; the style sheet shows a line that says to reload.
fn stopped(info: &std::panic::PanicHookInfo<'_>) {
    leptos::logging::error!("the page stopped: {info}");
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-stopped", ""));
    }
}
