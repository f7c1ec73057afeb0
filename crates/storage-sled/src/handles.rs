//! Open partitions: the one being written, and the few that readers used last. Not here: what is read.
//!
//! A Db can be sent but not shared, so readers take turns on a handle of their own; the builder never waits for them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::opening::Opener;
use crate::partition::Partition;
use crate::sled_db::PageDb;

type Handle = Arc<Mutex<PageDb>>;

/// Handles by the number of their partition.
pub(crate) struct Handles {
    slots: Mutex<Slots>,
    /// Held while a Db opens: two openings of the same one would lock each other out.
    opening: Mutex<()>,
    open_max: usize,
    opener: Opener,
}

#[derive(Default)]
struct Slots {
    /// The partition being written.
    active: Option<(u32, Handle)>,
    /// The least recently used first.
    open: VecDeque<(u32, Handle)>,
}

impl Handles {
    pub(crate) fn new(open_max: usize, opener: Opener) -> Handles {
        Handles { slots: Mutex::default(), opening: Mutex::new(()), open_max: open_max.max(1), opener }
    }

    /// From now on readers of the partition being written use this handle. Returns that of the partition before.
    pub(crate) fn set_active(&self, active: Option<(u32, PageDb)>) -> Option<Arc<Mutex<PageDb>>> {
        let active = active.map(|(number, db)| (number, Arc::new(Mutex::new(db))));
        std::mem::replace(&mut self.slots().active, active).map(|(_, handle)| handle)
    }

    /// One page. An error closes the handle, because sled answers nothing more through it.
    pub(crate) fn page(&self, partition: &Partition, page: u64) -> Result<Option<Vec<u8>>, String> {
        let handle = self.get(partition)?;
        let read = locked(&handle).get(page);
        read.map_err(|error| {
            self.forget(partition.number);
            format!("page {page} of partition {} cannot be read: {error}", partition.home.label())
        })
    }

    /// Lets go of a partition that readers had open.
    pub(crate) fn forget(&self, number: u32) {
        let taken = {
            let mut slots = self.slots();
            let place = slots.open.iter().position(|(open, _)| *open == number);
            place.and_then(|place| slots.open.remove(place))
        };
        // Dropped outside the lock: the last handle of a Db frees much.
        drop(taken);
    }

    /// Lets go of everything.
    pub(crate) fn clear(&self) {
        let slots = std::mem::take(&mut *self.slots());
        drop(slots);
    }

    fn get(&self, partition: &Partition) -> Result<Handle, String> {
        let number = partition.number;
        if let Some(handle) = self.slots().find(number) {
            return Ok(handle);
        }
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = self.slots().find(number) {
            return Ok(handle);
        }
        let evicted = {
            let mut slots = self.slots();
            let too_many = (slots.open.len() + 1).saturating_sub(self.open_max);
            slots.open.drain(..too_many).collect::<Vec<_>>()
        };
        drop(evicted);
        let handle = Arc::new(Mutex::new(partition.home.open(&self.opener)?));
        self.slots().open.push_back((number, Arc::clone(&handle)));
        Ok(handle)
    }

    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slots {
    fn find(&mut self, number: u32) -> Option<Handle> {
        if let Some((active, handle)) = &self.active
            && *active == number
        {
            return Some(Arc::clone(handle));
        }
        let place = self.open.iter().position(|(open, _)| *open == number)?;
        let entry = self.open.remove(place)?;
        let handle = Arc::clone(&entry.1);
        self.open.push_back(entry);
        Some(handle)
    }
}

fn locked(handle: &Handle) -> MutexGuard<'_, PageDb> {
    handle.lock().unwrap_or_else(PoisonError::into_inner)
}
