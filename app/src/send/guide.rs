//! How to send spans: the settings to paste on the left, the open doors and what arrived on the right.
//! Also the face of a page whose store is empty. Not here: the settings themselves (`recipes`).

use api::StoreStatus;
use leptos::either::Either;
use leptos::prelude::*;

use super::address::{Language, SendAddress, System};
use super::doors::{Door, Reach};
use super::recipes::{self, Recipe};
use super::waiting::Waiting;
use crate::href;
use crate::ui::copy::CopyButton;

/// Where `tracewell demo` sends to unless told otherwise.
const DEMO_ADDRESS: &str = "127.0.0.1:4318";

/// Refreshes by `retry` when the first span arrives, so that an empty page fills by itself.
#[component]
pub fn Guide(status: StoreStatus, #[prop(into)] address: Signal<SendAddress>, retry: Callback<()>) -> impl IntoView {
    let page_host = RwSignal::new(None::<String>);
    // In the browser only: the server does not know by which name it was reached.
    Effect::new(move |_| page_host.set(window().location().hostname().ok()));
    let demo = demo_line(&status);
    let status = StoredValue::new(status);
    let pastes = move || {
        let here = address.get();
        let recipes = recipes::of(here.system, here.language());
        recipes.map(|recipe| view! { <Shown recipe status page_host /> }).collect_view()
    };
    view! {
        <div class="send">
            <div class="send__how">
                <h2 class="face__title">"Send spans"</h2>
                <p class="dim">"Programs that report already keep their clients as they are: only the address changes. Traces show up with the first span."</p>
                <nav class="tabs send__systems" aria-label="Clients">
                    {System::ALL.map(|system| view! { <SystemLink system address /> }).collect_view()}
                </nav>
                <nav class="send__languages" aria-label="Language">
                    {move || {
                        let languages = recipes::languages(address.get().system);
                        languages.map(|language| view! { <LanguageLink language address /> }).collect_view()
                    }}
                </nav>
                {pastes}
                <Paste title="No program at hand? A made-up shop sends traffic" text=Signal::stored(demo) />
            </div>
            <Waiting status=status.get_value() retry />
        </div>
    }
}

#[component]
fn SystemLink(system: System, address: Signal<SendAddress>) -> impl IntoView {
    let current = move || (address.get().system == system).then_some("true");
    let link = move || href::send(&SendAddress { system, ..address.get() });
    view! { <a href=link aria-current=current>{system.name()}</a> }
}

#[component]
fn LanguageLink(language: Language, address: Signal<SendAddress>) -> impl IntoView {
    let is_current = move || address.get().language() == language;
    let link = move || href::send(&SendAddress { language: Some(language), ..address.get() });
    view! {
        <a class="button button--small" class:button--quiet=is_current href=link aria-current=move || is_current().then_some("true")>
            {language.name()}
        </a>
    }
}

/// A recipe, or what to do when its door is closed.
#[component]
fn Shown(
    recipe: &'static Recipe,
    status: StoredValue<StoreStatus>,
    page_host: RwSignal<Option<String>>,
) -> impl IntoView {
    let reach = Memo::new(move |_| {
        page_host.with(|host| status.with_value(|status| recipe.door.reach(status, host.as_deref())))
    });
    move || match reach.get() {
        None => Either::Left(view! { <Closed recipe /> }),
        Some(Reach { host, port, is_local_only }) => {
            let note = is_local_only.then(|| view! { <LocalOnly door=recipe.door port=port.clone() /> });
            let text = Signal::stored(recipe.text(&host, &port));
            Either::Right(view! { <Paste title=recipe.title text />{note} })
        }
    }
}

#[component]
fn Closed(recipe: &'static Recipe) -> impl IntoView {
    view! {
        <section class="paste paste--closed">
            <header class="paste__head"><h3>{recipe.title}</h3></header>
            <p class="dim">{format!("{} is closed. Start the server with ", recipe.door.title())}<code class="mono">{recipe.door.setting()}</code>" and an address to open it."</p>
        </section>
    }
}

#[component]
fn LocalOnly(door: Door, port: String) -> impl IntoView {
    view! {
        <p class="send__note dim">
            {format!("{} listens for programs on the server's own machine only. For others start it with ", door.title())}
            <code class="mono">{format!("{} 0.0.0.0:{port}", door.setting())}</code>"."
        </p>
    }
}

#[component]
fn Paste(title: &'static str, text: Signal<String>) -> impl IntoView {
    view! {
        <section class="paste">
            <header class="paste__head">
                <h3>{title}</h3>
                <CopyButton label="Copy" text=move || text.get_untracked() words="Copy" />
            </header>
            <pre class="mono" tabindex="0" role="region" aria-label=title>{move || text.get()}</pre>
        </section>
    }
}

/// The demo knows the usual address of OTLP over HTTP; any other one it must be told, and the gRPC door takes HTTP too.
fn demo_line(status: &StoreStatus) -> String {
    let open = |door: Door| status.doors.iter().find(|open| open.protocol == door.title())?.address.as_ref();
    match open(Door::OtlpHttp).or_else(|| open(Door::OtlpGrpc)) {
        Some(address) if address != DEMO_ADDRESS => format!("tracewell demo --endpoint http://{address}"),
        _ => "tracewell demo".to_owned(),
    }
}
