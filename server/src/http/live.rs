//! The live websocket: who may open one, and moving bytes between a socket and a `Session`. Not here: what is in the frames.

use std::time::Duration;

use api::live::CLIENT_FRAME_BYTES_MAX;
use api::{ApiError, ErrorCode};
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::time::{Instant, MissedTickBehavior, timeout};

use super::HttpState;
use super::error::{Failure, invalid};
use super::origin;
use crate::live::session::{Farewell, Session, goodbye};

/// Buffers of one socket, bytes.
const READ_BUFFER_BYTES: usize = 4 * 1024;
const WRITE_BUFFER_BYTES: usize = 8 * 1024;
const WRITE_QUEUE_BYTES_MAX: usize = 256 * 1024;
/// Time between pings.
const PING: Duration = Duration::from_secs(20);
/// A listener that takes nothing for this long is let go; so is one that has not said Hello by then.
const STALL_MAX: Duration = Duration::from_secs(30);
/// A goodbye waits this long for a listener to take it.
const GOODBYE_MAX: Duration = Duration::from_secs(1);
/// When a listener that was let go may come back, milliseconds.
const RETRY_AFTER_MS: u32 = 1_000;

/// `GET /api/tracewell/v1/live`
pub async fn upgrade(
    State(state): State<HttpState>,
    headers: HeaderMap,
    uri: Uri,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    origin::check_origin(&headers, &uri)?;
    let upgrade = upgrade.map_err(|rejection| invalid(rejection.body_text()))?;
    let Ok(place) = state.sockets.clone().try_acquire_owned() else {
        let detail = "too many live connections: try again in a moment";
        return Err(Failure(ApiError::new(ErrorCode::Unavailable, detail)));
    };
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_write_buffer_size(WRITE_QUEUE_BYTES_MAX)
        .max_message_size(CLIENT_FRAME_BYTES_MAX)
        .max_frame_size(CLIENT_FRAME_BYTES_MAX);
    let serve = move |socket| async move {
        Listener { socket, session: Session::default(), state }.serve().await;
        drop(place);
    };
    Ok(upgrade.on_upgrade(serve).into_response())
}

struct Listener {
    socket: WebSocket,
    session: Session,
    state: HttpState,
}

/// Why a connection ends.
enum End {
    /// The other side is gone, or takes nothing any more: nobody to say goodbye to.
    Gone,
    /// The client did something that the protocol does not know.
    Protocol(String),
    /// It did not take its frames.
    Stalled,
    /// The server stops.
    Shutdown,
}

// === impl Listener ===

impl Listener {
    async fn serve(mut self) {
        let end = match self.converse().await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        let (code, reason) = match end {
            End::Gone => return,
            End::Protocol(reason) => (close_code::POLICY, reason),
            End::Stalled => (close_code::AGAIN, "this page did not take its frames for 30 s".to_owned()),
            End::Shutdown => (close_code::AWAY, "the server is stopping".to_owned()),
        };
        let farewell = [
            Message::Binary(goodbye(&reason, RETRY_AFTER_MS)),
            // The reason stands in the frame before; a close frame has room for 123 bytes only.
            Message::Close(Some(CloseFrame { code, reason: "".into() })),
        ];
        for message in farewell {
            if !matches!(timeout(GOODBYE_MAX, self.socket.send(message)).await, Ok(Ok(()))) {
                return;
            }
        }
    }

    /// Talks until something ends it.
    async fn converse(&mut self) -> Result<std::convert::Infallible, End> {
        let shutdown = self.state.shutdown.clone();
        let mut ticks = self.state.live.ticks();
        let mut ping = tokio::time::interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let greeting_until = Instant::now() + STALL_MAX;
        loop {
            let answer = tokio::select! {
                () = shutdown.cancelled() => return Err(End::Shutdown),
                message = self.socket.recv() => self.receive(message)?,
                // The hub lives as long as the server.
                changed = ticks.changed() => changed.map(|()| None).map_err(|_gone| End::Shutdown)?,
                _ = ping.tick() => Some(Message::Ping(Bytes::new())),
            };
            if let Some(message) = answer {
                self.send(message).await?;
            }
            if !self.session.is_greeted() && Instant::now() >= greeting_until {
                return Err(End::Stalled);
            }
            for frame in self.session.due(&self.state.live) {
                self.send(Message::Binary(frame)).await?;
            }
        }
    }

    fn receive(&mut self, message: Option<Result<Message, axum::Error>>) -> Result<Option<Message>, End> {
        match message {
            Some(Ok(Message::Binary(bytes))) => match self.session.receive(&bytes, &self.state.live) {
                Ok(answer) => Ok(answer.map(Message::Binary)),
                Err(Farewell(reason)) => Err(End::Protocol(reason)),
            },
            Some(Ok(Message::Text(_))) => Err(End::Protocol("frames are binary".to_owned())),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Close(_)) | Err(_)) | None => Err(End::Gone),
        }
    }

    /// While a listener takes nothing, nothing is queued for it: it stays at its number and learns the newest state later.
    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(STALL_MAX, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End::Gone),
            Err(_elapsed) => Err(End::Stalled),
        }
    }
}
