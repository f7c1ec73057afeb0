//! The button that turns light into dark. The choice goes into a cookie, so the next first HTML is right.

use leptos::prelude::*;

use super::icon::{self, Icon};
use crate::shell::THEME_COOKIE;

/// A year, seconds.
const COOKIE_AGE: u32 = 31_536_000;

/// Switches away from what is shown now.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    view! {
        <button class="rail__entry" type="button" title="Theme" aria-label="Switch between light and dark" on:click=|_| switch()>
            <Icon path=icon::THEME />
        </button>
    }
}

fn switch() {
    let Some(root) = document().document_element() else { return };
    let dark = match root.get_attribute("data-theme") {
        Some(theme) => theme == "dark",
        None => {
            window().match_media("(prefers-color-scheme: dark)").ok().flatten().is_some_and(|system| system.matches())
        }
    };
    let next = if dark { "light" } else { "dark" };
    // Both fail only where cookies and attributes are forbidden altogether; then the theme stays as it is.
    drop(root.set_attribute("data-theme", next));
    let cookie = format!("{THEME_COOKIE}={next}; path=/; max-age={COOKIE_AGE}; samesite=lax");
    drop(js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into()));
}
