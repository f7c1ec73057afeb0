//! So many questions at once, each for so long. A question whose asker leaves is dropped and makes room at once.

use std::sync::Arc;
use std::time::Duration;

use api::{ApiError, ErrorCode};
use storage::StorageError;
use tokio::sync::Semaphore;

use super::service::QueryLimits;

/// Lets questions through.
pub(super) struct Turnstile {
    places: Arc<Semaphore>,
    wait: Duration,
    time: Duration,
}

// === impl Turnstile ===

impl Turnstile {
    pub(super) fn new(limits: &QueryLimits) -> Turnstile {
        Turnstile { places: Arc::new(Semaphore::new(limits.at_once)), wait: limits.wait, time: limits.time }
    }

    /// The answer, unless there is no room or it takes too long.
    pub(super) async fn ask<T>(&self, question: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
        let _place = match tokio::time::timeout(self.wait, self.places.acquire()).await {
            Ok(Ok(place)) => place,
            // Never closed, so an error can only be the wait that was too long.
            Ok(Err(_)) | Err(_) => {
                return Err(ApiError::new(ErrorCode::Overloaded, "too many questions at once: try again in a moment"));
            }
        };
        tokio::time::timeout(self.time, question).await.unwrap_or_else(|_elapsed| {
            let secs = self.time.as_secs();
            Err(ApiError::new(ErrorCode::Unavailable, format!("no answer within {secs} s: ask for a shorter range")))
        })
    }
}

/// What a failure of the store means to whoever asked.
pub(super) fn api_error_from_storage(error: StorageError) -> ApiError {
    let code = match &error {
        StorageError::Overloaded(_) => ErrorCode::Overloaded,
        StorageError::Unavailable(_) | StorageError::Io(_) => ErrorCode::Unavailable,
        StorageError::Unsupported(_) => ErrorCode::Unsupported,
        StorageError::Corrupt(_) => ErrorCode::Internal,
    };
    ApiError::new(code, error.to_string())
}

/// Work that would hold up an async worker, on a thread of its own when it is large.
pub(crate) async fn compute<T: Send + 'static>(
    spans: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    /// About a millisecond of work.
    const INLINE_SPANS_MAX: usize = 2_000;
    if spans <= INLINE_SPANS_MAX {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ApiError::new(ErrorCode::Internal, format!("answer was not computed: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turnstile(at_once: usize, time: Duration) -> Turnstile {
        Turnstile::new(&QueryLimits { at_once, wait: Duration::ZERO, time, ..QueryLimits::default() })
    }

    #[tokio::test]
    async fn a_question_too_many_is_refused_and_a_dropped_one_makes_room() {
        let turnstile = turnstile(1, Duration::from_secs(30));
        let first = turnstile.ask(std::future::pending::<Result<(), ApiError>>());
        let mut first = Box::pin(first);
        assert!(futures_util::poll!(&mut first).is_pending());
        let refused = turnstile.ask(async { Ok(()) }).await;
        assert_eq!(refused.map_err(|error| error.code), Err(ErrorCode::Overloaded));
        drop(first);
        assert_eq!(turnstile.ask(async { Ok(5) }).await, Ok(5));
    }

    #[tokio::test]
    async fn a_question_without_end_is_given_up() {
        let never = std::future::pending::<Result<(), ApiError>>();
        let answer = turnstile(1, Duration::ZERO).ask(never).await;
        assert_eq!(answer.map_err(|error| error.code), Err(ErrorCode::Unavailable));
    }
}
