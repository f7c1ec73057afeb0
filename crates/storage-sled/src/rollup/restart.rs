//! The matcher of the run before: the halves that waited, and the spans that may yet be above others. Both lie in blocks.

use std::sync::Arc;

use model::SpanBatch;
use model::edge::Matcher;

use super::tally::{ended, has_pending};
use crate::block::BlockError;
use crate::block::annex::{AnnexReader, Part};
use crate::blocks::StoredBlock;
use crate::shared::Shared;

/// The part of the room for which spans are read back, the last of the last blocks. Halves are older than they, so most of the
/// room stays free:
/// a full matcher gives up what is oldest.
const REMEMBERED_PART: usize = 4;

/// Generations whose spans are read back. A span further back has no parent, no child and no call to come.
const GENERATIONS_REMEMBERED: usize = 2;

/// As the run before left it. What cannot be read is damage, and does not wait any more.
pub(super) fn matcher(shared: &Shared, blocks: &[Arc<StoredBlock>]) -> Matcher {
    let mut generations: Vec<u32> = blocks.iter().map(|block| block.record.generation).collect();
    generations.sort_unstable();
    generations.dedup();
    let spans_max = shared.settings.matched_spans_max;
    let mut matcher = Matcher::new(spans_max);
    let Some(last) = generations.last() else { return matcher };
    let of_last = blocks.iter().filter(|block| block.record.generation == *last);
    for block in of_last {
        match halves(block, spans_max) {
            Ok(Some(found)) => matcher = found,
            Ok(None) => {}
            Err(error) => shared.note_damage(block, &error),
        }
    }
    let from = generations[generations.len().saturating_sub(GENERATIONS_REMEMBERED)];
    let mut batches = Vec::new();
    for block in blocks.iter().rev().filter(|block| block.record.generation >= from) {
        read_last(block, &mut batches, spans_max / REMEMBERED_PART)
            .unwrap_or_else(|error| shared.note_damage(block, &error));
    }
    batches.iter().rev().for_each(|batch| matcher.remember(batch));
    matcher
}

/// Appends row groups, the last one first, until there are spans enough.
fn read_last(block: &StoredBlock, batches: &mut Vec<SpanBatch>, spans_max: usize) -> Result<(), BlockError> {
    let mut remembered: usize = batches.iter().map(SpanBatch::len).sum();
    if remembered >= spans_max {
        return Ok(());
    }
    let open = block.reader()?;
    // Traces are in the order of their starts: the last row groups hold the latest.
    for group in (0..open.spans.zones().len()).rev() {
        if remembered < spans_max {
            let batch = open.spans.spans_of_group(group)?;
            remembered += batch.len();
            batches.extend(if has_pending(&batch) { ended(&batch, 0..batch.len()) } else { Some(batch) });
        }
    }
    Ok(())
}

fn halves(block: &StoredBlock, spans_max: usize) -> Result<Option<Matcher>, BlockError> {
    let bytes = AnnexReader::open(block.annex_bytes())?.part(Part::Halves)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    Matcher::decode_halves(&bytes, spans_max).map(Some).map_err(|error| {
        tracing::error!("halves in block {} of partition {}: {error}", block.number, block.partition.home.label());
        BlockError::Invalid("halves")
    })
}
