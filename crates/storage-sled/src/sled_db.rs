//! The only file that names sled: open, put, get, last and flush, nothing else. What pages mean is not known here.
//!
//! sled has about two hundred panics; each call is caught and becomes an error, the caller decides what to set aside.
//! Each call is also watched, if its thread is: one that never comes back ends the process.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process;

use crate::guard::watch::{self, Call};
use crate::keys::{CATALOG, OF_RUN, PAGES, RUNS, WITNESS, key_of, number_of, page_of_block};

/// Entries of a leaf. A constant of the format: a Db opens with the fanout it was made with only.
const LEAF_FANOUT: usize = 4;

/// What `MANIFEST` says of the engine.
pub(crate) const ENGINE: &str = "sled-1.0.0-alpha.124/4";

/// One year: only the committer flushes. `None` would make every dropped handle flush.
const FLUSH_EVERY_MS: usize = 31_536_000_000;

/// What sled keeps of what it has read. Little: pages that readers want again are in a cache of our own, and journals are read once.
const CACHE_BYTES_OF_JOURNAL: usize = 1 << 20;
const CACHE_BYTES_OF_OTHERS: usize = 4 << 20;

const COMPRESSION_LEVEL: i32 = -5;

/// What a Db is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pages of groups, until they are in a block.
    Journal,
    /// Pages of blocks, and their catalog.
    Partition,
    /// Values that change.
    Meta,
}

/// One Db. Clones share it; memory and descriptors are freed when the last one goes.
#[derive(Clone)]
pub(crate) struct PageDb {
    /// `None` only while it is dropped. On the heap: a tree of sled takes tens of kilobytes, and handles are handed around.
    open: Option<Box<OpenDb>>,
}

#[derive(Clone)]
struct OpenDb {
    /// Pages; of the meta its values.
    pages: sled::Tree<LEAF_FANOUT>,
    /// Of a partition only.
    catalog: Option<sled::Tree<LEAF_FANOUT>>,
    /// Of a partition only.
    runs: Option<sled::Tree<LEAF_FANOUT>>,
    db: sled::Db<LEAF_FANOUT>,
}

impl PageDb {
    /// Opens or makes the Db in `path`. Use `opening`, which repairs first and limits the time.
    pub(crate) fn open(path: &Path, kind: Kind) -> io::Result<PageDb> {
        let cache_bytes = match kind {
            Kind::Journal => CACHE_BYTES_OF_JOURNAL,
            Kind::Partition | Kind::Meta => CACHE_BYTES_OF_OTHERS,
        };
        let mut config = sled::Config::new()
            .path(path)
            .cache_capacity_bytes(cache_bytes)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .zstd_compression_level(COMPRESSION_LEVEL);
        // No compaction: it would write on the last drop of a handle that was only read, and abort when a page is damaged.
        config.target_heap_file_fill_ratio = 0.0;
        // The time limit of an opening is kept by whoever waits for it.
        caught(Call::Read, || {
            let db: sled::Db<LEAF_FANOUT> = config.open()?;
            let pages = db.open_tree(if kind == Kind::Meta { WITNESS } else { PAGES })?;
            let (catalog, runs) = match kind {
                Kind::Journal | Kind::Meta => (None, None),
                Kind::Partition => (Some(db.open_tree(CATALOG)?), Some(db.open_tree(RUNS)?)),
            };
            Ok(PageDb { open: Some(Box::new(OpenDb { pages, catalog, runs, db })) })
        })
    }

    /// Puts a page that was never put before.
    pub(crate) fn put(&self, page: u64, bytes: &[u8]) -> io::Result<()> {
        insert_new(&self.db().pages, page, bytes)
    }

    /// The page; `None` when there is none. After an error the handle is useless: drop it and open anew.
    pub(crate) fn get(&self, page: u64) -> io::Result<Option<Vec<u8>>> {
        match page.checked_sub(page_of_block(OF_RUN, 0)) {
            None => get(&self.db().pages, page),
            Some(of_run) => get(self.runs(), of_run),
        }
    }

    /// Puts a page of a run that was never put before. Panics in a journal.
    pub(crate) fn put_of_run(&self, page: u64, bytes: &[u8]) -> io::Result<()> {
        insert_new(self.runs(), page, bytes)
    }

    /// The number of the last page of a run; `None` when there is no run. Panics in a journal.
    pub(crate) fn page_of_run_last(&self) -> io::Result<Option<u64>> {
        last(self.runs())
    }

    /// The number of the last page; `None` when there is no page.
    pub(crate) fn page_last(&self) -> io::Result<Option<u64>> {
        last(&self.db().pages)
    }

