//! The only file that names sled: open, put, get, last and flush, nothing else. What pages mean is not known here.
//!
//! sled has about two hundred panics; each call is caught and becomes an error, the caller decides what to set aside.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::keys::{PAGES, key_of_page, page_of_key};

/// Entries of a leaf. A constant of the format: a Db opens with the fanout it was made with only.
const LEAF_FANOUT: usize = 4;

/// What `MANIFEST` says of the engine.
pub(crate) const ENGINE: &str = "sled-1.0.0-alpha.124/4";

/// One year: only the committer flushes. `None` would make every dropped handle flush.
const FLUSH_EVERY_MS: usize = 31_536_000_000;

const CACHE_BYTES: usize = 16 << 20;
const COMPRESSION_LEVEL: i32 = -5;

/// Pages of one partition. Clones share the Db; memory and descriptors are freed when the last one goes.
#[derive(Clone)]
pub(crate) struct PageDb {
    tree: sled::Tree<LEAF_FANOUT>,
    db: sled::Db<LEAF_FANOUT>,
}

impl PageDb {
    /// Opens or makes the Db in `path`. Use `opening`, which repairs first and limits the time.
    pub(crate) fn open(path: &Path) -> io::Result<PageDb> {
        let mut config = sled::Config::new()
            .path(path)
            .cache_capacity_bytes(CACHE_BYTES)
            .flush_every_ms(Some(FLUSH_EVERY_MS))
            .zstd_compression_level(COMPRESSION_LEVEL);
        // No compaction: it would write on the last drop of a handle that was only read, and abort when a page is damaged.
        config.target_heap_file_fill_ratio = 0.0;
        caught(|| {
            let db: sled::Db<LEAF_FANOUT> = config.open()?;
            let tree = db.open_tree(PAGES)?;
            Ok(PageDb { tree, db })
        })
    }

    /// Puts a page that was never put before.
    pub(crate) fn put(&self, page: u64, bytes: &[u8]) -> io::Result<()> {
        caught(|| {
            let before = self.tree.insert(key_of_page(page), bytes)?;
            assert!(before.is_none(), "append only: page {page} was written before");
            Ok(())
        })
    }

    /// The page; `None` when there is none. After an error the handle is useless: drop it and open anew.
    pub(crate) fn get(&self, page: u64) -> io::Result<Option<Vec<u8>>> {
        caught(|| Ok(self.tree.get(key_of_page(page))?.map(|bytes| bytes.to_vec())))
    }

    /// One more than the number of the last page.
    pub(crate) fn page_count(&self) -> io::Result<u64> {
        caught(|| match self.tree.last()? {
            None => Ok(0),
            Some((key, _)) => {
                let page =
                    page_of_key(&key).ok_or_else(|| io::Error::other("a key of the page tree is no page number"))?;
                Ok(page.saturating_add(1))
            }
        })
    }

    /// Makes everything put so far durable, all of it or nothing. After an error the process must end.
    pub(crate) fn flush(&self) -> io::Result<()> {
        caught(|| self.db.flush().map(|_statistics| ()))
    }
}

fn caught<T>(call: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_panic| Err(io::Error::other("sled panicked")))
}
