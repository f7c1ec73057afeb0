//! One listener: which topics, up to which number, paused or not. Not here: sockets, so that tests talk to it by hand.

use api::live::{CLIENT_FRAME_BYTES_MAX, ClientFrame, PROTOCOL, Resume, ServerFrame, Topic};
use bytes::Bytes;

use super::hub::LiveHub;
use super::ring::encoded;

/// Topics there are, so no listener has more.
const TOPICS: [Topic; 2] = [Topic::Counters, Topic::Newest];

/// What is known of a listener.
#[derive(Debug, Default)]
pub struct Session {
    greeted: bool,
    paused: bool,
    follows: [Option<Place>; TOPICS.len()],
}

/// Where a listener of one topic stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Holds nothing.
    Nothing,
    /// Was away since this number.
    Away(u64),
    /// Follows, and holds this number.
    Holds(u64),
}

/// Why a session ends; the sentence is for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farewell(pub String);

// === impl Session ===

impl Session {
    /// Takes a message of the client; an answer that must go out at once comes back.
    pub fn receive(&mut self, bytes: &[u8], hub: &LiveHub) -> Result<Option<Bytes>, Farewell> {
        if bytes.len() > CLIENT_FRAME_BYTES_MAX {
            return Err(Farewell(format!("a frame has at most {CLIENT_FRAME_BYTES_MAX} bytes")));
        }
        let frame: ClientFrame =
            postcard::from_bytes(bytes).map_err(|error| Farewell(format!("frame is not readable: {error}")))?;
        match frame {
            ClientFrame::Hello { protocol, .. } if protocol != PROTOCOL => {
                let ours = format!("this server speaks version {PROTOCOL} of the live protocol, not {protocol}");
                return Err(Farewell(format!("{ours}: reload the page")));
            }
            ClientFrame::Hello { topics, resume, .. } => {
                self.greeted = true;
                topics.into_iter().for_each(|topic| self.follow(topic, &resume, hub));
                return Ok(Some(hub.welcome()));
            }
            _ if !self.greeted => return Err(Farewell("the first frame must be Hello".to_owned())),
            ClientFrame::Subscribe(topic) => self.follow(topic, &[], hub),
            ClientFrame::Unsubscribe(topic) => *self.place(topic) = None,
            ClientFrame::Resync(topic) => *self.place(topic) = Some(Place::Nothing),
            ClientFrame::Pause => self.paused = true,
            ClientFrame::Continue => self.resume(),
        }
        Ok(None)
    }

    /// Whether the client has said Hello.
    pub fn is_greeted(&self) -> bool {
        self.greeted
    }

    /// The frames that are due now; afterwards the client holds what they lead to.
    pub fn due(&mut self, hub: &LiveHub) -> Vec<Bytes> {
        if self.paused {
            return Vec::new();
        }
        let mut frames = Vec::new();
        for (topic, place) in TOPICS.into_iter().zip(&mut self.follows) {
            let next = match *place {
                None => continue,
                Some(Place::Nothing) => hub.next(topic, None),
                Some(Place::Away(held)) => hub.catch_up(topic, held),
                Some(Place::Holds(held)) => hub.next(topic, Some(held)),
            };
            match (next, *place) {
                (Some((frame, seq)), _) => {
                    *place = Some(Place::Holds(seq));
                    frames.push(frame);
                }
                (None, Some(Place::Away(held))) => *place = Some(Place::Holds(held)),
                (None, _) => {}
            }
        }
        frames
    }

    fn follow(&mut self, topic: Topic, resume: &[Resume], hub: &LiveHub) {
        let held = resume.iter().find(|resume| resume.topic == topic && resume.epoch == hub.epoch());
        let place = self.place(topic);
        *place = match (held, *place) {
            (Some(held), _) => Some(Place::Away(held.seq)),
            (None, Some(known)) => Some(known),
            (None, None) => Some(Place::Nothing),
        };
    }

    fn resume(&mut self) {
        self.paused = false;
        for place in self.follows.iter_mut().flatten() {
            if let Place::Holds(held) = *place {
                *place = Place::Away(held);
            }
        }
    }

    fn place(&mut self, topic: Topic) -> &mut Option<Place> {
        let index = TOPICS.iter().position(|known| *known == topic).expect("the list holds every topic");
        &mut self.follows[index]
    }
}

/// The last frame of a session.
pub fn goodbye(reason: &str, retry_after_ms: u32) -> Bytes {
    encoded(&ServerFrame::Bye { reason: reason.to_owned(), retry_after_ms })
}

#[cfg(test)]
mod tests;