    /// Puts a record that was never put before. Panics in a journal.
    pub(crate) fn put_record(&self, block: u32, bytes: &[u8]) -> io::Result<()> {
        insert_new(self.catalog(), block.into(), bytes)
    }

    /// The record of a block; `None` when there is none. Panics in a journal.
    pub(crate) fn record(&self, block: u32) -> io::Result<Option<Vec<u8>>> {
        get(self.catalog(), block.into())
    }

    /// The number of the last block with a record. Panics in a journal.
    pub(crate) fn record_last(&self) -> io::Result<Option<u64>> {
        last(self.catalog())
    }

    /// Puts a value in the place of the one before, if there is one. In the meta only: elsewhere nothing changes.
    pub(crate) fn replace(&self, key: u64, bytes: &[u8]) -> io::Result<()> {
        caught(Call::Insert, || self.db().pages.insert(key_of(key), bytes).map(|_before| ()))
    }

    /// Removes a value, if there is one. In the meta only.
    pub(crate) fn remove(&self, key: u64) -> io::Result<()> {
        caught(Call::Insert, || self.db().pages.remove(key_of(key)).map(|_before| ()))
    }

    /// The first value from this key on. In the meta only: it pages in what is behind.
    pub(crate) fn first_from(&self, key: u64) -> io::Result<Option<(u64, Vec<u8>)>> {
        caught(Call::Read, || match self.db().pages.range(key_of(key)..).next().transpose()? {
            None => Ok(None),
            Some((key, bytes)) => {
                let number = number_of(&key).ok_or_else(|| io::Error::other("a key of the meta is no number"))?;
                Ok(Some((number, bytes.to_vec())))
            }
        })
    }

    /// Makes everything put so far durable, all of it or nothing. After an error the process must end.
    pub(crate) fn flush(&self) -> io::Result<()> {
        caught(Call::Flush, || self.db().db.flush().map(|_statistics| ()))
    }

    fn db(&self) -> &OpenDb {
        self.open.as_ref().expect("taken by drop alone")
    }

    fn runs(&self) -> &sled::Tree<LEAF_FANOUT> {
        self.db().runs.as_ref().expect("only partitions are asked for runs")
    }

    fn catalog(&self) -> &sled::Tree<LEAF_FANOUT> {
        self.db().catalog.as_ref().expect("only partitions are asked for their catalog")
    }
}

impl Drop for PageDb {
    /// With the last handle sled flushes what is left and ends its threads: a call like any other, which may not come back.
    fn drop(&mut self) {
        watch::during(Call::Flush, || drop(self.open.take()));
    }
}

fn insert_new(tree: &sled::Tree<LEAF_FANOUT>, number: u64, bytes: &[u8]) -> io::Result<()> {
    caught(Call::Insert, || {
        let before = tree.insert(key_of(number), bytes)?;
        assert!(before.is_none(), "append only: {number} was written before");
        Ok(())
    })
}

fn get(tree: &sled::Tree<LEAF_FANOUT>, number: u64) -> io::Result<Option<Vec<u8>>> {
    caught(Call::Read, || Ok(tree.get(key_of(number))?.map(|bytes| bytes.to_vec())))
}

fn last(tree: &sled::Tree<LEAF_FANOUT>) -> io::Result<Option<u64>> {
    caught(Call::Read, || match tree.last()? {
        None => Ok(None),
        Some((key, _)) => match number_of(&key) {
            Some(number) => Ok(Some(number)),
            None => Err(io::Error::other("a key of a tree is no number")),
        },
    })
}

/// A failed flush leaves sled waiting for ever: the process must go and come back, then the groups on disk are replayed.
pub(crate) fn end_process(action: &str, error: &io::Error) -> ! {
    tracing::error!("cannot {action}, this process ends so that nothing unwritten is acknowledged: {error}");
    process::abort()
}

fn caught<T>(call: Call, work: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    let worked = watch::during(call, || catch_unwind(AssertUnwindSafe(work)));
    worked.unwrap_or_else(|_panic| Err(io::Error::other("sled panicked")))
}

/// A process that another test is just starting has the lock of a Db that was closed, until it is another program.
#[cfg(test)]
pub(crate) fn open_when_free(path: &Path, kind: Kind) -> io::Result<PageDb> {
    use std::time::{Duration, Instant};
    const WAIT_MAX: Duration = Duration::from_secs(60);
    let began = Instant::now();
    loop {
        match PageDb::open(path, kind) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && began.elapsed() < WAIT_MAX => {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => return opened,
        }
    }
}
