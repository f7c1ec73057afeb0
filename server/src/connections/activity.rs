//! What a connection did and when, and whether it may stay. Not here: acting on it.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::Instant;
use tower::ServiceExt;

use crate::config::ConnectionLimits;

/// Ages are spread by this much in either direction, so that clients do not all come back at once.
const AGE_SPREAD_PERCENT: u64 = 10;

/// Requests and stalls of one connection.
pub(super) struct Activity {
    header_wait: Duration,
    idle_wait: Duration,
    write_wait: Duration,
    ends: Instant,
    state: Mutex<State>,
}

struct State {
    began: Instant,
    requests: u64,
    in_flight: usize,
    last_answer: Instant,
    /// Since when the reader has taken no byte.
    stalled_since: Option<Instant>,
}

/// What to do about a connection.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Look again then.
    Keep(Instant),
    /// Take no further request, finish those in flight.
    Finish,
    /// Cut it off.
    Close,
}

// === impl Activity ===

impl Activity {
    pub(super) fn new(limits: &ConnectionLimits, peer: SocketAddr) -> Activity {
        let began = Instant::now();
        // A port is as good as a die here, and a test can foretell it.
        let percent = 100 - AGE_SPREAD_PERCENT + u64::from(peer.port()) % (2 * AGE_SPREAD_PERCENT + 1);
        let age = limits.age_max.mul_f64(percent as f64 / 100.0);
        Activity {
            header_wait: limits.header_wait,
            idle_wait: limits.idle_wait,
            write_wait: limits.write_wait,
            ends: began + age,
            state: Mutex::new(State { began, requests: 0, in_flight: 0, last_answer: began, stalled_since: None }),
        }
    }

    /// Whether the connection may stay at `now`.
    pub(super) fn judge(&self, now: Instant) -> Verdict {
        let state = self.state();
        if let Some(since) = state.stalled_since
            && now >= since + self.write_wait
        {
            return Verdict::Close;
        }
        if state.requests == 0 && now >= state.began + self.header_wait {
            return Verdict::Close;
        }
        let idle_ends = state.last_answer + self.idle_wait;
        if now >= self.ends || (state.in_flight == 0 && now >= idle_ends) {
            return Verdict::Finish;
        }
        let mut next = self.ends.min(now + self.write_wait);
        if state.in_flight == 0 {
            next = next.min(idle_ends);
        }
        Verdict::Keep(next)
    }

    /// The reader took bytes, or it did not.
    pub(super) fn note_write(&self, stalled: bool) {
        let mut state = self.state();
        match (stalled, state.stalled_since) {
            (true, None) => state.stalled_since = Some(Instant::now()),
            (false, Some(_)) => state.stalled_since = None,
            (true, Some(_)) | (false, None) => {}
        }
    }

    /// A service that counts the requests it passes on, until their answers are written.
    pub(super) fn around(
        self: Arc<Self>,
        router: Router,
    ) -> impl hyper::service::Service<
        hyper::Request<Incoming>,
        Response = Response<Body>,
        Error = std::convert::Infallible,
        Future: Send,
    > + Clone {
        hyper_util::service::TowerToHyperService::new(tower::service_fn(move |request: hyper::Request<Incoming>| {
            let in_flight = InFlight::enter(Arc::clone(&self));
            let router = router.clone();
            async move {
                let answered = AssertUnwindSafe(router.oneshot(request)).catch_unwind().await;
                let response = answered.unwrap_or_else(|_panic| Ok(fault()))?;
                Ok(response.map(|body| Body::new(Counted { body, _in_flight: in_flight })))
            }
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Answer to a request whose handler panicked. The panic itself is in the log.
fn fault() -> Response<Body> {
    (StatusCode::SERVICE_UNAVAILABLE, "the request met a fault of the server, see its log\n").into_response()
}

/// A request between its head and the last byte of its answer.
struct InFlight(Arc<Activity>);

impl InFlight {
    fn enter(activity: Arc<Activity>) -> InFlight {
        let mut state = activity.state();
        state.requests += 1;
        state.in_flight += 1;
        drop(state);
        InFlight(activity)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.in_flight -= 1;
        state.last_answer = Instant::now();
    }
}

/// A body that ends its request when it is dropped.
struct Counted {
    body: Body,
    _in_flight: InFlight,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn activity() -> (Arc<Activity>, ConnectionLimits) {
        let limits = Config::on_free_ports("unused".into()).connections;
        // Port 10 is the middle of the spread: exactly the age of the settings.
        (Arc::new(Activity::new(&limits, SocketAddr::from(([127, 0, 0, 1], 10)))), limits)
    }

    #[tokio::test]
    async fn a_connection_that_never_asks_is_cut_off() {
        let (activity, limits) = activity();
        assert_eq!(activity.judge(Instant::now() + limits.header_wait), Verdict::Close);
    }

    #[tokio::test]
    async fn an_idle_or_old_connection_finishes_and_a_busy_one_stays() {
        let (activity, limits) = activity();
        let request = InFlight::enter(Arc::clone(&activity));
        assert!(matches!(activity.judge(Instant::now() + limits.idle_wait), Verdict::Keep(_)));
        assert_eq!(activity.judge(Instant::now() + limits.age_max), Verdict::Finish, "old");
        drop(request);
        assert!(matches!(activity.judge(Instant::now()), Verdict::Keep(_)));
        assert_eq!(activity.judge(Instant::now() + limits.idle_wait), Verdict::Finish, "idle");
    }

    #[tokio::test]
    async fn a_reader_that_stops_is_cut_off() {
        let (activity, limits) = activity();
        let _request = InFlight::enter(Arc::clone(&activity));
        activity.note_write(true);
        assert_eq!(activity.judge(Instant::now() + limits.write_wait), Verdict::Close);
        activity.note_write(false);
        assert!(matches!(activity.judge(Instant::now() + limits.write_wait), Verdict::Keep(_)));
    }
}
