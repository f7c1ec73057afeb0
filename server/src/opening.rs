//! What the HTTP address answers while the store opens, and how it goes over to everything else. Not here: opening the store.
//!
//! Replaying may take seconds after a crash. Whoever watches the process must see meanwhile that it lives and is not ready,
//! and whoever opens a page must see more than a refused connection.

use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use storage::Condition;
use tower::ServiceExt as _;

use crate::health::{Readiness, Report};

/// Seconds after which a page or a program should ask again.
const AGAIN_SECS: HeaderValue = HeaderValue::from_static("1");
const REASON: &str = "the store is opening";

/// Answers "not yet" until it is opened, and then whatever it was given. Clones are the same gate.
#[derive(Clone)]
pub struct Gate {
    closed: Router,
    opened: Arc<OnceLock<Router>>,
}

// === impl Gate ===

impl Gate {
    /// Closed. `doors_closed` is told by `/health`.
    pub fn new(doors_closed: Vec<String>) -> Gate {
        let alive = async move || Json(Report::new("starting", Condition::default(), doors_closed));
        let closed = Router::new().route("/health", get(alive)).route("/ready", get(not_ready)).fallback(not_yet);
        Gate { closed, opened: Arc::new(OnceLock::new()) }
    }

    /// Answers with `router` from now on; a second call changes nothing.
    pub fn open(&self, router: Router) {
        drop(self.opened.set(router));
    }

    /// For a listener.
    pub fn router(&self) -> Router {
        let gate = self.clone();
        Router::new().fallback(move |request: Request| {
            let router = gate.opened.get().unwrap_or(&gate.closed).clone();
            async move {
                let answered: Result<Response, Infallible> = router.oneshot(request).await;
                answered.unwrap_or_else(|never| match never {})
            }
        })
    }
}

impl Default for Gate {
    fn default() -> Gate {
        Gate::new(Vec::new())
    }
}

async fn not_ready() -> (StatusCode, Json<Readiness>) {
    (StatusCode::SERVICE_UNAVAILABLE, Json(Readiness { ready: false, reasons: vec![REASON.to_owned()] }))
}

/// A browser comes back by itself.
async fn not_yet() -> Response {
    let again = [(header::RETRY_AFTER, AGAIN_SECS), (header::REFRESH, AGAIN_SECS)];
    (StatusCode::SERVICE_UNAVAILABLE, again, format!("Tracewell is starting: {REASON}.\n")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt as _;

    use super::*;

    async fn said(router: &Router, path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let answer = router.clone().oneshot(request).await.expect("routers do not fail");
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("a body in memory").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn a_process_that_opens_its_store_lives_and_is_not_ready() {
        let router = Gate::default().router();
        let (status, report) = said(&router, "/health").await;
        assert_eq!((status, report.contains(r#""status":"starting""#)), (200, true), "{report}");
        assert_eq!(
            said(&router, "/ready").await,
            (503, r#"{"ready":false,"reasons":["the store is opening"]}"#.into())
        );
        for path in ["/", "/search", "/api/services", "/pkg/a.js"] {
            let (status, text) = said(&router, path).await;
            assert_eq!((status, text.contains("starting")), (503, true), "{path}");
        }
    }

    #[tokio::test]
    async fn a_connection_from_before_gets_everything_once_the_gate_is_open() {
        let gate = Gate::default();
        let router = gate.router();
        gate.open(Router::new().route("/", get(async || "a page")));
        assert_eq!(said(&router, "/").await, (200, "a page".to_owned()));
        assert_eq!(said(&router, "/ready").await.0, 404, "only what was given answers");
    }
}
