//! Frames of the live websocket: postcard, one frame per binary message.
//!
//! A topic has one counter per epoch (one start of the server). A snapshot sets it; a diff applies only on top of the number it names;
//! otherwise the client asks for a snapshot. So a gap is never silent. Values are absolute: merging diffs loses nothing.

use serde::{Deserialize, Serialize};

use crate::search::TraceItem;

/// Version spoken here; a server that knows another one says `Bye`.
pub const PROTOCOL: u16 = 1;
/// Greatest frame a client may send, bytes.
pub const CLIENT_FRAME_BYTES_MAX: usize = 16 * 1024;
/// Newest traces kept in a snapshot.
pub const NEWEST_TRACES: usize = 50;
/// Seconds of history in a snapshot of the counters.
pub const COUNTER_SECS: usize = 60;

/// What can be listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// Spans per second.
    Counters,
    /// Newest traces.
    Newest,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientFrame {
    /// First frame: topics wanted, and where the client stopped before.
    Hello {
        /// [`PROTOCOL`].
        protocol: u16,
        /// Topics wanted.
        topics: Vec<Topic>,
        /// What the client still holds from an earlier connection.
        resume: Vec<Resume>,
    },
    /// Wants a topic too.
    Subscribe(Topic),
    /// No longer wants it.
    Unsubscribe(Topic),
    /// Lost track: wants a snapshot.
    Resync(Topic),
    /// Page hidden: send nothing.
    Pause,
    /// Page shown again: a diff from where it stopped, or a snapshot.
    Continue,
}

/// Where a client stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The topic.
    pub topic: Topic,
    /// Epoch of the server it listened to.
    pub epoch: u64,
    /// Last number applied.
    pub seq: u64,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerFrame {
    /// Answer to `Hello`.
    Welcome {
        /// [`PROTOCOL`].
        protocol: u16,
        /// This start of the server.
        epoch: u64,
        /// Time between frames, milliseconds.
        tick_ms: u32,
    },
    /// Everything about a topic.
    Snapshot {
        /// Its number.
        seq: u64,
        /// All of it.
        body: Body,
    },
    /// What changed since `from_seq`.
    Diff {
        /// Applies only on top of this number.
        from_seq: u64,
        /// And leads to this one.
        to_seq: u64,
        /// What changed.
        body: Body,
    },
    /// The server ends the connection.
    Bye {
        /// Why.
        reason: String,
        /// When to come back, milliseconds.
        retry_after_ms: u32,
    },
}

/// Content of a snapshot or diff.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// Snapshot: up to [`COUNTER_SECS`] seconds. Diff: the seconds that are new.
    Counters(Vec<Second>),
    /// Snapshot: up to [`NEWEST_TRACES`], newest first. Diff: traces that are new or changed; one with a known id replaces it.
    Newest(Vec<TraceItem>),
}

/// Spans stored within one second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Second {
    /// Unix seconds.
    pub at: u64,
    /// Spans made durable.
    pub spans: u64,
    /// Failed ones of them.
    pub errors: u64,
    /// Spans stored since the server started, up to the end of this second.
    pub spans_total: u64,
}

impl Body {
    /// The topic it belongs to.
    pub fn topic(&self) -> Topic {
        match self {
            Body::Counters(_) => Topic::Counters,
            Body::Newest(_) => Topic::Newest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_with_a_trace_survives_postcard() {
        let trace = TraceItem {
            trace_id: "0af7651916cd43dd8448eb211c80319c".into(),
            root_service: "checkout".into(),
            root_name: "POST /pay".into(),
            root_received: true,
            start: 1_795_269_621_482_000_001,
            duration: u64::MAX,
            spans: 3,
            errors: 1,
            services: Vec::new(),
        };
        let frame = ServerFrame::Diff { from_seq: 1, to_seq: 2, body: Body::Newest(vec![trace]) };
        let bytes = postcard::to_stdvec(&frame).unwrap();
        assert_eq!(postcard::from_bytes::<ServerFrame>(&bytes), Ok(frame));
    }
}
