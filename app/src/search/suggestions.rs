//! What the fields of the search offer: names that exist. They never keep the page from showing.

use api::{SearchRequest, ServicesRequest};
use leptos::prelude::*;

use crate::carried::{Carried, carried};
use crate::client::use_client;

/// Most names offered; a list without end helps nobody and costs the first paint.
const NAMES_MAX: usize = 300;

/// Services of the range.
pub fn suggest_services(request: Memo<SearchRequest>) -> Carried<Vec<String>> {
    let client = use_client();
    let range = Memo::new(move |_| request.with(|request| ServicesRequest { from: request.from, to: request.to }));
    carried(
        move || range.get(),
        move |range| {
            let client = client.clone();
            async move {
                let list = client.services(range).await;
                let services = list.map(|list| list.services).unwrap_or_default();
                services.into_iter().map(|item| item.service).take(NAMES_MAX).collect()
            }
        },
    )
}

/// Span names of the chosen service; none without one.
pub fn suggest_names(request: Memo<SearchRequest>) -> Carried<Vec<String>> {
    let client = use_client();
    let service = Memo::new(move |_| request.with(|request| request.service.clone()));
    carried(
        move || service.get(),
        move |service| {
            let client = client.clone();
            async move {
                if service.is_none() {
                    return Vec::new();
                }
                let list = client.operations(service).await;
                let operations = list.map(|list| list.operations).unwrap_or_default();
                let mut names: Vec<String> = operations.into_iter().map(|item| item.name).collect();
                names.dedup();
                names.truncate(NAMES_MAX);
                names
            }
        },
    )
}

/// The list behind a field.
#[component]
pub fn Suggestions(id: &'static str, values: Carried<Vec<String>>) -> impl IntoView {
    let options = move || {
        Suspend::new(async move {
            values.await.into_iter().map(|value| view! { <option value=value></option> }).collect_view()
        })
    };
    view! {
        <datalist id=id>
            <Transition>{options}</Transition>
        </datalist>
    }
}
