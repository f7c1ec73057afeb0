//! The services page: rate, errors and durations of each. This file asks and chooses the face.

pub mod address;
pub mod list;
mod order;

use leptos::either::Either;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use crate::carried::carried;
use crate::client::use_client;
use crate::href;
use crate::ui::bar::PageBar;
use crate::ui::copy::{CopyButton, page_address};
use crate::ui::note::Failed;
use crate::ui::range::RangeMenu;
use crate::ui::skeleton::Skeleton;

use address::{Range, ServicesAddress};
use list::ServiceTable;

/// Rows of the skeleton: about one screen.
const SKELETON_ROWS: usize = 16;

/// `/services`.
#[component]
pub fn ServicesPage() -> impl IntoView {
    let parameters = use_query_map();
    let address = Memo::new(move |_| parameters.with(|all| ServicesAddress::parse(|key| all.get(key))));
    // Another order is no other question.
    let request = Memo::new(move |_| address.get().request());
    let list = {
        let client = use_client();
        carried(move || request.get(), move |request| client.services(request))
    };
    let retry = Callback::new(move |()| list.refetch());
    let (loading, set_loading) = signal(false);
    let face = move || {
        Suspend::new(async move {
            match list.await {
                Err(error) => Either::Left(view! { <Failed error what="services" retry /> }),
                Ok(list) => Either::Right(view! { <ServiceTable list address retry /> }),
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
