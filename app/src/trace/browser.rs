//! What only a browser has: observed sizes, the focus. Called from effects and events, never while rendering.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// Calls `changed` whenever the size of `element` changes, until the owner of the calling effect is gone.
pub fn on_resize(element: &web_sys::Element, changed: impl Fn() + 'static) {
    let callback = Closure::<dyn Fn()>::new(changed);
    let Ok(observer) = web_sys::ResizeObserver::new(callback.as_ref().unchecked_ref()) else { return };
    observer.observe(element);
    let kept = StoredValue::new_local((observer, callback));
    on_cleanup(move || {
        kept.try_update_value(|(observer, _)| observer.disconnect());
    });
}

/// Moves the focus to the element with this id, if it is there.
pub fn focus(id: String) {
    let element = document().get_element_by_id(&id).and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        // A focus that is refused leaves the old one, which is where the reader was.
        let _focused = element.focus();
    }
}
