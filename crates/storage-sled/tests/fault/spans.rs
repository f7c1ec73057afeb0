//! Batches whose content is a function of their number, writing them, and finding them again.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use model::{BatchBuilder, Span, TimeRange, TraceId, UnixNanos};
use storage::conformance::bed::{block_on, search, trace};
use storage::conformance::data::{DAY, timed};
use storage::{Clock, Committed, Lifecycle, SpanWriter, StorageError, TraceQuery};
use storage_sled::{OpenError, Settings, SledStore};

const SPANS_PER_BATCH: u8 = 10;

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> UnixNanos {
        DAY
    }
}

/// Opens with bounds so small that freezing, building, rolling and opening happen all the time.
pub(crate) fn open(directory: &Path, change: impl FnOnce(&mut Settings)) -> Result<SledStore, OpenError> {
    let mut settings = Settings {
        generation_spans_max: 200,
        partition_bytes_max: 200 << 10,
        recycle_bytes: 60 << 10,
        disk_free_min: Some(0),
        ballast_bytes: 1 << 20,
        // An opening that meets a failed write may never come back.
        open_wait_max: Duration::from_secs(15),
        ..Settings::default()
    };
    change(&mut settings);
    SledStore::open(directory, settings, Arc::new(StoppedClock))
}

/// Batch `number`: one trace.
fn spans(number: u64) -> Vec<Span> {
    let id = TraceId::new((u128::from(number) + 1).to_be_bytes()).expect("not zero");
    let span = |row: u8| {
        let mut span = timed(1, row, number, 7);
        span.trace_id = id;
        span.attributes.set("text", format!("{number} ").repeat(usize::from(row)));
        span
    };
    (1..=SPANS_PER_BATCH).map(span).collect()
}

pub(crate) fn write(store: &SledStore, number: u64) -> Result<Committed, StorageError> {
    let mut builder = BatchBuilder::new();
    spans(number).iter().for_each(|span| builder.push(span));
    block_on(store.write(Arc::new(builder.finish().expect("not empty"))))
}

/// Each of these batches is there, equal and once; others are there whole or not at all; nothing was set aside.
pub(crate) fn check(store: &SledStore, acked: &[u64]) {
    for number in acked {
        let expected = spans(*number);
        let found = trace(store, expected[0].trace_id, None).unwrap_or_else(|| panic!("batch {number} is lost"));
        let mut found = found.into_spans();
        found.sort_by_key(|span| span.span_id);
        assert_eq!(found, expected, "batch {number}");
    }
    let all = search(store, TraceQuery::newest(TimeRange::ALL, 0)).completeness;
    assert!(all.complete, "{all:?}");
    let condition = store.condition();
    assert_eq!(condition.spans, all.matched * u64::from(SPANS_PER_BATCH), "batches are there whole or not at all");
    assert_eq!((condition.quarantined, condition.stalled), (Vec::new(), Vec::new()));
}
