//! The trace page: asks for the trace, and shows one of its faces. Not here: what the faces draw.

use std::sync::Arc;

use api::{ApiError, ErrorCode, TraceHead};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::TraceId;
use serde::{Deserialize, Serialize};

use super::address::TraceAddress;
use super::faces::{Failed, NotATrace, Skeleton};
use super::loaded::Loaded;
use super::state::address_in;
use super::timeline::first_rows::FirstRows;
use crate::client::{Client, use_client};

/// What is in the first HTML of a trace, small enough to be there twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceStart {
    /// Facts of the header.
    pub head: TraceHead,
    /// First rows; none when the browser came here from another page.
    pub first: FirstRows,
}

/// `/trace/{trace_id}`.
#[component]
pub fn TracePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("trace_id")).and_then(|text| TraceId::from_hex(&text)));
    let query = use_query_map();
    let client = use_client();
    let start = Resource::new(move || id.get(), move |id| load(client.clone(), id, address_in(query)));
    let again = Callback::new(move |()| start.refetch());
    let face = move || {
        Suspend::new(async move {
            match (id.get_untracked(), start.await) {
                (None, _) => view! { <NotATrace/> }.into_any(),
                (Some(id), Ok(start)) => view! { <Loaded id start again/> }.into_any(),
                (Some(id), Err(error)) => view! { <Failed id error again/> }.into_any(),
            }
        })
    };
    view! {
        <div class="trace">
            <Transition fallback=|| view! { <Skeleton/> }>{face}</Transition>
        </div>
    }
}

async fn load(client: Arc<dyn Client>, id: Option<TraceId>, address: TraceAddress) -> Result<TraceStart, ApiError> {
    let Some(id) = id else {
        return Err(ApiError::new(ErrorCode::InvalidArgument, "the address holds no trace id"));
    };
    let head = client.trace_head(id, address.span).await?;
    // A browser draws its rows from the columns alone; the server puts the first ones into the page.
    let first = if cfg!(feature = "ssr") {
        FirstRows::of(client.columns(id).await?, address.fold.from_depth(), address.zoom)
    } else {
        FirstRows { extent: head.trace.duration, ..FirstRows::default() }
    };
    Ok(TraceStart { head, first })
}
