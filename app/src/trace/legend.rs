//! Which mark is which service, and what the bars mean.

use api::TraceHead;
use leptos::prelude::*;

use super::hues::Hues;

/// Services shown by name.
const SERVICES_SHOWN: usize = 8;

/// One line above the timeline.
#[component]
pub fn Legend(head: TraceHead, hues: StoredValue<Hues>) -> impl IntoView {
    let services = head.trace.services;
    let more = services.len().saturating_sub(SERVICES_SHOWN);
    let rest: Vec<String> = services.iter().skip(SERVICES_SHOWN).map(|share| share.service.clone()).collect();
    let marked = services.into_iter().take(SERVICES_SHOWN).map(|share| {
        let mark = hues.with_value(|hues| hues.mark(&share.service));
        view! { <span class="row lg"><i class=mark></i><span class="cut" title=share.service.clone()>{share.service.clone()}</span></span> }
    });
    view! {
        <div class="lgs">
            {marked.collect_view()}
            {(more > 0).then(|| view! { <span class="lg" title=rest.join(", ")>{format!("{more} more")}</span> })}
            <span class="grow"></span>
            <span class="mk"><i class="mb mb--s"></i>"own time"</span>
            <span class="mk"><i class="mb"></i>"waits for children"</span>
            <span class="mk"><i class="ev"></i>"event"</span>
        </div>
    }
}
