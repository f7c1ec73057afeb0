//! The trace page: asks for the trace, and shows one of its faces. Not here: what the faces draw.

use std::sync::Arc;

use api::{ApiError, ErrorCode, SpanDetails, TraceHead};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use model::TraceId;
use serde::{Deserialize, Serialize};

use super::address::TraceAddress;
use super::faces::{Failed, NotATrace, Skeleton};
use super::loaded::Loaded;
use super::state::address_in;
use super::timeline::first_rows::FirstRows;
use crate::carried::carried;
use crate::client::{Client, use_client};

/// Details in the first HTML are in the page twice; longer ones are left to the browser to ask for.
const FIRST_DETAILS_BYTES_MAX: usize = 16 * 1024;

/// What is in the first HTML of a trace, small enough to be there twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TraceStart {
    /// Facts of the header.
    pub head: TraceHead,
    /// First rows; none when the browser came here from another page.
    pub first: FirstRows,
    /// Details of the span that the link names.
    pub selected: Option<SpanDetails>,
}

/// `/trace/{trace_id}`.
#[component]
pub fn TracePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("trace_id")).and_then(|text| TraceId::from_hex(&text)));
    let query = use_query_map();
    let client = use_client();
    let start = carried(move || id.get(), move |id| load(client.clone(), id, address_in(query)));
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
    if !cfg!(feature = "ssr") {
        // A browser draws its rows from the columns alone, and asks for details when it has them.
        let first = FirstRows { extent: head.trace.duration, ..FirstRows::default() };
        return Ok(TraceStart { head, first, selected: None });
    }
    let first = FirstRows::of(client.columns(id).await?, address.fold.from_depth(), address.zoom);
    let selected = match head.selected_row {
        // What fails here is asked for again by the browser, which then says why.
        Some(row) => client.spans(id, row, row + 1, head.sequence).await.ok().and_then(|mut spans| spans.pop()),
        None => None,
    };
    Ok(TraceStart { head, first, selected: selected.filter(fits_first_html) })
}

/// Short enough to be there twice, and read by the browser as it was written: HTML loses the character NUL.
fn fits_first_html(details: &SpanDetails) -> bool {
    serde_json::to_string(details).is_ok_and(|json| json.len() <= FIRST_DETAILS_BYTES_MAX && !json.contains("\\u0000"))
}

#[cfg(test)]
mod tests {
    use api::{AttributeItem, TypedValue};

    use super::*;
    use crate::trace::testing::details;

    #[test]
    fn long_details_and_lost_characters_stay_out_of_the_first_html() {
        let with = |value: String| {
            let value = TypedValue::String(value);
            SpanDetails { attributes: vec![AttributeItem { key: "k".into(), value }], ..details(0) }
        };
        assert!(fits_first_html(&with("v".into())));
        assert!(!fits_first_html(&with("a\0b".into())));
        assert!(!fits_first_html(&with("v".repeat(FIRST_DETAILS_BYTES_MAX))));
    }
}
