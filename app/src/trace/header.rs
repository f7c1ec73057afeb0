//! What the trace is, in two lines: name, errors, facts, and what can be done with all of it.

use api::TraceHead;
use leptos::prelude::*;

use super::hues::Hues;
use super::state::TraceState;
use crate::ui::copy::CopyButton;
use crate::ui::icon::{self, Icon};
use crate::ui::live_status::LiveStatus;
use crate::{format, href};

/// `checkout POST /pay, 2.3 s, 3 errors, 412 spans`.
pub fn sentence(head: &TraceHead) -> String {
    let trace = &head.trace;
    let errors = match trace.errors {
        0 => String::new(),
        1 => ", 1 error".to_owned(),
        many => format!(", {} errors", format::count(many)),
    };
    let spans = counted(trace.spans, "span", "spans");
    format!("{} {}, {}{errors}, {spans}", trace.root_service, trace.root_name, format::duration(trace.duration))
}

/// What a link preview says below the title.
pub fn description(head: &TraceHead) -> String {
    let trace = &head.trace;
    format!(
        "{} of {}, depth {}, started {}",
        counted(trace.spans, "span", "spans"),
        counted(trace.services.len() as u64, "service", "services"),
        head.depth,
        format::date_time_iso(trace.start)
    )
}

/// Name and facts of a trace.
#[component]
pub fn Header(state: TraceState, head: TraceHead, hues: StoredValue<Hues>) -> impl IntoView {
    let trace = head.trace;
    let mark = hues.with_value(|hues| hues.mark(&trace.root_service));
    let errors = (trace.errors > 0).then(|| {
        view! { <span class="badge badge--error"><Icon path=icon::ERROR small=true/>{counted(trace.errors, "error", "errors")}</span> }
    });
    let trace_id = trace.trace_id.clone();
    let file = format!("trace-{trace_id}.json");
    let (copied_id, shown_id) = (trace_id.clone(), trace_id);
    view! {
        <header class="hd">
            <div class="hd__t">
                <span class="crumb no-phone"><a href=href::search(&api::SearchRequest::default())>"Search"</a>" ›"</span>
                <i class=mark></i>
                <span class="dim hd__service" title=trace.root_service.clone()>{trace.root_service.clone()}</span>
                <h1 title=trace.root_name.clone()>{trace.root_name.clone()}</h1>
                {errors}
                <span class="grow"></span>
                <LiveStatus/>
                <a class="button button--ghost no-phone" href=api::routes::otlp(state.id) download=file rel="external">
                    <Icon path=icon::DOWNLOAD/>"Download"
                </a>
                <CopyButton class="button button--icon no-phone" label="Copy trace id" text=move || copied_id.clone()/>
                <CopyButton class="button button--primary" label="Copy link" icon=icon::LINK words="Copy link" text=move || state.link()/>
            </div>
            <div class="facts">
                <span><b>{format::duration(trace.duration)}</b></span>
                <span><b>{format::count(trace.spans)}</b>{if trace.spans == 1 { "span" } else { "spans" }}</span>
                <span><b>{trace.services.len()}</b>{if trace.services.len() == 1 { "service" } else { "services" }}</span>
                <span>"depth "<b>{head.depth}</b></span>
                <span>
                    "started "
                    <time datetime=format::date_time_iso(trace.start)>
                        <b>{format::time_of_day_millis(trace.start)}</b>
                        " "
                        {format::date_time_iso(trace.start).split('T').next().unwrap_or_default().to_owned()}
                        " UTC"
                    </time>
                </span>
                <span class="mono">{shown_id}</span>
            </div>
        </header>
    }
}

fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", format::count(number), if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::testing::head;

    #[test]
    fn the_title_tells_what_happened() {
        let mut head = head();
        assert_eq!(sentence(&head), "checkout POST /pay, 2.30 s, 3 errors, 412 spans");
        assert_eq!(description(&head), "412 spans of 1 service, depth 4, started 2026-11-21T14:00:21.482Z");
        (head.trace.errors, head.trace.spans) = (0, 1);
        assert_eq!(sentence(&head), "checkout POST /pay, 2.30 s, 1 span");
        head.trace.errors = 1;
        assert_eq!(sentence(&head), "checkout POST /pay, 2.30 s, 1 error, 1 span");
    }
}
