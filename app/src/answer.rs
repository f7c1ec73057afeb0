//! The status of the HTTP answer that carries a page: a page that found nothing is no success. Not here: how the server sets it.

use std::sync::Arc;

use leptos::prelude::{provide_context, use_context};

#[derive(Clone)]
struct StatusContext(Arc<dyn Fn(u16) + Send + Sync>);

/// Called by the server before it renders: `set` receives a status other than 200.
pub fn provide_status(set: Arc<dyn Fn(u16) + Send + Sync>) {
    provide_context(StatusContext(set));
}

/// Says that this page is not a success. Nothing happens in the browser, where the answer is long there.
pub fn set_status(status: u16) {
    if let Some(StatusContext(set)) = use_context::<StatusContext>() {
        set(status);
    }
}
