//! Everything on the HTTP address: own API, Jaeger's query API, pages and the live websocket. One file per resource: parse, ask, answer.

pub mod origin;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use tokio_util::sync::CancellationToken;

use crate::live::LiveHub;
use crate::query::QueryService;

pub use origin::HostRule;

/// What the handlers share.
#[derive(Clone)]
pub struct HttpState {
    query: Arc<QueryService>,
    live: Arc<LiveHub>,
    settings: Arc<HttpSettings>,
    shutdown: CancellationToken,
}

/// Settings of the HTTP address.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Which `Host` headers are answered.
    pub hosts: HostRule,
    /// Open websockets at once.
    pub sockets_max: usize,
    /// Folder of the page's bundle; `None`: what is embedded, or `target/site`.
    pub site: Option<PathBuf>,
}

impl Default for HttpSettings {
    fn default() -> HttpSettings {
        HttpSettings { hosts: HostRule::Loopback, sockets_max: 10_000, site: None }
    }
}

impl HttpState {
    /// `shutdown`: when cancelled, open websockets say goodbye.
    pub fn new(
        query: Arc<QueryService>,
        live: Arc<LiveHub>,
        settings: HttpSettings,
        shutdown: CancellationToken,
    ) -> HttpState {
        HttpState { query, live, settings: Arc::new(settings), shutdown }
    }
}

/// Every route of the HTTP address but health and metrics. Merge those in before serving: unknown paths end here in a page.
pub fn router(state: HttpState) -> Router {
    Router::new().with_state(state)
}
