//! The services page: rate, errors and durations of each. This file asks and chooses the face.

pub mod address;
pub mod list;
mod order;

use std::sync::Arc;

use api::{ApiError, ServiceList, ServicesRequest, StoreStatus};
use leptos::either::EitherOf3;
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

use address::{Range, ServicesAddress};
use list::ServiceTable;

/// Rows of the skeleton: about one screen.
const SKELETON_ROWS: usize = 16;

/// What the page shows once it is there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Found {
    list: ServiceList,
    /// Asked for only when there is no service: the store may be empty.
    status: Option<StoreStatus>,
}

/// `/services`.
#[component]
pub fn ServicesPage() -> impl IntoView {
    let parameters = use_query_map();
    let address = Memo::new(move |_| parameters.with(|all| ServicesAddress::parse(|key| all.get(key))));
    // Another order is no other question.
    let request = Memo::new(move |_| address.get().request());
    let list = {
        let client = use_client();
        carried(move || request.get(), move |request| find(client.clone(), request))
    };
    let retry = Callback::new(move |()| list.refetch());
    let (loading, set_loading) = signal(false);
    let face = move || {
        Suspend::new(async move {
            match list.await {
                Err(error) => EitherOf3::A(view! { <Failed error what="services" retry /> }),
                Ok(Found { status: Some(status), .. }) if status.spans == 0 => {
                    let address = Signal::stored(SendAddress::default());
                    EitherOf3::B(view! { <Guide status address retry /> })
                }
                Ok(Found { list, .. }) => EitherOf3::C(view! { <ServiceTable list address retry /> }),
            }
        })
    };
    let link_of_range = Callback::new(move |(from, to)| {
        href::services(&ServicesAddress { range: Range { from, to }, ..address.get() })
    });
    view! {
        <Title text="Services" />
        <PageBar title="Services">
            <RangeMenu
                from=Signal::derive(move || address.get().range.from)
                to=Signal::derive(move || address.get().range.to)
                link=link_of_range
            />
            <CopyButton label="Copy link" text=page_address words="Copy link" />
        </PageBar>
        <section class="results" class:is-stale=loading aria-label="Services" aria-busy=move || loading.get().to_string()>
            <Transition fallback=|| view! { <Skeleton rows=SKELETON_ROWS /> } set_pending=set_loading>
                {face}
            </Transition>
        </section>
    }
}

async fn find(client: Arc<dyn Client>, request: ServicesRequest) -> Result<Found, ApiError> {
    let list = client.services(request).await?;
    // Without a status the page says that no service has reported, which is true as well.
    let status = if list.services.is_empty() { client.status().await.ok() } else { None };
    Ok(Found { list, status })
}
