//! Open partitions: the one being written, and the few that readers used last. Not here: what is read.
//!
//! A Db can be sent but not shared, so readers take turns on a handle of their own; the builder never waits for them.

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::failpoint::failpoint;
use crate::opening::Opener;
use crate::partition::Partition;
use crate::sled_db::PageDb;
use crate::unopened::Unopened;

/// Each page that cannot be read costs an opening; after so many in one partition none of its pages is read any more.
const BAD_PAGES_MAX: usize = 64;

type Handle = Arc<Mutex<PageDb>>;

/// Handles by the number of their partition.
pub(crate) struct Handles {
    slots: Mutex<Slots>,
    /// Held while a Db opens: two openings of the same one would lock each other out.
    opening: Mutex<()>,
    /// Pages that could not be read in this run.
    bad: Mutex<BTreeSet<(u32, u64)>>,
    pub(crate) unopened: Unopened,
    open_max: usize,
    opener: Opener,
}

/// Why a partition did not answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unread {
    /// It does not open for now. That may pass, and says nothing about its pages.
    #[error("{0}")]
    Unopened(String),
    /// What was asked for is damaged.
    #[error("{0}")]
    Damaged(String),
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
        let (slots, bad, unopened) = (Mutex::default(), Mutex::default(), Unopened::default());
        Handles { slots, opening: Mutex::new(()), bad, unopened, open_max: open_max.max(1), opener }
    }

    /// From now on readers of the partition being written use this handle. Returns that of the partition before.
    pub(crate) fn set_active(&self, active: Option<(u32, PageDb)>) -> Option<Arc<Mutex<PageDb>>> {
        let active = active.map(|(number, db)| (number, Arc::new(Mutex::new(db))));
        std::mem::replace(&mut self.slots().active, active).map(|(_, handle)| handle)
    }

    /// Opens the partition being written anew, which frees what was written through `db`. Readers wait meanwhile: two openings
    /// of one Db at once take files from each other that both are about to read.
    pub(crate) fn reopen_active(&self, partition: &Partition, db: PageDb) -> Result<PageDb, String> {
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.set_active(None));
        drop(db);
        failpoint!("recycle.dropped");
        let db = partition.home.open(&self.opener)?;
        drop(self.set_active(Some((partition.number, db.clone()))));
        Ok(db)
    }

    /// The partition goes on being written, and readers use the handle that is returned.
    pub(crate) fn promote(&self, partition: &Partition) -> Result<PageDb, Unread> {
        let handle = self.get(partition)?;
        let db = locked(&handle).clone();
        let mut slots = self.slots();
        slots.open.retain(|(open, _)| *open != partition.number);
        slots.active = Some((partition.number, handle));
        Ok(db)
    }

    /// Whether this is the partition being written. It no longer is after one of its pages could not be read.
    pub(crate) fn is_active(&self, number: u32) -> bool {
        self.slots().active.as_ref().is_some_and(|(active, _)| *active == number)
    }

    /// One page. One that could not be read is not read again: each time costs a handle.
    pub(crate) fn page(&self, partition: &Partition, page: u64) -> Result<Option<Vec<u8>>, Unread> {
        let place = (partition.number, page);
        let damaged = |reason: String| {
            Unread::Damaged(format!("page {page:x} of partition {}: {reason}", partition.home.label()))
        };
        {
            let bad = self.bad();
            let of_partition = bad.range((partition.number, 0)..=(partition.number, u64::MAX)).count();
            if bad.contains(&place) || of_partition >= BAD_PAGES_MAX {
                return Err(damaged("it, or too many others, could not be read before".to_owned()));
            }
        }
        self.with(partition, |db| db.get(page)).map_err(|unread| match unread {
            Unread::Unopened(reason) => Unread::Unopened(reason),
            Unread::Damaged(reason) => {
                self.bad().insert(place);
                damaged(reason)
            }
        })
    }

    /// Asks the Db of a partition. An error closes the handle, because sled answers nothing more through it.
    pub(crate) fn with<T>(
        &self,
        partition: &Partition,
        ask: impl FnOnce(&PageDb) -> io::Result<T>,
    ) -> Result<T, Unread> {
        let handle = self.get(partition)?;
        let answer = ask(&locked(&handle));
        answer.map_err(|error| {
            self.give_up(&handle);
            Unread::Damaged(error.to_string())
        })
    }

    /// Forgets a handle that answers nothing more. When it was the one being written, the builder finds it gone.
    fn give_up(&self, useless: &Handle) {
        let mut slots = self.slots();
        let is_useless = |(_, handle): &(u32, Handle)| Arc::ptr_eq(handle, useless);
        let active = slots.active.take_if(|active| is_useless(active));
        let open = slots.open.iter().position(is_useless).and_then(|place| slots.open.remove(place));
        drop(slots);
        // Dropped outside the lock: the last handle of a Db frees much.
        drop((active, open));
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

    fn get(&self, partition: &Partition) -> Result<Handle, Unread> {
        let number = partition.number;
        if let Some(handle) = self.slots().find(number) {
            return Ok(handle);
        }
        let _opening = self.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = self.slots().find(number) {
            return Ok(handle);
        }
        if let Some(reason) = self.unopened.too_soon(number, Instant::now()) {
            return Err(Unread::Unopened(reason));
        }
        let evicted = {
            let mut slots = self.slots();
            let too_many = (slots.open.len() + 1).saturating_sub(self.open_max);
            slots.open.drain(..too_many).collect::<Vec<_>>()
        };
        drop(evicted);
        let opened = partition.home.open(&self.opener).map_err(|reason| {
            self.unopened.note(number, &partition.home.label(), &reason, Instant::now());
            Unread::Unopened(reason)
        })?;
        let handle = Arc::new(Mutex::new(opened));
        self.slots().open.push_back((number, Arc::clone(&handle)));
        Ok(handle)
    }

    fn bad(&self) -> MutexGuard<'_, BTreeSet<(u32, u64)>> {
        self.bad.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::guard::ballast::Ballast;
    use crate::settings::Settings;
    use model::UnixNanos;

    #[test]
    fn readers_are_answered_while_the_partition_being_written_is_opened_anew() {
        const REOPENINGS: usize = 10;
        let directory = tempfile::tempdir().expect("a directory");
        let settings = Settings::default();
        let ballast = Arc::new(Ballast::new(directory.path(), settings.clone()));
        let opener = Opener { wait_max: settings.open_wait_max, ballast };
        let (partition, mut db) = Partition::create(directory.path(), 1, UnixNanos(0), &opener).expect("is made");
        db.put(7, b"page").expect("puts");
        db.flush().expect("flushes");
        let handles = Handles::new(2, opener);
        drop(handles.set_active(Some((1, db.clone()))));
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reading = scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    assert_eq!(handles.page(&partition, 7), Ok(Some(b"page".to_vec())));
                }
            });
            for _reopening in 0..REOPENINGS {
                match handles.reopen_active(&partition, db) {
                    Ok(reopened) => db = reopened,
                    Err(reason) => {
                        is_over.store(true, Ordering::SeqCst);
                        panic!("{reason}");
                    }
                }
            }
            is_over.store(true, Ordering::SeqCst);
            reading.join().expect("each page was read");
        });
    }
}
