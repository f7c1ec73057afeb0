//! What is written: the spans of a batch are a function of its number alone, so nobody has to remember them.

use storage::conformance::data::{DAY, timed};

use model::testing::resource;
use model::{Event, Span, SpanId, SpanKind, StatusCode, TraceId, UnixNanos, Value};

/// Spans of a batch.
pub(crate) const SPANS_PER_BATCH: u8 = 20;
/// Services that occur.
pub(crate) const SERVICES: [&str; 3] = ["shop", "pay", "mail"];
/// Values of the attribute `bucket`.
pub(crate) const BUCKETS: u64 = 7;

/// One batch in so many has a value that takes more pages than the builder puts between two flushes.
const BATCHES_PER_LARGE: u64 = 128;
const LARGE_BYTES: usize = 1_200_000;

const MINUTE: u64 = 60_000_000_000;
const MINUTES: u64 = 600;

/// The trace of a batch.
pub(crate) fn trace_of(number: u64) -> TraceId {
    TraceId::new((u128::from(number) + 1).to_be_bytes()).expect("not zero")
}

/// Batch `number`: one trace, services that call each other in a chain.
pub(crate) fn spans(number: u64) -> Vec<Span> {
    (1..=SPANS_PER_BATCH).map(|row| span(number, row)).collect()
}

fn span(number: u64, row: u8) -> Span {
    let place = u64::from(row);
    let mut span = timed(1, row, (number % MINUTES) * MINUTE + place * 1_000, 50_000 - place * 1_000 + number % 97);
    span.trace_id = trace_of(number);
    span.parent_span_id = (row > 1).then(|| SpanId::new([row - 1; 8])).flatten();
    span.kind = match row {
        // A call without its other half waits for it, and is counted in a block that may outlive the one with the span.
        SPANS_PER_BATCH => SpanKind::Internal,
        row if row.is_multiple_of(2) => SpanKind::Client,
        _ => SpanKind::Server,
    };
    span.name = format!("op {}", row % 5);
    // A client span is of the same service as its parent, its child of the next one.
    span.resource = resource(SERVICES[(number as usize + usize::from(row / 2)) % SERVICES.len()]);
    span.attributes.set("number", number as i64);
    span.attributes.set("bucket", format!("b{}", number % BUCKETS));
    span.attributes.set("text", format!("{number} ").repeat(usize::from(row)));
    if row == 1 && number % BATCHES_PER_LARGE == 1 {
        span.attributes.set("large", Value::Bytes(noise(number)));
    }
    if (number + place).is_multiple_of(11) {
        span.status.code = StatusCode::Error;
        span.status.message = format!("failed {number}");
        let mut attributes = model::Attributes::new();
        attributes.set("exception.type", "Boom");
        let time = UnixNanos(DAY.0 + place);
        span.events.push(Event { time, name: "exception".into(), attributes, attributes_dropped: 0 });
    }
    span
}

/// Bytes that no compression makes fewer.
fn noise(number: u64) -> Vec<u8> {
    let mut state = number | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..LARGE_BYTES / 8).flat_map(|_| next().to_le_bytes()).collect()
}
