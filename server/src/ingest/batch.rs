//! Spans of one request to one batch. A request is bounded by its bytes, so its batch is too; the store groups batches by age.

use model::{BatchBuilder, Span, SpanBatch};

/// `None` when there is no span.
pub fn batch_from_spans(spans: &[Span]) -> Option<SpanBatch> {
    let mut builder = BatchBuilder::new();
    for span in spans {
        builder.push(span);
    }
    builder.finish()
}
