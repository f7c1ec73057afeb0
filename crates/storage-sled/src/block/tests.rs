//! Claims about the block format as a whole. Each part has its own tests beside it.

mod damage;
mod data;
mod golden;
mod large;
mod search;
mod whole;

use std::collections::BTreeMap;

use model::{BatchBuilder, Span, SpanBatch, TraceId};

use super::{Block, BlockBuilder, BlockReader};

fn batch(spans: &[Span]) -> SpanBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish().expect("tests build at least one span")
}

fn block_of(batches: &[Vec<Span>]) -> Block {
    let batches: Vec<SpanBatch> = batches.iter().map(|spans| batch(spans)).collect();
    let mut builder = BlockBuilder::new(7);
    batches.iter().for_each(|batch| builder.push(batch).expect("fits"));
    builder.finish().expect("builds")
}

fn open(block: &Block) -> BlockReader<&[u8]> {
    BlockReader::open(block.bytes.as_slice()).expect("own bytes")
}

/// Every bit of a span: the encoding of a batch keeps them all, also those of a double that is not a number.
fn bits(span: &Span) -> Vec<u8> {
    storage::batch::encode(&batch(std::slice::from_ref(span))).expect("shallow")
}

fn spans_of(batch: &SpanBatch) -> Vec<Span> {
    let mut shared = Default::default();
    batch.rows().map(|row| row.to_span(&mut shared)).collect()
}

/// The same spans in whatever order.
fn sorted(spans: &[Span]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = spans.iter().map(bits).collect();
    all.sort_unstable();
    all
}

/// The plain copy that the block is compared with.
fn by_trace(spans: &[Span]) -> BTreeMap<TraceId, Vec<Span>> {
    let mut traces: BTreeMap<TraceId, Vec<Span>> = BTreeMap::new();
    spans.iter().for_each(|span| traces.entry(span.trace_id).or_default().push(span.clone()));
    traces
}
