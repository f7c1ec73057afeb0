//! The traces that were found: how many, how sure, one row each, and the next page.

use api::{Completeness, ResultOrder, SearchRequest, TraceList};
use leptos::prelude::*;

use super::new_traces::NewTraces;
use super::row::Row;
use crate::ui::icon::{self, Icon};
use crate::ui::note::PartialNote;
use crate::{format, href};

/// Counts, rows, pager.
#[component]
pub fn Results(request: SearchRequest, list: TraceList, #[prop(into)] retry: Callback<()>) -> impl IntoView {
    let TraceList { traces, next, completeness, to_millis, .. } = list;
    let longest = traces.iter().map(|trace| trace.duration).max().unwrap_or(0);
    let shown = traces.len();
    let ids: Vec<String> = traces.iter().map(|trace| trace.trace_id.clone()).collect();
    let matched = format::count_at_least(completeness.matched, completeness.complete);
    let by_duration = request.order == ResultOrder::Longest;
    let next = next.map(|after| href::search(&SearchRequest { after: Some(after), ..request.clone() }));
    let first = request.after.is_some().then(|| href::search(&SearchRequest { after: None, ..request.clone() }));
    view! {
        <PartialNote completeness=completeness.clone() />
        <div class="summary">
            <Counts completeness to_millis />
            <span class="grow"></span>
            <NewTraces request shown=ids refresh=retry />
        </div>
        <table class="table traces">
            <thead>
                <tr>
                    <th scope="col">"Root span"</th>
                    <th scope="col" class="traces__services">"Spans by service"</th>
                    <th scope="col" class="traces__duration" aria-sort=by_duration.then_some("descending")>"Duration"</th>
                    <th scope="col" class="traces__spans num">"Spans"</th>
                    <th scope="col" class="traces__errors num">"Errors"</th>
                    <th scope="col" class="traces__start num" aria-sort=(!by_duration).then_some("descending")>"Start, UTC"</th>
                </tr>
            </thead>
            <tbody>{traces.into_iter().map(|trace| view! { <Row trace longest /> }).collect_view()}</tbody>
        </table>
        <nav class="pager" aria-label="Pages">
            <span>{format!("{} on this page, ", format::count(shown as u64))}<b>{matched}</b>" in all"</span>
            <span class="grow"></span>
            {first.map(|href| view! { <a class="button" href=href>"First page"</a> })}
            {next.map(|href| view! { <a class="button" href=href rel="next">"Next page"<Icon path=icon::CHEVRON_RIGHT small=true /></a> })}
        </nav>
    }
}

/// "12,408 traces match, 1,204,882 spans scanned, complete as of 14:02:31".
#[component]
pub fn Counts(completeness: Completeness, to_millis: u64) -> impl IntoView {
    let Completeness { matched, scanned, complete, .. } = completeness;
    let word = if matched == 1 { " trace matches" } else { " traces match" };
    let as_of = format::time_of_day(to_millis);
    view! {
        <p class="counts">
            <span><b class="counts__number">{format::count_at_least(matched, complete)}</b>{word}</span>
            <span class="dim">{format!("{} spans scanned", format::count_at_least(scanned, complete))}</span>
            {if complete {
                view! { <span class="counts__truth dim"><Icon path=icon::CHECK small=true />{format!("complete as of {as_of} UTC")}</span> }
            } else {
                view! { <span class="counts__truth warn"><Icon path=icon::WARNING small=true />{format!("incomplete as of {as_of} UTC")}</span> }
            }}
        </p>
    }
}
