//! The table of services, and the face of an empty one.

use api::{SearchRequest, ServiceItem, ServiceList, TimePoint};
use leptos::either::Either;
use leptos::prelude::*;

use super::address::{Column, Range, ServicesAddress, Sort};
use super::order::order;
use crate::ui::icon::{self, Icon};
use crate::ui::note::PartialNote;
use crate::ui::service::ServiceMark;
use crate::ui::spark::Spark;
use crate::{format, href};

const HEADS: [(Column, &str, &str); 7] = [
    (Column::Service, "Service", ""),
    (Column::Requests, "Requests", "num"),
    (Column::Errors, "Errors", "num"),
    (Column::P50, "p50", "num"),
    (Column::P95, "p95", "num"),
    (Column::P99, "p99", "num"),
    (Column::Spans, "Spans", "num"),
];
/// From this share of failed requests on, the number is red: 1 %.
const ERRORS_PER_REQUEST_BAD: u64 = 100;
/// How far back an empty page offers to look.
const WIDER_SECS: u64 = 86_400;

/// Counts, a note when partial, and one row each.
#[component]
pub fn ServiceTable(list: ServiceList, address: Memo<ServicesAddress>, retry: Callback<()>) -> impl IntoView {
    if list.services.is_empty() {
        return Either::Left(view! { <NoServices address retry /> });
    }
    let ServiceList { services, completeness, from_millis, to_millis, .. } = list;
    let secs = to_millis.saturating_sub(from_millis).div_ceil(1_000).max(1);
    let spans: u64 = services.iter().map(|item| item.spans).sum();
    let complete = completeness.complete;
    let count = services.len();
    let slowest = services.iter().map(|item| item.p99).max().unwrap_or(0);
    let services = StoredValue::new(services);
    let rows = move || {
        let ServicesAddress { range, sort } = address.get();
        let mut sorted = services.get_value();
        order(&mut sorted, sort);
        sorted.into_iter().map(|item| view! { <ServiceRow item range secs slowest /> }).collect_view()
    };
    let word = if count == 1 { " service" } else { " services" };
    Either::Right(view! {
        <PartialNote completeness />
        <div class="summary">
            <p class="counts">
                <span><b class="counts__number">{format::count_at_least(count as u64, complete)}</b>{word}</span>
                <span class="dim">{format!("{} spans", format::count_at_least(spans, complete))}</span>
                <span class="dim">{format!("{} – {} UTC", format::time_of_day(from_millis), format::time_of_day(to_millis))}</span>
            </p>
        </div>
        <table class="table services">
            <thead>
                <tr>{HEADS.map(|(column, name, class)| view! { <Head column name class address /> }).collect_view()}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    })
}

#[component]
fn Head(column: Column, name: &'static str, class: &'static str, address: Memo<ServicesAddress>) -> impl IntoView {
    let sort_here = move || Some(address.get().sort).filter(|sort| sort.column == column);
    let aria = move || sort_here().map(|Sort { descending, .. }| if descending { "descending" } else { "ascending" });
    let link = move || {
        let now = address.get();
        href::services(&ServicesAddress { sort: now.sort.clicked(column), ..now })
    };
    view! {
        <th scope="col" class=format!("services__{column:?} {class}").to_lowercase() aria-sort=aria>
            <a class="sort" href=link>{name}</a>
        </th>
    }
}

#[component]
fn ServiceRow(item: ServiceItem, range: Range, secs: u64, slowest: u64) -> impl IntoView {
    let search = SearchRequest {
        from: range.from,
        to: range.to,
        service: Some(item.service.clone()),
        ..SearchRequest::default()
    };
    let failing = SearchRequest { errors: true, ..search.clone() };
    let bad = item.request_errors * ERRORS_PER_REQUEST_BAD >= item.requests.max(1) && item.request_errors > 0;
    let has_requests = item.requests > 0;
    let time = move |nanos: u64| if has_requests { format::duration(nanos) } else { "–".to_owned() };
    let share = 100.0 * item.p99 as f64 / slowest.max(1) as f64;
    let errors = format::share(item.request_errors, item.requests);
    let requests = item.requests_over_time;
    let failed = item.errors_over_time;
    let has_failed = item.request_errors > 0;
    view! {
        <tr class="services__row">
            <td class="services__service">
                <span class="cell">
                    <ServiceMark service=item.service.clone() />
                    <a class="services__link cut" href=href::search(&search) title=item.service.clone()>{item.service.clone()}</a>
                </span>
            </td>
            <td class="services__requests num">
                <span class="cell cell--end">
                    <Spark values=Signal::stored(requests) />
                    <span class="services__number">{format::per_second(item.requests, secs)}</span>
                </span>
            </td>
            <td class="services__errors num">
                <span class="cell cell--end">
                    {has_failed.then(|| view! { <Spark values=Signal::stored(failed) class="spark--bad" /> })}
                    {if bad {
                        Either::Left(view! { <a class="failed services__above" href=href::search(&failing)><Icon path=icon::ERROR small=true />{errors}</a> })
                    } else {
                        Either::Right(view! { <span class="services__number" class:faint=!has_failed>{errors}</span> })
                    }}
                </span>
            </td>
            <td class="services__p50 num">{time(item.p50)}</td>
            <td class="services__p95 num">{time(item.p95)}</td>
            <td class="services__p99 num">
                <span class="cell cell--end">
                    <span class="meter"><i style=format!("width:{share:.1}%")></i></span>
                    <span class="services__number">{time(item.p99)}</span>
                </span>
            </td>
            <td class="services__spans num">{format::count(item.spans)}</td>
        </tr>
    }
}

#[component]
fn NoServices(address: Memo<ServicesAddress>, retry: Callback<()>) -> impl IntoView {
    let range = Range { from: TimePoint::BeforeNow { secs: WIDER_SECS }, to: TimePoint::NOW };
    view! {
        <div class="face">
            <h2 class="face__title">"No service has reported in this range"</h2>
            <p class="dim">"A service shows up here with its first span."</p>
            <div class="face__do">
                <a class="button button--primary" href=move || href::services(&ServicesAddress { range, ..address.get() })>"Look at the last 24 h"</a>
                <a class="button" href="/send">"How to send spans"</a>
                <button class="button" type="button" on:click=move |_| retry.run(())>"Look again"</button>
            </div>
        </div>
    }
}
