//! Keys that work on every page, and the sheet that lists them. One table feeds both.

use std::cell::Cell;

use leptos::ev::KeyboardEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;

const SHEET_ID: &str = "keys";

/// What a key does.
#[derive(Clone, Copy)]
enum Action {
    Focus,
    Sheet,
    Go(&'static str),
    /// Belongs to one page, which listens itself; here it is only listed.
    OfPage,
}

/// Keys, what they do, how it is done. `g s` means one after the other.
const KEYS: [(&str, &str, Action); 13] = [
    ("/", "filter", Action::Focus),
    ("g s", "search", Action::Go("/search")),
    ("g v", "services", Action::Go("/services")),
    ("g m", "map", Action::Go("/topology")),
    ("g d", "send data", Action::Go("/send")),
    ("?", "this sheet", Action::Sheet),
    ("↑ ↓", "on a trace: previous, next span", Action::OfPage),
    ("← →", "on a trace: fold, unfold", Action::OfPage),
    ("Enter", "on a trace: open the span", Action::OfPage),
    ("e", "on a trace: next error", Action::OfPage),
    ("z", "on a trace: zoom to the span", Action::OfPage),
    ("0", "on a trace: whole trace", Action::OfPage),
    ("Esc", "close what floats", Action::OfPage),
];

/// Handles the keys of [`KEYS`] for as long as the frame lives.
pub(super) fn listen() {
    let navigate = use_navigate();
    // Effects run in the browser only, so the server never asks for a window.
    Effect::new(move |_| {
        let navigate = navigate.clone();
        let after_g = Cell::new(false);
        let handle = window_event_listener(leptos::ev::keydown, move |event| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing(&event) {
                return;
            }
            let pressed = if after_g.take() { format!("g {}", event.key()) } else { event.key() };
            match action_of(&pressed) {
                Some(action) => {
                    event.prevent_default();
                    match action {
                        Action::Focus => focus_filter(),
                        Action::Sheet => show(),
                        Action::Go(href) => navigate(href, NavigateOptions::default()),
                        Action::OfPage => {}
                    }
                }
                None => after_g.set(pressed == "g"),
            }
        });
        on_cleanup(move || handle.remove());
    });
}

/// Opens the sheet.
pub(super) fn show() {
    let sheet =
        document().get_element_by_id(SHEET_ID).and_then(|found| found.dyn_into::<web_sys::HtmlDialogElement>().ok());
    // It fails only when it is open already.
    drop(sheet.map(|sheet| sheet.show_modal()));
}

/// All keys in a dialog.
#[component]
pub fn KeySheet() -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let close = move |_| {
        if let Some(dialog) = dialog.get() {
            dialog.close();
        }
    };
    let row = |(keys, text, _): (&'static str, &'static str, Action)| {
        let caps: Vec<_> = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect();
        view! {
            <dt>{caps}</dt>
            <dd>{text}</dd>
        }
    };
    view! {
        <dialog id=SHEET_ID class="sheet" aria-labelledby="keys-title" node_ref=dialog>
            <header class="sheet__head">
                <h2 id="keys-title">"Keys"</h2>
                <button class="button button--small" type="button" on:click=close>
                    "Close"
                </button>
            </header>
            <dl class="sheet__keys">{KEYS.map(row).collect_view()}</dl>
        </dialog>
    }
}

fn action_of(pressed: &str) -> Option<Action> {
    KEYS.iter()
        .find(|(keys, ..)| *keys == pressed)
        .map(|(.., action)| *action)
        .filter(|action| !matches!(action, Action::OfPage))
}

fn focus_filter() {
    let field = document().query_selector("[data-filter]").ok().flatten();
    if let Some(field) = field.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        drop(field.focus());
    }
}

/// Whether the key belongs to a field.
fn is_typing(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_actions_share_a_key_and_keys_of_pages_are_left_to_them() {
        for (at, (keys, ..)) in KEYS.iter().enumerate() {
            assert!(KEYS[at + 1..].iter().all(|(other, ..)| other != keys), "{keys}");
        }
        assert!(action_of("g s").is_some());
        assert!(action_of("e").is_none());
    }
}
