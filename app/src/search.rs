//! The search page: which traces, newest first. The address bar is its state; this file asks and chooses the face.

pub mod filters;
pub mod new_traces;
pub mod no_result;
pub mod results;
pub mod row;
pub mod suggestions;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use api::{ApiError, SearchRequest, StoreStatus, TraceList};
use leptos::either::EitherOf4;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

use crate::carried::carried;
use crate::client::{Client, use_client};
use crate::href;
use crate::send::address::SendAddress;
use crate::send::guide::Guide;
use crate::ui::bar::PageBar;
use crate::ui::copy::{CopyButton, page_address};
use crate::ui::note::Failed;
use crate::ui::range::RangeMenu;
use crate::ui::skeleton::Skeleton;
use crate::url;

use filters::Filters;
use no_result::NoResult;
use results::Results;

/// Rows of the skeleton: about one screen.
const SKELETON_ROWS: usize = 16;

/// What the page shows once it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Found {
    list: TraceList,
    /// Asked for only when nothing was found: the store may be empty.
    status: Option<StoreStatus>,
}

/// `/` and `/search`.
#[component]
pub fn SearchPage() -> impl IntoView {
    let parameters = use_query_map();
    let request = Memo::new(move |_| parameters.with(|all| url::search_from_query(|key| all.get(key))));
    let found = {
        let client = use_client();
        carried(move || request.get(), move |request| find(client.clone(), request))
    };
    let retry = Callback::new(move |()| found.refetch());
    let (loading, set_loading) = signal(false);
    let face = move || {
        Suspend::new(async move {
            let request = request.get_untracked();
            match found.await {
                Err(error) => EitherOf4::A(view! { <Failed error what="traces" retry /> }),
                Ok(Found { list, status: Some(status) }) if list.traces.is_empty() && status.spans == 0 => {
                    let address = Signal::stored(SendAddress::default());
                    EitherOf4::B(view! { <Guide status address retry /> })
                }
                Ok(Found { list, .. }) if list.traces.is_empty() => EitherOf4::C(view! { <NoResult request list /> }),
                Ok(Found { list, .. }) => EitherOf4::D(view! { <Results request list retry /> }),
            }
        })
    };
    let link_of_range =
        Callback::new(move |(from, to)| href::search(&SearchRequest { from, to, after: None, ..request.get() }));
    view! {
        <Title text="Search" />
        <PageBar title="Search">
            <RangeMenu
                from=Signal::derive(move || request.get().from)
                to=Signal::derive(move || request.get().to)
                link=link_of_range
            />
            <CopyButton label="Copy link" text=page_address words="Copy link" />
        </PageBar>
        <Filters request=request />
        <section class="results" class:is-stale=loading aria-label="Traces" aria-busy=move || loading.get().to_string()>
            <Transition fallback=|| view! { <Skeleton rows=SKELETON_ROWS /> } set_pending=set_loading>
                {face}
            </Transition>
        </section>
    }
}

async fn find(client: Arc<dyn Client>, request: SearchRequest) -> Result<Found, ApiError> {
    let list = client.search(request).await?;
    // Without a status the page says "no trace matches", which is true as well.
    let status = if list.traces.is_empty() { client.status().await.ok() } else { None };
    Ok(Found { list, status })
}
