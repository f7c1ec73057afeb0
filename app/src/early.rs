//! Requests that a page sends before its WebAssembly is there: the script that sends them, and how the browser takes an answer over.
//! Not here: what is asked. A preload link could send them too, but a browser that is slow or runs no script warns that nobody used it.

use leptos::prelude::*;
use leptos_meta::Meta;

/// Name of the tags whose `content` is an address to ask early.
const TAG: &str = "tracewell:early";
/// Property of `window`: promises of answers by address.
#[cfg(feature = "hydrate")]
const ANSWERS: &str = "tracewellEarly";

/// Asks for `path` together with the WebAssembly.
#[component]
pub fn Early(path: String) -> impl IntoView {
    view! { <Meta name=TAG content=path/> }
}

/// Belongs behind the page's tags and before the style sheet, which would hold it up.
/// Whoever takes an answer asks again when there is none, so a failure is silent here.
pub fn script(wasm: &str) -> String {
    format!(
        "window.tracewellEarly = {{ {wasm:?}: fetch({wasm:?}) }}; \
         for (const {{ content }} of document.querySelectorAll('meta[name=\"{TAG}\"]')) \
         tracewellEarly[content] = fetch(content).catch(() => null);"
    )
}

/// The script that starts the app once the WebAssembly has come.
pub fn start_script(js: &str, wasm: &str) -> String {
    format!(
        "import init, {{ hydrate }} from {js:?}; await init({{ module_or_path: tracewellEarly[{wasm:?}] }}); hydrate();"
    )
}

/// The good answer to an early request, once: whoever asks again wants the present state.
#[cfg(feature = "hydrate")]
pub async fn take(path: &str) -> Option<web_sys::Response> {
    use js_sys::{Object, Promise, Reflect};
    use wasm_bindgen::JsCast;

    let answers: Object = Reflect::get(&window(), &ANSWERS.into()).ok()?.dyn_into().ok()?;
    let answer: Promise = Reflect::get(&answers, &path.into()).ok()?.dyn_into().ok()?;
    Reflect::delete_property(&answers, &path.into()).ok()?;
    let answer = wasm_bindgen_futures::JsFuture::from(answer).await.ok()?;
    answer.dyn_into::<web_sys::Response>().ok().filter(web_sys::Response::ok)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_inside_their_quotes() {
        let odd = "/pkg/a\"b\\c.wasm";
        for script in [script(odd), start_script(odd, odd)] {
            assert!(script.contains(r#""/pkg/a\"b\\c.wasm""#), "{script}");
            assert!(!script.contains(odd), "{script}");
        }
    }
}
