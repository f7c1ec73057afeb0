//! The pages of Tracewell, rendered by the server and hydrated in the browser. Here they are wired together, and nowhere else.
#![recursion_limit = "256"]

pub mod answer;
pub mod carried;
pub mod client;
#[cfg(test)]
mod contrast_tests;
pub mod early;
pub mod format;
pub mod frame;
pub mod href;
pub mod live;
pub mod search;
pub mod send;
pub mod services;
pub mod shell;
pub mod soon;
pub mod title;
pub mod trace;
pub mod ui;
pub mod url;

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

pub use client::{Client, provide_client, use_client};
pub use shell::{Assets, Page, Theme, shell};

/// Everything inside `<body>`, the same on both sides. Needs a [`Client`] in the context.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    live::provide_live();
    // Async: a page opened without JavaScript is whole, and a link preview finds its title in the head.
    view! {
        <Title formatter=title::page_title />
        <Router>
            <frame::Frame>
                <FlatRoutes fallback=|| view! { <soon::NotFoundPage /> }.into_any()>
                    <Route path=path!("/") view=|| view! { <search::SearchPage /> }.into_any() ssr=SsrMode::Async />
                    <Route path=path!("/search") view=|| view! { <search::SearchPage /> }.into_any() ssr=SsrMode::Async />
                    <Route path=path!("/trace/:trace_id") view=|| view! { <trace::TracePage /> }.into_any() ssr=SsrMode::Async />
                    <Route path=path!("/services") view=|| view! { <services::ServicesPage /> }.into_any() ssr=SsrMode::Async />
                    <Route path=path!("/send") view=|| view! { <send::SendPage /> }.into_any() ssr=SsrMode::Async />
                    <Route path=path!("/topology") view=|| view! { <soon::SoonPage coming=soon::MAP /> }.into_any() ssr=SsrMode::Async />
                    <Route path=path!("/live") view=|| view! { <soon::SoonPage coming=soon::LIVE_TAIL /> }.into_any() ssr=SsrMode::Async />
                    <Route path=path!("/compare") view=|| view! { <soon::SoonPage coming=soon::COMPARE /> }.into_any() ssr=SsrMode::Async />
                </FlatRoutes>
            </frame::Frame>
        </Router>
    }
}
