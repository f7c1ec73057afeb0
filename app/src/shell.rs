//! The HTML around the app: head, theme, and the script that hydrates. Rendered by the server only; what it needs is handed in.

use leptos::either::Either;
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_meta::MetaTags;

use crate::{App, early};

/// What the server knows about one page view.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The bundle; `None` while it was not built.
    pub assets: Option<Assets>,
    /// What the reader chose.
    pub theme: Theme,
}

/// Addresses of the bundle, as the manifest names them.
#[derive(Clone, Debug)]
pub struct Assets {
    /// JavaScript of wasm-bindgen.
    pub js: String,
    /// The WebAssembly.
    pub wasm: String,
    /// The one style sheet.
    pub css: String,
}

/// Light, dark, or what the system says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// What the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Name of the cookie that keeps the [`Theme`].
pub const THEME_COOKIE: &str = "tracewell_theme";

/// The whole document. The server provides the client before it calls this.
pub fn shell(page: Page) -> impl IntoView {
    let Page { assets, theme } = page;
    let unbuilt = assets.is_none();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.word()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <MetaTags />
                {assets.map(bundle)}
            </head>
            <body>
                {body(unbuilt)}
            </body>
        </html>
    }
}

/// The app is the first thing in the body, where hydration looks for it. Without a bundle nothing hydrates, so a sentence may precede it.
fn body(unbuilt: bool) -> impl IntoView {
    if unbuilt {
        Either::Left(view! {
            <p>"The page has no bundle yet: run `cargo xtask run`, then reload."</p>
            <App />
        })
    } else {
        Either::Right(view! { <App /> })
    }
}

/// Everything loads side by side: the data that the page's tags name, the WebAssembly, its JavaScript and the style.
fn bundle(assets: Assets) -> impl IntoView {
    let Assets { js, wasm, css } = assets;
    let nonce = use_nonce();
    view! {
        <script nonce=nonce.clone()>{early::script(&wasm)}</script>
        <link rel="stylesheet" href=css />
        <script type="module" nonce=nonce>{early::start_script(&js, &wasm)}</script>
        <link rel="modulepreload" href=js />
    }
}

// === impl Theme ===

impl Theme {
    /// From the value of a `Cookie` header; anything unknown counts as no choice.
    pub fn from_cookies(header: &str) -> Theme {
        let chosen = header.split(';').find_map(|pair| pair.trim().strip_prefix(THEME_COOKIE)?.strip_prefix('='));
        match chosen {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        }
    }

    /// Value of `data-theme`; none leaves the choice to the system.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Theme::System => None,
            Theme::Light => Some("light"),
            Theme::Dark => Some("dark"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theme_is_found_among_other_cookies_and_nonsense_is_no_choice() {
        assert_eq!(Theme::from_cookies("a=b; tracewell_theme=dark"), Theme::Dark);
        assert_eq!(Theme::from_cookies("tracewell_theme=light;x=1"), Theme::Light);
        for nothing in ["", "tracewell_theme", "tracewell_theme=pink", "tracewell_themes=dark"] {
            assert_eq!(Theme::from_cookies(nothing), Theme::System, "{nothing}");
        }
    }
}
