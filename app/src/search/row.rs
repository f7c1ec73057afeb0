//! One trace in the list.

use api::TraceItem;
use leptos::prelude::*;

use crate::ui::icon::{self, Icon};
use crate::ui::service::ServiceMark;
use crate::{format, href};

/// Services shown with their spans; the rest is a number.
const SERVICES_SHOWN: usize = 5;

/// The whole row leads to the trace: the link of its name is stretched over it.
#[component]
pub fn Row(
    trace: TraceItem,
    /// Longest duration of the page, for the bar.
    longest: u64,
) -> impl IntoView {
    let share = 100.0 * trace.duration as f64 / longest.max(1) as f64;
    let more = trace.services.len().saturating_sub(SERVICES_SHOWN);
    let services: Vec<_> = trace
        .services
        .iter()
        .take(SERVICES_SHOWN)
        .map(|share| {
            let title = format!("{}: {} spans, {} errors", share.service, share.spans, share.errors);
            view! {
                <span class="share" title=title>
                    <ServiceMark service=share.service.clone() />
                    {format::count(share.spans)}
                </span>
            }
        })
        .collect();
    let name = if trace.root_name.is_empty() { "(no name)".to_owned() } else { trace.root_name };
    // The link lies over the whole row, so it speaks for all that may be cut.
    let title = format!("{} {name}", trace.root_service);
    view! {
        <tr class="traces__row">
            <td class="traces__root">
                <span class="cell">
                    <ServiceMark service=trace.root_service.clone() />
                    <span class="dim">{trace.root_service}</span>
                    <a class="traces__link cut" href=href::trace(&trace.trace_id) title=title>{name}</a>
                    {(!trace.root_received).then(|| view! { <span class="badge badge--warning" title="The root span has not been received">"root missing"</span> })}
                </span>
            </td>
            <td class="traces__services">
                <span class="cell cell--wide">
                    {services}
                    {(more > 0).then(|| view! { <span class="faint">{format!("+{more}")}</span> })}
                </span>
            </td>
            <td class="traces__duration">
                <span class="cell">
                    <span class="traces__time">{format::duration(trace.duration)}</span>
                    <span class="meter"><i style=format!("width:{share:.1}%")></i></span>
                </span>
            </td>
            <td class="traces__spans num">{format::count(trace.spans)}</td>
            <td class="traces__errors num">
                {if trace.errors > 0 {
                    view! { <span class="failed"><Icon path=icon::ERROR small=true />{format::count(trace.errors)}<span class="unseen">" errors"</span></span> }.into_any()
                } else {
                    view! { <span class="faint">"0"</span> }.into_any()
                }}
            </td>
            <td class="traces__start num">
                <time datetime=format::date_time_iso(trace.start)>{format::time_of_day_millis(trace.start)}</time>
            </td>
        </tr>
    }
}
