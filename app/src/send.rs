//! The page that says how to send spans. The address bar is its state; this file asks and chooses the face.

pub mod address;
pub mod doors;
pub mod guide;
pub mod recipes;
#[cfg(test)]
mod tests;
pub mod waiting;

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::carried::carried;
use crate::client::use_client;
use crate::ui::bar::PageBar;
use crate::ui::copy::{CopyButton, page_address};
use crate::ui::note::Failed;
use crate::ui::skeleton::Skeleton;

use address::SendAddress;
use guide::Guide;

/// Rows of the skeleton: about one screen.
const SKELETON_ROWS: usize = 12;

/// `/send`.
#[component]
pub fn SendPage() -> impl IntoView {
    let parameters = use_query_map();
    let address = Memo::new(move |_| parameters.with(|all| SendAddress::parse(|key| all.get(key))));
    let status = {
        let client = use_client();
        carried(|| (), move |()| client.status())
    };
    let retry = Callback::new(move |()| status.refetch());
    // What has arrived is told by the feed: nothing need be asked again.
    let nothing = Callback::new(|()| ());
    let face = move || {
        Suspend::new(async move {
            match status.await {
                Err(error) => Either::Left(view! { <Failed error what="how to send spans" retry /> }),
                Ok(status) => Either::Right(view! { <Guide status address retry=nothing /> }),
            }
        })
    };
    view! {
        <Title text="Send data" />
        <PageBar title="Send data">
            <CopyButton label="Copy link" text=page_address words="Copy link" />
        </PageBar>
        <section class="results" aria-label="How to send spans">
            <Transition fallback=|| view! { <Skeleton rows=SKELETON_ROWS /> }>{face}</Transition>
        </section>
    }
}
