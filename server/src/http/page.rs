//! Pages, rendered by the server. Not here: what they show (`app`).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};

use super::HttpState;
use super::assets;
use super::error::wrong_method;
use crate::query::QueryService;

/// Paths of all pages.
pub fn paths(_query: &Arc<QueryService>) -> Vec<String> {
    vec!["/".to_owned()]
}

/// A page.
pub async fn serve() -> Response {
    Html("<!DOCTYPE html><title>Tracewell</title>").into_response()
}

/// Every address that nothing else has: a file of the bundle, or the page that says so.
pub async fn missing(State(state): State<HttpState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method(request.method().clone(), request.uri().clone()).await;
    }
    if let Some(file) = assets::file(&state.assets, request.headers(), request.uri().path()).await {
        return file;
    }
    (StatusCode::NOT_FOUND, Html("<!DOCTYPE html><title>not found</title>")).into_response()
}
