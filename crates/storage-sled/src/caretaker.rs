//! One thread for what must not be on the way to an acknowledgement: making journal segments ahead, and retention.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};

use crate::committer::Successor;
use crate::failpoint::failpoint;
use crate::guard::mark::Mark;
use crate::retention;
use crate::segment::Segment;
use crate::shared::Shared;

/// What the caretaker is asked for.
pub(crate) enum Errand {
    /// Make a segment ahead.
    MakeSuccessor,
    /// Close the store.
    Stop,
}

/// The thread.
pub(crate) struct Caretaker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) errands: Receiver<Errand>,
    pub(crate) successors: SyncSender<Result<Successor, String>>,
    /// The number of the next generation.
    pub(crate) generation_next: u32,
}

impl Caretaker {
    /// Works until it is told to stop.
    pub(crate) fn run(mut self) {
        let _watched = self.shared.watch.enrol();
        loop {
            match self.errands.recv_timeout(self.shared.settings.retention_wait) {
                Ok(Errand::MakeSuccessor) => self.make_successor(),
                Ok(Errand::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => retention::retain(&self.shared),
            }
        }
    }

    fn make_successor(&mut self) {
        failpoint!("successor.asked");
        let made = make(&self.shared, self.generation_next);
        failpoint!("successor.made");
        // A number is not tried twice: a half-made directory may be in the way.
        self.generation_next += 1;
        // The committer asks for one at a time, so there is room, unless it is gone.
        if self.successors.try_send(made).is_err() {
            tracing::debug!("nobody takes the new segment");
        }
    }
}

/// Makes an empty segment.
pub(crate) fn make(shared: &Shared, generation: u32) -> Result<Successor, String> {
    let journal = shared.directory.join("journal");
    let (segment, db) = Segment::create(&journal, generation, shared.clock.now(), &shared.opener)?;
    let mark = Mark::create(&segment.home.path).map_err(|error| format!("{error}: {}", segment.home.path.display()))?;
    Ok(Successor { segment, db, mark })
}
