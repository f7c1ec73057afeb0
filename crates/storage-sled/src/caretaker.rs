//! One thread for what must not be on the way to an acknowledgement: making partitions ahead, closing old ones, retention.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex};

use crate::committer::Successor;
use crate::durable;
use crate::partition::{Day, Partition, PartitionName};
use crate::retention;
use crate::shared::Shared;
use crate::sled_db::PageDb;

/// What the caretaker is asked for.
pub(crate) enum Errand {
    /// Make a partition ahead.
    MakeSuccessor,
    /// Close a partition that is not written any more.
    LetGo(Box<Retired>),
    /// Close the store.
    Stop,
}

/// A partition that is not written any more.
pub(crate) struct Retired {
    /// The writer's handle.
    pub(crate) writer: PageDb,
    /// The readers' handle.
    pub(crate) readers: Option<Arc<Mutex<PageDb>>>,
    pub(crate) partition: Partition,
}

/// The thread.
pub(crate) struct Caretaker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) errands: Receiver<Errand>,
    pub(crate) successors: SyncSender<Result<Successor, String>>,
    /// The number of the next partition.
    pub(crate) number_next: u32,
}

impl Caretaker {
    /// Works until it is told to stop.
    pub(crate) fn run(mut self) {
        loop {
            match self.errands.recv_timeout(self.shared.settings.retention_wait) {
                Ok(Errand::MakeSuccessor) => self.make_successor(),
                Ok(Errand::LetGo(retired)) => self.let_go(*retired),
                Ok(Errand::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => retention::retain(&self.shared),
            }
        }
    }

    fn let_go(&self, Retired { writer, readers, partition }: Retired) {
        drop(writer);
        drop(readers);
        let bytes = durable::disk_bytes_below(&partition.path);
        if let Some(counts) = self.shared.index_mut().partitions.get_mut(&partition.name.number) {
            counts.disk_bytes = bytes;
        }
        retention::retain(&self.shared);
    }

    fn make_successor(&mut self) {
        let made = make(&self.shared, self.number_next);
        // A number is not tried twice: a half-made directory may be in the way.
        self.number_next += 1;
        // The committer asks for one at a time, so there is room, unless it is gone.
        if self.successors.try_send(made).is_err() {
            tracing::debug!("nobody takes the new partition");
        }
    }
}

/// Makes an empty partition.
pub(crate) fn make(shared: &Shared, number: u32) -> Result<Successor, String> {
    let now = shared.clock.now();
    let day = Day::of(now);
    let name = PartitionName::new(number, day);
    let parts = shared.directory.join("part");
    let (partition, db) = Partition::create(&parts, name, now, shared.settings.open_wait_max)?;
    Ok(Successor { partition, db, day })
}
