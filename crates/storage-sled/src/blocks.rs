//! Blocks of a store: opened, found and read. Not here: their bytes (`block`), where those lie (`pages`), and making new ones.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use model::TraceId;
use xxhash_rust::xxh3::xxh3_64;

use crate::block::annex::{self, AnnexReader, Part};
use crate::block::recall::Recall;
use crate::block::{self, BlockError, BlockReader, BlockSource};
use crate::cache::Cache;
use crate::catalog::Record;
use crate::pages::{PageBytes, Pages};
use crate::partition::Partition;
use crate::rollup::Minutes;

/// A reader keeps about so many bytes per trace and per stored byte, once it was used.
const READER_BYTES_PER_TRACE: usize = 52;
const READER_SHARE: usize = 8;

/// Block and annex, open.
pub(crate) struct OpenBlock {
    pub(crate) spans: BlockReader<PageBytes>,
    pub(crate) annex: AnnexReader<PageBytes>,
}

/// A block in a partition.
pub(crate) struct StoredBlock {
    pub(crate) partition: Partition,
    /// Its number in the partition.
    pub(crate) number: u32,
    pub(crate) record: Record,
    /// Where its annex has cells; nowhere in all blocks of a generation but the first.
    pub(crate) minutes: Minutes,
    /// Always in memory: the trace filter, behind a reader of which nothing else is used.
    filter: BlockReader<PageBytes>,
    readers: Arc<Readers>,
    pages: Arc<Pages>,
    /// Kept of the newest blocks.
    recall: RwLock<Option<Recall>>,
    /// Set once it could not be read: said once, not at each question.
    pub(crate) damage: OnceLock<String>,
}

/// Readers that were used last, by partition and block.
pub(crate) type Readers = Cache<(u32, u32), Arc<OpenBlock>>;

/// What stands for a trace where only some of its bits are kept.
pub(crate) fn hash_of(id: &TraceId) -> u64 {
    xxh3_64(id.bytes())
}

/// The checksum of the first bytes of both. The header of a block has the checksum of its directory, which has those of all its
/// chunks, and the head of an annex leads to its parts in the same way.
pub(crate) fn seal_of(block: &[u8], annex: &[u8]) -> u32 {
    // Without the checksum that ends the header: with it, all headers would have the same one.
    let (header, head) = (block.len().min(block::HEADER_BYTES - 4), annex.len().min(annex::HEAD_BYTES));
    crc32c::crc32c_append(crc32c::crc32c(&block[..header]), &annex[..head])
}

// === impl StoredBlock ===

impl StoredBlock {
    /// Opens a block that is durable. Reads its directory and its trace filter.
    pub(crate) fn open(
        partition: Partition,
        number: u32,
        record: Record,
        pages: &Arc<Pages>,
        readers: &Arc<Readers>,
    ) -> Result<StoredBlock, BlockError> {
        let (spans, annex) = sources(&partition, number, &record, pages);
        let seal = seal_of(&spans.bytes(0..block::HEADER_BYTES as u64)?, &annex.bytes(0..annex::HEAD_BYTES as u64)?);
        let filter = BlockReader::open(spans)?;
        if seal != record.seal {
            return Err(BlockError::Invalid("seal: it is not the block of its record"));
        }
        if filter.row_count() != record.spans {
            return Err(BlockError::Invalid("number of spans"));
        }
        // Asked about any trace, it fetches the filter.
        filter.may_hold(&TraceId::new([1; 16]).expect("not zero"))?;
        let minutes = Minutes::decode(&AnnexReader::open(annex)?.part(Part::Minutes)?)?;
        let (readers, pages) = (Arc::clone(readers), Arc::clone(pages));
        let (recall, damage) = (RwLock::new(None), OnceLock::new());
        Ok(StoredBlock { partition, number, record, minutes, filter, readers, pages, recall, damage })
    }

    /// Whether the trace may be here; never wrong about one that is.
    pub(crate) fn may_hold(&self, id: &TraceId) -> bool {
        self.recalls(hash_of(id), id)
    }

    /// The same for the hash of a trace id, see [`hash_of`], by the stored filter alone.
    fn may_hold_hash(&self, hash: u64) -> bool {
        // The filter was fetched when the block was opened, so there is nothing left that can fail.
        self.filter.may_hold_hash(hash).unwrap_or(true)
    }

    /// Reads which traces it holds, so that [`StoredBlock::recalls`] is seldom wrong.
    pub(crate) fn learn(&self) -> Result<(), BlockError> {
        let recall = Recall::of(self.reader()?.spans.trace_ids()?);
        *self.recall.write().unwrap_or_else(PoisonError::into_inner) = Some(recall);
        Ok(())
    }

    pub(crate) fn has_learned(&self) -> bool {
        self.recall.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Lets go of what it learned.
    pub(crate) fn unlearn(&self) {
        *self.recall.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether the trace may be here, see [`StoredBlock::may_hold_hash`]; of the newest blocks wrong only once in 65,536.
    pub(crate) fn recalls(&self, hash: u64, id: &TraceId) -> bool {
        let recall = || self.recall.read().unwrap_or_else(PoisonError::into_inner);
        self.may_hold_hash(hash) && recall().as_ref().is_none_or(|recall| recall.may_hold(Recall::hash_of(id)))
    }

    /// Everything of it, fetched when asked for.
    pub(crate) fn reader(&self) -> Result<Arc<OpenBlock>, BlockError> {
        let key = (self.partition.number, self.number);
        if let Some(open) = self.readers.get(key) {
            return Ok(open);
        }
        let (spans, annex) = sources(&self.partition, self.number, &self.record, &self.pages);
        let open = Arc::new(OpenBlock { spans: BlockReader::open(spans)?, annex: AnnexReader::open(annex)? });
        let bytes =
            self.record.traces as usize * READER_BYTES_PER_TRACE + self.record.block_bytes as usize / READER_SHARE;
        self.readers.put(key, Arc::clone(&open), bytes);
        Ok(open)
    }

    /// Reads every byte of block and annex, and keeps none.
    pub(crate) fn verify(&self) -> Result<(), BlockError> {
        let open = self.reader()?;
        open.spans.verify()?;
        open.annex.verify()
    }

    /// Where its annex lies.
    pub(crate) fn annex_bytes(&self) -> PageBytes {
        sources(&self.partition, self.number, &self.record, &self.pages).1
    }

    /// Whether all its rows are of groups up to this one.
    pub(crate) fn is_seen_whole(&self, watermark: u64) -> bool {
        self.record.group_last <= watermark
    }
}

/// Where block and annex lie in the pages.
fn sources(partition: &Partition, block: u32, record: &Record, pages: &Arc<Pages>) -> (PageBytes, PageBytes) {
    let bytes = |start: u64, length: u64| PageBytes {
        pages: Arc::clone(pages),
        partition: partition.clone(),
        block,
        start,
        length,
    };
    (bytes(0, record.block_bytes), bytes(record.block_bytes, record.annex_bytes))
}
