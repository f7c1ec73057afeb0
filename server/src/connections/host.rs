//! On a loopback address only loopback names are answered: a web page that points its own name at 127.0.0.1 reads nothing.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// For `axum::middleware::from_fn` around everything that a loopback listener answers.
pub async fn loopback_names_only(request: Request, next: Next) -> Response {
    // HTTP/2 carries the name in the target.
    let header = request.headers().get(HOST).and_then(|value| value.to_str().ok());
    let named = header.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    match named {
        Some(name) if is_loopback(name) => next.run(request).await,
        _ => {
            let text = "this server listens on loopback and answers to loopback names only, \
                        for example http://127.0.0.1 or http://localhost\n";
            (StatusCode::FORBIDDEN, text).into_response()
        }
    }
}

/// `localhost`, a name below it, or a loopback address; with or without a port.
fn is_loopback(authority: &str) -> bool {
    let name = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_answered() {
        for name in ["localhost", "LOCALHOST:16686", "127.0.0.1:1", "[::1]:80", "tracewell.localhost", "127.9.9.9"] {
            assert!(is_loopback(name), "{name}");
        }
        for name in ["", "evil.example:16686", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[::2]"]
        {
            assert!(!is_loopback(name), "{name}");
        }
    }
}
