//! Which `Host` and `Origin` headers are answered: a page of another site must neither read nor listen, whatever name it gave to our address.

use api::{ApiError, ErrorCode};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::HttpState;
use super::error::Failure;

/// Which `Host` headers are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostRule {
    /// `localhost`, `127.0.0.1`, `[::1]` and the like: nobody can rebind those names.
    Loopback,
    /// Any: the address was opened to a network on purpose.
    Any,
}

/// Refuses requests that were sent to a name which is not ours.
pub async fn check_host(State(state): State<HttpState>, request: Request, next: Next) -> Response {
    // Programs may leave the header out, browsers never do, and only they follow a rebound name.
    let host = host_of(request.headers(), request.uri());
    match host.filter(|host| state.hosts == HostRule::Loopback && !is_loopback(host)) {
        None => next.run(request).await,
        Some(host) => forbidden(format!("this server only answers to names of its own machine, not to: {host}")),
    }
}

/// Whether a websocket was asked for by a page of ours.
pub fn check_origin(headers: &HeaderMap, uri: &Uri) -> Result<(), ApiError> {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok()).unwrap_or("(none)");
    let origin_host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    match (origin_host, host_of(headers, uri)) {
        (Some(origin_host), Some(host)) if origin_host.eq_ignore_ascii_case(host) => Ok(()),
        _ => Err(ApiError::new(ErrorCode::Forbidden, format!("only pages of this server may listen, not: {origin}"))),
    }
}

/// HTTP/2 puts the name into the request line.
fn host_of<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Option<&'a str> {
    match headers.get(header::HOST) {
        // A name that is no text is nobody's name.
        Some(host) => Some(host.to_str().unwrap_or("(unreadable)")),
        None => uri.authority().map(|authority| authority.as_str()),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn forbidden(detail: String) -> Response {
    Failure(ApiError::new(ErrorCode::Forbidden, detail)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for ours in
            ["localhost", "LOCALHOST:16686", "127.0.0.1:1", "127.8.8.8", "[::1]:16686", "a.localhost", "localhost."]
        {
            assert!(is_loopback(ours), "{ours}");
        }
        for foreign in
            ["example.com", "localhost.example.com", "127.0.0.1.nip.io", "10.0.0.1", "[::2]:80", "", "2130706433"]
        {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }

    #[test]
    fn a_websocket_is_for_pages_of_this_server_only() {
        let check = |origin: Option<&'static str>| {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:16686"))]);
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, HeaderValue::from_static(origin));
            }
            check_origin(&headers, &Uri::from_static("/")).is_ok()
        };
        assert!(check(Some("http://localhost:16686")));
        assert!(!check(None));
        for foreign in
            ["null", "http://localhost", "http://evil.example", "http://localhost:16686.evil.example", "file://"]
        {
            assert!(!check(Some(foreign)), "{foreign}");
        }
    }
}
