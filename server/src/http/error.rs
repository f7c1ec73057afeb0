//! Failures of our own API as HTTP: one place maps a code to a status, a body and a hint when to come back.

use api::{ApiError, ErrorCode, binary};
use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::reply;

/// Seconds after which a refused question may be asked again.
const RETRY_AFTER_SECS: HeaderValue = HeaderValue::from_static("1");

/// An [`ApiError`] on its way to a client.
#[derive(Debug)]
pub struct Failure(pub ApiError);

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Failure {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = (status_of(self.0.code), Json(&self.0)).into_response();
        add_retry_hint(&mut response);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
        response.extensions_mut().insert(Reason(self.0));
        response
    }
}

/// Travels with the answer inside the server, so that it can still be said in another form.
#[derive(Clone)]
struct Reason(ApiError);

/// Gives failures to our pages in the form in which they get everything else.
pub async fn say_as_asked(request: Request, next: Next) -> Response {
    let is_page = reply::reads_binary(request.headers());
    let mut response = next.run(request).await;
    if let Some(Reason(error)) = response.extensions_mut().remove().filter(|_reason| is_page)
        && let Ok(bytes) = binary::encode(&error)
    {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(binary::CONTENT_TYPE));
        headers.remove(header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(bytes);
    }
    response
}

/// The status of a code.
pub fn status_of(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).expect("the contract only names valid statuses")
}

/// Tells when to come back where coming back helps.
pub fn add_retry_hint(response: &mut Response) {
    if matches!(response.status(), StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECS);
    }
}

/// A request that makes no sense.
pub fn invalid(detail: impl Into<String>) -> ApiError {
    ApiError::new(ErrorCode::InvalidArgument, detail)
}

/// Answer to paths below `/api` that do not exist.
pub async fn unknown_path(uri: Uri) -> Failure {
    Failure(ApiError::new(ErrorCode::NotFound, format!("no such path: {}", uri.path())))
}

/// Answer to a method that a path does not have.
pub async fn wrong_method(method: Method, uri: Uri) -> Response {
    let error = invalid(format!("{} cannot be used with {method}", uri.path()));
    (StatusCode::METHOD_NOT_ALLOWED, Json(error)).into_response()
}
