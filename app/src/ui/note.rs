//! A line that says what is not as it should be, and the next step.

use api::{ApiError, Completeness};
use leptos::prelude::*;

use super::icon::{self, Icon};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something failed.
    Error,
    /// Something is missing.
    Warning,
}

/// Icon, sentence, next step.
#[component]
pub fn Note(
    tone: Tone,
    /// The sentence.
    #[prop(into)]
    text: String,
    /// The next step: a link or a button.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (class, icon) = match tone {
        Tone::Error => ("note note--error", icon::ERROR),
        Tone::Warning => ("note note--warning", icon::WARNING),
    };
    view! {
        <div class=class role=if tone == Tone::Error { "alert" } else { "status" }>
            <Icon path=icon />
            <span class="note__text">{text}</span>
            {children.map(|children| children())}
        </div>
    }
}

/// What the server said, and a button that asks it again.
#[component]
pub fn Failed(
    error: ApiError,
    /// What could not be shown.
    what: &'static str,
    /// Asks again.
    #[prop(into)]
    retry: Callback<()>,
) -> impl IntoView {
    view! {
        <Note tone=Tone::Error text=format!("Cannot show {what}: {}", error.detail)>
            <button class="button button--small" type="button" on:click=move |_| retry.run(())>
                <Icon path=icon::RELOAD small=true />
                "Try again"
            </button>
        </Note>
    }
}

/// Nothing when the answer is whole.
#[component]
pub fn PartialNote(completeness: Completeness) -> impl IntoView {
    (!completeness.complete).then(|| {
        let reason = completeness.reason.unwrap_or_else(|| "the store did not read everything".to_owned());
        view! { <Note tone=Tone::Warning text=format!("Not everything was read, each count is a lower bound: {reason}") /> }
    })
}
