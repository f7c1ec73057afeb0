//! Reads the body of a request: room is taken before bytes are, and a sender that dawdles is cut off.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout, timeout_at};

use crate::ingest::{Admission, Refusal, Room};

/// Every sender may take so long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Beyond it, a sender must keep up this rate.
const BYTES_PER_SEC_MIN: u64 = 1024;
/// And no body takes longer than this.
const BODY_SECS_MAX: u64 = 60;
/// Room taken for a body that does not say how long it is.
const FIRST_BYTES: usize = 16 * 1024;
/// Reserved at most before bytes arrive: a length is a claim, not a fact.
const CLAIM_BYTES_MAX: usize = 1024 * 1024;
/// A refused body is read on for so long, else the client sees a reset instead of the answer.
const LINGER: Duration = Duration::from_secs(5);

/// A body on its way in.
pub(super) struct Reader {
    body: Body,
    began: Instant,
    received: u64,
}

// === impl Reader ===

impl Reader {
    pub(super) fn new(body: Body) -> Reader {
        Reader { body, began: Instant::now(), received: 0 }
    }

    /// The next bytes; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Refusal> {
        loop {
            let earned = Duration::from_secs((self.received / BYTES_PER_SEC_MIN).min(BODY_SECS_MAX));
            let deadline = self.began + (PATIENCE + earned).min(Duration::from_secs(BODY_SECS_MAX));
            let frame = match timeout_at(deadline, self.body.frame()).await {
                Ok(None) => return Ok(None),
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(_))) => {
                    return Err(Refusal::Malformed("the request ended before its body was complete".to_owned()));
                }
                Err(_elapsed) => {
                    return Err(Refusal::Unavailable("the request came in too slowly".to_owned()));
                }
            };
            if let Ok(data) = frame.into_data() {
                self.received += data.len() as u64;
                return Ok(Some(data));
            }
        }
    }

    /// The rest, appended to `bytes`, of which there may be `bytes_max` in all.
    pub(super) async fn rest(
        &mut self,
        mut bytes: Vec<u8>,
        bytes_max: usize,
        admission: &Admission,
        room: &mut Room,
    ) -> Result<Bytes, Refusal> {
        while let Some(data) = self.next().await? {
            if bytes.len() + data.len() > bytes_max {
                return Err(Refusal::too_large(bytes_max));
            }
            admission.grow(room, bytes.len() + data.len()).await?;
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.into())
    }

    /// Throws away what still comes, for a bounded time and up to `bytes_max`.
    pub(super) async fn discard(mut self, bytes_max: u64) {
        let until = self.received.saturating_add(bytes_max);
        let discarded = async {
            while self.received < until {
                match self.next().await {
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => return,
                }
            }
        };
        // Whether it ended or ran out of time, the answer goes out now.
        drop(timeout(LINGER, discarded).await);
    }
}

/// Room for a body of which the head says that it has `announced` bytes.
pub(super) async fn room_for(
    admission: &Admission,
    announced: Option<usize>,
    bytes_max: usize,
) -> Result<(Room, Vec<u8>), Refusal> {
    if announced.is_some_and(|bytes| bytes > bytes_max) {
        return Err(Refusal::too_large(bytes_max));
    }
    let room = admission.take(announced.unwrap_or(FIRST_BYTES)).await?;
    Ok((room, Vec::with_capacity(announced.unwrap_or(FIRST_BYTES).min(CLAIM_BYTES_MAX))))
}
