//! Room for requests in flight: bytes are taken before they are read and given back when their spans are durable.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Refusal;

/// Room is counted in pieces of so many bytes, and every request takes at least one.
const PIECE_BYTES: usize = 1024;

/// The budget of all requests together.
#[derive(Debug)]
pub struct Admission {
    pieces: Arc<Semaphore>,
    pieces_max: u32,
    wait: Duration,
}

/// The part of one request; dropping it gives it back.
#[derive(Debug)]
pub struct Room {
    budget: Arc<Semaphore>,
    held: OwnedSemaphorePermit,
}

// === impl Admission ===

impl Admission {
    /// Room for `bytes_max`; a request waits `wait` for its part.
    pub fn new(bytes_max: usize, wait: Duration) -> Admission {
        let pieces_max = pieces(bytes_max);
        Admission { pieces: Arc::new(Semaphore::new(pieces_max as usize)), pieces_max, wait }
    }

    /// Takes room for `bytes`.
    pub async fn take(&self, bytes: usize) -> Result<Room, Refusal> {
        let acquired = Arc::clone(&self.pieces).acquire_many_owned(pieces(bytes));
        match tokio::time::timeout(self.wait, acquired).await {
            Ok(Ok(held)) => Ok(Room { budget: Arc::clone(&self.pieces), held }),
            Ok(Err(_)) | Err(_) => Err(Refusal::overloaded()),
        }
    }

    /// Makes `room` large enough for `bytes` in all, waiting if need be.
    pub async fn grow(&self, room: &mut Room, bytes: usize) -> Result<(), Refusal> {
        if let Some(missing) = room.missing(bytes) {
            room.held.merge(self.take(missing).await?.held);
        }
        Ok(())
    }

    /// Bytes taken now.
    pub fn in_flight_bytes(&self) -> usize {
        (self.pieces_max as usize - self.pieces.available_permits()) * PIECE_BYTES
    }

    /// Returns when nothing is in flight.
    pub async fn idle(&self) {
        // The semaphore is never closed, so this only ever waits.
        drop(self.pieces.acquire_many(self.pieces_max).await);
    }
}

// === impl Room ===

impl Room {
    /// Makes it large enough for `bytes` in all, or says at once that there is no room.
    pub fn grow_now(&mut self, bytes: usize) -> Result<(), Refusal> {
        let Some(missing) = self.missing(bytes) else { return Ok(()) };
        match Arc::clone(&self.budget).try_acquire_many_owned(pieces(missing)) {
            Ok(more) => {
                self.held.merge(more);
                Ok(())
            }
            Err(_) => Err(Refusal::overloaded()),
        }
    }

    fn missing(&self, bytes: usize) -> Option<usize> {
        bytes.checked_sub(self.held.num_permits() * PIECE_BYTES).filter(|missing| *missing > 0)
    }
}

fn pieces(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(PIECE_BYTES).max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn room_grows_until_there_is_none_and_comes_back_whole() {
        let admission = Admission::new(10 * PIECE_BYTES, Duration::ZERO);
        let mut room = admission.take(1).await.unwrap();
        admission.grow(&mut room, 6 * PIECE_BYTES).await.unwrap();
        assert_eq!(admission.in_flight_bytes(), 6 * PIECE_BYTES);
        room.grow_now(7 * PIECE_BYTES).unwrap();
        assert_eq!(room.grow_now(11 * PIECE_BYTES), Err(Refusal::overloaded()));
        assert_eq!(admission.take(4 * PIECE_BYTES).await.unwrap_err(), Refusal::overloaded());
        drop(room);
        assert_eq!(admission.in_flight_bytes(), 0);
        admission.idle().await;
    }
}
