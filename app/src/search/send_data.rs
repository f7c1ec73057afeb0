//! The store is empty: how to send the first span, where, and that we are waiting for it.

use api::StoreStatus;
use leptos::prelude::*;

use crate::format;
use crate::live::Live;
use crate::ui::copy::CopyButton;
use crate::ui::icon::{self, Icon};

const OTLP_GRPC: &str = "OTLP gRPC";
const OTLP_HTTP: &str = "OTLP HTTP";
/// Where `tracewell demo` sends to unless told otherwise.
const DEMO_ADDRESS: &str = "127.0.0.1:4318";

/// Lines to paste on the left, doors and a counter on the right. Refreshes by itself once spans arrive: it asked to wait for them.
#[component]
pub fn SendData(status: StoreStatus, retry: Callback<()>) -> impl IntoView {
    let live = Live::of_page();
    let total = Memo::new(move |_| live.seconds.with(|seconds| seconds.last().map_or(0, |second| second.spans_total)));
    Effect::new(move |_| {
        if total.get() > 0 {
            retry.run(());
        }
    });
    let grpc = lines(&status, OTLP_GRPC, "grpc");
    let http = lines(&status, OTLP_HTTP, "http/protobuf");
    let demo = demo_line(&status);
    let doors: Vec<_> = status
        .doors
        .into_iter()
        .map(|door| {
            let class = if door.address.is_some() { "door" } else { "door door--off" };
            view! {
                <li class=class>
                    <span class="door__dot" aria-hidden="true"></span>
                    <span class="mono">{door.address.unwrap_or_else(|| "off".to_owned())}</span>
                    <span class="dim">{door.protocol}</span>
                </li>
            }
        })
        .collect();
    view! {
        <div class="send">
            <div class="send__how">
                <h2 class="face__title">"Send your first span"</h2>
                <p class="dim">"Any OpenTelemetry SDK works as it is: set these two variables, start your program, and its traces show up here."</p>
                {grpc.map(|text| view! { <Paste title="Over gRPC" text /> })}
                {http.map(|text| view! { <Paste title="Over HTTP" text /> })}
                <Paste title="No program at hand? A made-up shop sends traffic" text=demo />
            </div>
            <div class="send__wait">
                <div class="pulse" aria-hidden="true"><i></i><i></i><b></b></div>
                <p role="status"><b>"Waiting for spans"</b><br /><span class="dim">{move || format!("{} received", format::count(total.get()))}</span></p>
                <ul class="doors">{doors}</ul>
                <button class="button button--small" type="button" on:click=move |_| retry.run(())>
                    <Icon path=icon::RELOAD small=true />
                    "Look again"
                </button>
            </div>
        </div>
    }
}

#[component]
fn Paste(title: &'static str, text: String) -> impl IntoView {
    let copied = text.clone();
    view! {
        <section class="paste">
            <header class="paste__head">
                <h3>{title}</h3>
                <CopyButton label="Copy" text=move || copied.clone() words="Copy" />
            </header>
            <pre class="mono" tabindex="0">{text}</pre>
        </section>
    }
}

/// The demo knows the usual address of OTLP over HTTP; any other one it must be told, and the gRPC door takes HTTP too.
fn demo_line(status: &StoreStatus) -> String {
    let open = |protocol: &str| status.doors.iter().find(|door| door.protocol == protocol)?.address.as_ref();
    match open(OTLP_HTTP).or_else(|| open(OTLP_GRPC)) {
        Some(address) if address != DEMO_ADDRESS => format!("tracewell demo --endpoint http://{address}"),
        _ => "tracewell demo".to_owned(),
    }
}

/// None while that door is off.
fn lines(status: &StoreStatus, protocol: &str, word: &str) -> Option<String> {
    let door = status.doors.iter().find(|door| door.protocol == protocol)?;
    let address = door.address.as_ref()?;
    Some(format!("export OTEL_EXPORTER_OTLP_ENDPOINT=http://{address}\nexport OTEL_EXPORTER_OTLP_PROTOCOL={word}"))
}
