//! What arrives while the page is open: spans per second and the newest traces. One websocket per tab feeds these signals.
//! The server renders them empty; frames are understood in `state`, carried in `socket`.

#[cfg(feature = "hydrate")]
mod socket;
#[cfg(any(test, feature = "hydrate"))]
mod state;

use std::fmt;

use api::TraceItem;
use api::live::Second;
use leptos::prelude::*;

/// Signals of the live feed.
#[derive(Clone, Copy)]
pub struct Live {
    /// How fresh the rest is.
    pub status: RwSignal<Status>,
    /// The last minute, oldest first.
    pub seconds: RwSignal<Vec<Second>>,
    /// Newest traces, newest first.
    pub newest: RwSignal<Vec<TraceItem>>,
}

/// How fresh the live numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing has arrived yet.
    Connecting,
    /// Frames arrive.
    Live,
    /// Connected, but the last frame is old.
    Behind {
        /// Its age.
        secs: u64,
    },
    /// The connection is lost, and tried again.
    Reconnecting {
        /// Age of the numbers shown, when there are any.
        secs: Option<u64>,
    },
    /// The page was out of sight.
    Paused,
}

/// Called once, by the app.
pub(crate) fn provide_live() {
    let live = Live {
        status: RwSignal::new(Status::Connecting),
        seconds: RwSignal::new(Vec::new()),
        newest: RwSignal::new(Vec::new()),
    };
    provide_context(live);
    // Effects run in the browser only.
    Effect::new(move |_| start(live));
}

#[cfg(feature = "hydrate")]
fn start(live: Live) {
    socket::start(live);
}

#[cfg(not(feature = "hydrate"))]
fn start(_live: Live) {}

// === impl Live ===

impl Live {
    /// The feed of this page.
    pub fn of_page() -> Live {
        expect_context()
    }
}

// === impl Status ===

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Status::Connecting => write!(f, "connecting"),
            Status::Live => write!(f, "live"),
            Status::Behind { secs } => write!(f, "behind {secs} s"),
            Status::Reconnecting { secs: Some(secs) } => write!(f, "reconnecting, {secs} s old"),
            Status::Reconnecting { secs: None } => write!(f, "reconnecting"),
            Status::Paused => write!(f, "paused"),
        }
    }
}
