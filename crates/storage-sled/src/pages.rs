//! Blocks lie in a partition as pages; here their bytes are fetched page by page and joined. Not here: what the bytes mean.

use std::borrow::Cow;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use crate::block::BlockSource;
use crate::cache::Cache;
use crate::handles::{Handles, Unread};
use crate::keys::page_of_block;
use crate::partition::Partition;

/// Bytes of a full page. Three of them fill a slab slot of 196,608 bytes.
pub(crate) const BLOCK_PAGE_BYTES: usize = 64_000;

/// What a page of a partition gives that does not open for now.
pub(crate) const UNOPENED: io::ErrorKind = io::ErrorKind::ResourceBusy;

/// Reads pages, and keeps those that were read last.
pub(crate) struct Pages {
    pub(crate) handles: Handles,
    cache: Cache<(u32, u64), Arc<[u8]>>,
}

/// A stretch of the pages of one block.
#[derive(Clone)]
pub(crate) struct PageBytes {
    pub(crate) pages: Arc<Pages>,
    pub(crate) partition: Partition,
    pub(crate) block: u32,
    /// Where it begins in the pages of the block.
    pub(crate) start: u64,
    pub(crate) length: u64,
}

// === impl Pages ===

impl Pages {
    pub(crate) fn new(handles: Handles, cache_bytes_max: usize) -> Pages {
        Pages { handles, cache: Cache::new(cache_bytes_max) }
    }

    /// Lets go of a partition.
    pub(crate) fn forget(&self, partition: u32) {
        self.handles.forget(partition);
        self.cache.retain(|(known, _)| *known != partition);
    }

    fn page(&self, partition: &Partition, page: u64) -> io::Result<Arc<[u8]>> {
        let key = (partition.number, page);
        if let Some(bytes) = self.cache.get(key) {
            return Ok(bytes);
        }
        let bytes = self.handles.page(partition, page).map_err(|unread| match unread {
            Unread::Unopened(reason) => io::Error::new(UNOPENED, reason),
            Unread::Damaged(reason) => io::Error::other(reason),
        })?;
        let missing = || io::Error::other(format!("page {page:x} of partition {} is missing", partition.home.label()));
        let bytes: Arc<[u8]> = bytes.ok_or_else(missing)?.into();
        self.cache.put(key, Arc::clone(&bytes), bytes.len());
        Ok(bytes)
    }
}

// === impl PageBytes ===

impl BlockSource for PageBytes {
    fn bytes(&self, range: Range<u64>) -> io::Result<Cow<'_, [u8]>> {
        if range.start > range.end || range.end > self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut joined = Vec::with_capacity((range.end - range.start) as usize);
        let (mut at, end) = (self.start + range.start, self.start + range.end);
        while at < end {
            let (page, offset) = (at / BLOCK_PAGE_BYTES as u64, (at % BLOCK_PAGE_BYTES as u64) as usize);
            let number = u32::try_from(page).map_err(io::Error::other)?;
            let bytes = self.pages.page(&self.partition, page_of_block(self.block, number))?;
            let wanted = offset..bytes.len().min(offset + (end - at) as usize);
            let piece = bytes.get(wanted).filter(|piece| !piece.is_empty());
            joined.extend_from_slice(piece.ok_or(io::ErrorKind::UnexpectedEof)?);
            at = self.start + range.start + joined.len() as u64;
        }
        Ok(Cow::Owned(joined))
    }
}

/// The pages of these bytes.
pub(crate) fn cut(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(BLOCK_PAGE_BYTES)
}
