//! One envelope for every failure of our own API.

use serde::{Deserialize, Serialize};

/// What went wrong, for programs; the HTTP status follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ErrorCode {
    /// The request makes no sense: 400.
    InvalidArgument,
    /// Credentials are missing: 401.
    Unauthenticated,
    /// Credentials do not suffice: 403.
    Forbidden,
    /// There is no such thing: 404.
    NotFound,
    /// The row numbers belong to an older state of the trace, load its columns again: 409.
    Outdated,
    /// More bytes than the limit: 413.
    TooLarge,
    /// Too much at once, try again: 429.
    Overloaded,
    /// The store has no exact answer: 501.
    Unsupported,
    /// Cannot answer now, try again: 503.
    Unavailable,
    /// Our fault: 500.
    Internal,
}

/// Body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what failed, for which thing, what to do.
    pub detail: String,
}

impl ApiError {
    /// An error with a sentence for people.
    pub fn new(code: ErrorCode, detail: impl Into<String>) -> ApiError {
        ApiError { code, detail: detail.into() }
    }
}

impl ErrorCode {
    /// The HTTP status that carries it.
    pub fn status(self) -> u16 {
        match self {
            ErrorCode::InvalidArgument => 400,
            ErrorCode::Unauthenticated => 401,
            ErrorCode::Forbidden => 403,
            ErrorCode::NotFound => 404,
            ErrorCode::Outdated => 409,
            ErrorCode::TooLarge => 413,
            ErrorCode::Overloaded => 429,
            ErrorCode::Internal => 500,
            ErrorCode::Unsupported => 501,
            ErrorCode::Unavailable => 503,
        }
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for ApiError {}
