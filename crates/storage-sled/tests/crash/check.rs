//! What a store must answer after a kill: everything acknowledged once and equal, and counts that equal a recount.
//! The recount is the in-memory store, which is given exactly what was found by id.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use model::{SpanKind, TimeRange};
use storage::conformance::bed::{block_on, edges, names, red, search, trace, write};
use storage::{
    EdgeSeries, EdgesQuery, FieldCondition, Lifecycle, MemoryStore, NamesQuery, RedQuery, Store, TraceQuery,
};

use crate::content::{BUCKETS, SERVICES, SPANS_PER_BATCH, spans, trace_of};
use crate::ledger::Ledger;
use crate::writer::{MovedClock, open};

/// More than any run leaves behind.
const TRACES_MAX: usize = 1_000_000;
/// Batches that are also searched for by their own number.
const SEARCHED: usize = 8;

/// Opens the store, compares everything, and closes it again.
pub(crate) fn check(directory: &Path, ledger: &mut Ledger) {
    let clock = Arc::new(MovedClock(AtomicU64::new(ledger.clock)));
    // Nothing is dropped meanwhile.
    let store = open(directory, clock, Duration::from_secs(86_400));
    let recount = MemoryStore::new();
    let mut found = Vec::new();
    for number in ledger.numbers() {
        let Some(read) = trace(&store, trace_of(number), None) else {
            ledger.miss(number);
            continue;
        };
        let (mut read, expected) = (read.into_spans(), spans(number));
        read.sort_by_key(|span| span.span_id);
        assert_eq!(read, expected, "batch {number} is not what was written");
        write(&recount, &expected);
        found.push(number);
    }
    assert_eq!(store.condition().quarantined, Vec::<String>::new());
    assert_eq!(store.condition().spans, found.len() as u64 * u64::from(SPANS_PER_BATCH), "spans that nobody issued");
    compare(&store, &recount, &found);
    // A fresh batch is accepted and found.
    let fresh = ledger.number_next();
    ledger.issue(fresh, ledger.clock);
    write(&store, &spans(fresh));
    ledger.ack(fresh);
    assert_eq!(search(&store, by_number(fresh)).value.traces.len(), 1, "batch {fresh} was written just now");
    block_on(store.close()).expect("closes");
}

fn compare(store: &dyn Store, recount: &dyn Store, found: &[u64]) {
    let all = || TraceQuery::newest(TimeRange::ALL, TRACES_MAX);
    let mut queries = vec![all(), TraceQuery { errors_only: true, ..all() }];
    queries.extend(SERVICES.map(|service| TraceQuery { service: Some(service.to_owned()), ..all() }));
    queries.extend((0..BUCKETS).map(|bucket| by_attribute("bucket", format!("b{bucket}"))));
    // The newest, and some of all ages.
    queries.extend(found.iter().rev().take(SEARCHED).map(|number| by_number(*number)));
    queries.extend(found.iter().step_by(found.len() / SEARCHED + 1).map(|number| by_number(*number)));
    for query in queries {
        let (got, right) = (search(store, query.clone()), search(recount, query.clone()));
        assert_eq!(got.completeness.matched, right.completeness.matched, "{query:?}");
        assert!(got.value.traces == right.value.traces, "another list of traces: {query:?}");
    }
    for kind in [None, Some(SpanKind::Client)] {
        let query = NamesQuery::Operations { service: None, kind };
        assert_eq!(names(store, query.clone()), names(recount, query));
    }
    assert_eq!(names(store, NamesQuery::Services), names(recount, NamesQuery::Services));
    let minute = storage::rollup::RED_CELL;
    for (step, by_name, entry_only) in [(None, false, false), (Some(minute), true, false), (Some(minute), false, true)]
    {
        let query = RedQuery { range: TimeRange::ALL, step, service: None, by_name, entry_only };
        let (got, right) = (red(store, query.clone()), red(recount, query.clone()));
        assert!(got == right, "counts differ from a recount: {query:?}");
    }
    for step in [None, Some(minute)] {
        // Both halves of a call stand in one batch: nothing waits for the other one beyond its own generation.
        let query = EdgesQuery { range: TimeRange::ALL, step, node: None, provisional: true };
        let calls = |store: &dyn Store| -> Vec<_> {
            let series = edges(store, query.clone()).into_iter();
            let points = |series: EdgeSeries| {
                series.points.into_iter().map(move |point| (series.key.clone(), point.start, point.cell))
            };
            series.flat_map(points).collect()
        };
        let (got, right) = (calls(store), calls(recount));
        assert!(found.is_empty() || !right.is_empty(), "no calls to compare");
        let differs = got.iter().zip(&right).find(|(got, right)| got != right);
        assert!(got == right, "{} edges, a recount gives {}; {differs:?}: {query:?}", got.len(), right.len());
    }
}

fn by_number(number: u64) -> TraceQuery {
    by_attribute("number", number.to_string())
}

fn by_attribute(key: &str, value: String) -> TraceQuery {
    let fields = vec![FieldCondition::of_form(key, value)];
    TraceQuery { fields, ..TraceQuery::newest(TimeRange::ALL, TRACES_MAX) }
}
