//! The blocks of one frozen memtable, with what is known of them. In memory; not here: writing them.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use model::batch::SharedParts;
use model::{BatchBuilder, SpanBatch, UnixNanos};

use crate::block::annex::{Annex, Counted};
use crate::block::{Block, BlockBuilder, BlockError, BlockReader, BuildError};
use crate::blocks::{StoredBlock, hash_of, seal_of};
use crate::catalog::Record;
use crate::quarantine::Damaged;
use crate::rollup::Names;
use crate::segment::Segment;
use crate::shared::Shared;

/// The one tenant there is.
const TENANT: u64 = 0;

/// So many spans of a memtable that no block can hold are set aside; more of them mean that something else is wrong.
const SET_ASIDE_MAX: usize = 16;

/// Why a memtable does not become blocks.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Build(#[from] BuildError),
    #[error("{0}")]
    Read(#[from] BlockError),
    #[error("its annex cannot be written: {0}")]
    Annex(#[from] std::io::Error),
    #[error("building it panicked, see the log before")]
    Panicked,
}

/// A memtable as it was frozen.
pub(crate) struct Build {
    pub(crate) segment: Segment,
    batches: Vec<(Arc<SpanBatch>, u64)>,
    /// Batch and row of each span.
    rows: Vec<(u32, u32)>,
    group_first: u64,
    group_last: u64,
    written_last: UnixNanos,
}

/// A block and its annex.
pub(crate) struct Built {
    pub(crate) bytes: Vec<u8>,
    pub(crate) record: Record,
    /// Hashes of its traces that have spans in older blocks.
    pub(crate) split: Vec<u64>,
}

impl Build {
    /// `None` when there is no such generation.
    pub(crate) fn of(shared: &Shared, number: u32) -> Option<Build> {
        let index = shared.index();
        let generation = index.generations.get(&number)?;
        let (mut batches, mut rows) = (Vec::new(), Vec::new());
        for (place, slot) in (0u32..).zip(index.batches_of(number)) {
            batches.push((Arc::clone(&slot.batch), slot.sequence));
            // What was pending and has ended since is told by another row.
            rows.extend(slot.rows.iter().filter(|row| !slot.replaced.contains(*row)).map(|row| (place, *row)));
        }
        Some(Build {
            segment: generation.segment.clone(),
            batches,
            rows,
            group_first: generation.group_first,
            group_last: generation.group_last,
            written_last: generation.written_last,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// One block, or as many as the spans need, and their names. The counts are in the annex of the first.
    pub(crate) fn blocks(&self, shared: &Shared) -> Result<(Vec<Built>, Names), Failure> {
        let sealed = shared.tally.seal(shared, self.segment.generation);
        let mut counted = sealed.encode();
        let older = Arc::clone(&shared.index().blocks);
        let mut built: Vec<Built> = Vec::new();
        let mut set_aside = 0;
        let mut waiting: Vec<Range<usize>> = std::iter::once(0..self.rows.len()).collect();
        while let Some(rows) = waiting.pop() {
            match self.try_block(rows.clone()) {
                Ok(block) => {
                    let of_first = std::mem::take(&mut counted);
                    let built_now = self.with_annex(block, &rows, &of_first, &older, &built)?;
                    built.push(built_now);
                }
                // Too many for one block, or one among them cannot be built: it is found by halves.
                Err(_) if rows.len() > 1 => {
                    let middle = rows.start + rows.len() / 2;
                    waiting.push(middle..rows.end);
                    waiting.push(rows.start..middle);
                }
                Err(failure) if set_aside < SET_ASIDE_MAX => {
                    self.set_aside(shared, rows.start, &failure);
                    set_aside += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
        let parts = built.len() as u32;
        for (part, built) in (0..parts).zip(&mut built) {
            (built.record.part, built.record.parts) = (part, parts);
        }
        Ok((built, sealed.names()))
    }

    /// Spans that the encoder cannot stand must not end the thread that all others need.
    fn try_block(&self, rows: Range<usize>) -> Result<Block, Failure> {
        match catch_unwind(AssertUnwindSafe(|| self.block_of(rows))) {
            Ok(built) => built.map_err(Failure::Build),
            Err(_) => Err(Failure::Panicked),
        }
    }

    /// Keeps a span that no block can hold, and says so: it must not keep all others in memory for ever.
    fn set_aside(&self, shared: &Shared, row: usize, failure: &Failure) {
        let (batch, row_of_batch) = self.rows[row];
        let span = self.batches[batch as usize].0.row(row_of_batch as usize).to_span(&mut SharedParts::default());
        let mut builder = BatchBuilder::new();
        builder.push(&span);
        let alone = builder.finish().map(|alone| storage::batch::encode(&alone));
        let bytes = alone.and_then(Result::ok).unwrap_or_default();
        let damaged = Damaged { name: format!("span {row}"), bytes, reason: failure.to_string() };
        shared.add_damage(shared.quarantine.copy(&self.segment.home, &damaged));
    }

    fn block_of(&self, rows: Range<usize>) -> Result<Block, BuildError> {
        let mut builder = BlockBuilder::new(TENANT);
        for of_batch in self.rows[rows].chunk_by(|left, right| left.0 == right.0) {
            let (batch, _) = &self.batches[of_batch[0].0 as usize];
            builder.push_rows(batch, of_batch.iter().map(|(_, row)| *row as usize))?;
        }
        builder.finish()
    }

    fn with_annex(
        &self,
        block: Block,
        rows: &Range<usize>,
        counted: &Counted,
        older: &[Arc<StoredBlock>],
        siblings: &[Built],
    ) -> Result<Built, Failure> {
        let reader = BlockReader::open(block.bytes.as_slice())?;
        let group_of = |place: &u32| {
            let (batch, _row) = self.rows[rows.start + *place as usize];
            self.batches[batch as usize].1 - self.group_first
        };
        let groups: Vec<Vec<u64>> = (0..reader.zones().len())
            .map(|number| reader.rows_of_group(number))
            .map(|rows| block.order[rows.start as usize..rows.end as usize].iter().map(group_of).collect())
            .collect();
        let siblings =
            siblings.iter().map(|built| BlockReader::open(&built.bytes[..built.record.block_bytes as usize]));
        let siblings: Vec<_> = siblings.collect::<Result<_, _>>()?;
        let mut split = Vec::new();
        for id in reader.trace_ids()? {
            let mut is_split = false;
            for block in older.iter().filter(|block| block.may_hold(id)) {
                // Filters may be wrong: only what is really there may slow readers down for ever.
                is_split |=
                    block.reader().map_or(true, |open| open.spans.find(id).map_or(true, |found| found.is_some()));
            }
            for sibling in &siblings {
                is_split |= sibling.find(id)?.is_some();
            }
            split.extend(is_split.then(|| hash_of(id)));
        }
        let annex = Annex { counted, split: &split, groups: &groups }.encode()?;
        let Block { mut bytes, summary, .. } = block;
        let record = Record {
            generation: self.segment.generation,
            // Known when all are built.
            part: 0,
            parts: 1,
            group_first: self.group_first,
            group_last: self.group_last,
            written_last: self.written_last,
            block_bytes: bytes.len() as u64,
            annex_bytes: annex.len() as u64,
            spans: summary.rows,
            traces: summary.traces,
            starts: summary.starts,
            end_max: summary.end_max,
            seal: seal_of(&bytes, &annex),
        };
        bytes.extend_from_slice(&annex);
        Ok(Built { bytes, record, split })
    }
}
