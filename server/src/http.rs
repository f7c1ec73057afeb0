//! Everything on the HTTP address: own API, Jaeger's query API, pages and the live websocket. One file per resource: parse, ask, answer.

pub mod assets;
pub mod edges;
pub mod error;
pub mod headers;
pub mod jaeger;
pub mod live;
pub mod names;
pub mod origin;
pub mod page;
pub mod reply;
pub mod traces;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::{any, get};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::live::LiveHub;
use crate::query::QueryService;

pub use assets::Assets;
pub use origin::HostRule;

/// What the handlers share.
#[derive(Clone)]
pub struct HttpState {
    query: Arc<QueryService>,
    live: Arc<LiveHub>,
    assets: Arc<Assets>,
    hosts: HostRule,
    sockets: Arc<Semaphore>,
    shutdown: CancellationToken,
}

/// Settings of the HTTP address.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Which `Host` headers are answered.
    pub hosts: HostRule,
    /// Open websockets at once.
    pub sockets_max: usize,
    /// Folder of the page's bundle; `None`: the bundle in the binary, or `target/site`.
    pub site: Option<PathBuf>,
}

impl Default for HttpSettings {
    fn default() -> HttpSettings {
        HttpSettings { hosts: HostRule::Loopback, sockets_max: 10_000, site: None }
    }
}

// === impl HttpState ===

impl HttpState {
    /// `shutdown`: when cancelled, open websockets say goodbye.
    pub fn new(
        query: Arc<QueryService>,
        live: Arc<LiveHub>,
        settings: HttpSettings,
        shutdown: CancellationToken,
    ) -> HttpState {
        HttpState {
            query,
            live,
            assets: Arc::new(Assets::find(settings.site)),
            hosts: settings.hosts,
            sockets: Arc::new(Semaphore::new(settings.sockets_max)),
            shutdown,
        }
    }
}

/// Every route of the HTTP address but health and metrics, which are merged in. Unknown paths end in a page that says so.
pub fn router(state: HttpState) -> Router {
    let pages = page::paths(&state.query).iter().fold(Router::new(), |pages, path| pages.route(path, get(page::serve)));
    pages
        .merge(own_api())
        .merge(jaeger::routes())
        .route("/api", any(error::unknown_path))
        .route("/api/{*path}", any(error::unknown_path))
        .route("/pkg/{*path}", get(assets::serve))
        .fallback(page::missing)
        .method_not_allowed_fallback(error::wrong_method)
        .layer(axum::middleware::from_fn_with_state(state.clone(), origin::check_host))
        .layer(axum::middleware::from_fn(error::say_as_asked))
        .layer(axum::middleware::map_response(headers::secure))
        .with_state(state)
}

fn own_api() -> Router<HttpState> {
    let trace = format!("{}/{{trace_id}}", api::routes::TRACES);
    Router::new()
        .route(api::routes::SERVICES, get(names::services))
        .route(api::routes::EDGES, get(edges::edges))
        .route(api::routes::OPERATIONS, get(names::operations))
        .route(api::routes::STATUS, get(names::status))
        .route(api::routes::TRACES, get(traces::search))
        .route(&trace, get(traces::head))
        .route(&format!("{trace}/columns"), get(traces::columns))
        .route(&format!("{trace}/spans"), get(traces::spans))
        .route(&format!("{trace}/otlp.json"), get(traces::otlp_json))
        .route(api::routes::LIVE, get(live::upgrade))
}

#[cfg(test)]
mod tests;
