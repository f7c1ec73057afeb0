//! Pages, rendered by the server, with the content policy that lets nothing else run. Not here: what they show (`app`).

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, OnceLock};

use app::answer::provide_status;
use app::{Assets, Page, Theme, provide_client, shell};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use futures_util::FutureExt;
use leptos::nonce::use_nonce;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

use super::HttpState;
use super::assets::{self, AssetNames};
use super::error::wrong_method;
use crate::query::{PageClient, QueryService};

/// What a browser may load and run on our pages. Bars carry their place in `style` attributes, so those are allowed.
const POLICY: &str = "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
    style-src 'self' 'nonce-{nonce}'; style-src-attr 'unsafe-inline'; img-src 'self'; font-src 'self'; \
    connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Paths of all pages, as the router of the app has them.
pub fn paths(query: &Arc<QueryService>) -> &'static [String] {
    // Listed once: while leptos lists routes, no resource of the whole process loads, and a page rendered meanwhile
    // would wait without end. Pages are rendered by a router, and each router has passed here before.
    static PATHS: OnceLock<Vec<String>> = OnceLock::new();
    PATHS.get_or_init(|| {
        let client = PageClient::new(Arc::clone(query));
        let provide = move || provide_client(Arc::new(client.clone()));
        let no_bundle = || shell(Page::default());
        let (listings, _static_pages) =
            leptos_axum::generate_route_list_with_exclusions_and_ssg_and_context(no_bundle, None, provide);
        listings.into_iter().map(|listing| listing.path().to_owned()).collect()
    })
}

/// A page.
pub async fn serve(State(state): State<HttpState>, request: Request) -> Response {
    render(&state, request, None).await
}

/// Every address that nothing else has: a file of the bundle, or the page that says so.
pub async fn missing(State(state): State<HttpState>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method(request.method().clone(), request.uri().clone()).await;
    }
    match assets::file(&state.assets, request.headers(), request.uri().path()).await {
        Some(file) => file,
        None => render(&state, request, Some(StatusCode::NOT_FOUND)).await,
    }
}

async fn render(state: &HttpState, request: Request, status: Option<StatusCode>) -> Response {
    let page = Page { assets: state.assets.names().await.map(Assets::from), theme: theme_of(request.headers()) };
    let query = Arc::clone(&state.query);
    let provide = move || provide_context_of_page(&query, status);
    // Whole before it is sent: a page opened without JavaScript has everything, and its status fits what it shows.
    let answer = leptos_axum::render_app_async_with_context(provide, move || shell(page.clone()));
    // A page is asked for without a body: its head is all there is.
    let (head, _no_body) = request.into_parts();
    let first = AssertUnwindSafe(answer(Request::from_parts(head.clone(), Body::empty()))).catch_unwind().await;
    match first {
        Ok(response) => response,
        // On a machine with too much to do leptos may free what a page still reads: seen once in thousands of pages. Rendered
        // again it is whole; a fault of our own shows up again, and goes where all faults go.
        Err(_said_in_the_log) => answer(Request::from_parts(head, Body::empty())).await,
    }
}

/// What the app finds in its context, and what its answer gets from here.
fn provide_context_of_page(query: &Arc<QueryService>, status: Option<StatusCode>) {
    provide_client(Arc::new(PageClient::new(Arc::clone(query))));
    if let Some(response) = use_context::<ResponseOptions>() {
        prepare(&response, status);
        provide_status(Arc::new(move |code| {
            response.set_status(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
        }));
    }
}

fn prepare(response: &ResponseOptions, status: Option<StatusCode>) {
    if let Some(status) = status {
        response.set_status(status);
    }
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let policy = HeaderValue::from_str(&POLICY.replace("{nonce}", &nonce));
    response.insert_header(header::CONTENT_SECURITY_POLICY, policy.expect("a nonce is base64"));
    // Another reader may have another theme, and the data is of this moment.
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
}

fn theme_of(headers: &HeaderMap) -> Theme {
    let cookies = headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
    Theme::from_cookies(cookies.unwrap_or_default())
}

impl From<AssetNames> for Assets {
    fn from(names: AssetNames) -> Assets {
        Assets { js: names.js, wasm: names.wasm, css: names.css }
    }
}
