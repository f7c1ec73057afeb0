//! The span as the server sent it, to read whole or to copy.

use std::sync::Arc;

use api::SpanDetails;
use leptos::prelude::*;

use crate::ui::copy::CopyButton;

/// JSON, indented.
#[component]
pub fn Raw(span: Arc<SpanDetails>) -> impl IntoView {
    let text = serde_json::to_string_pretty(&*span).unwrap_or_else(|error| error.to_string());
    let copied = text.clone();
    view! {
        <div class="raw">
            <CopyButton class="button button--small raw__copy" label="Copy JSON" text=move || copied.clone() words="Copy"/>
            <pre tabindex="0" aria-label="The span as JSON">{text}</pre>
        </div>
    }
}
