//! An engine and the oracle are given the same random spans and asked the same random questions.

use std::sync::Arc;

use model::{SpanDuration, SpanKind, TimeRange};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::bed::{Bed, block_on, names, red, search, write};
use super::data::batches;
use super::questions::{any_names, any_query};
use crate::{Count, Cursor, MemoryStore, NamesQuery, RedQuery, Store, TraceQuery};

/// Each case adds to the store and to the oracle: the data grow, ties and duplicates with them.
pub fn engine_equals_oracle(bed: &mut dyn Bed) {
    let store = bed.store();
    let oracle: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let config =
        Config { cases: bed.random_cases(), failure_persistence: None, max_shrink_iters: 0, ..Config::default() };
    let questions = (proptest::collection::vec(any_query(), 1..8), proptest::collection::vec(any_names(), 1..6));
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&(batches(), questions), |(batches, questions)| {
        for batch in &batches {
            let (left, right) = (write(&*store, batch), write(&*oracle, batch));
            prop_assert_eq!(left, right);
        }
        for query in questions.0 {
            compare_searches(&*store, &*oracle, query)?;
        }
        for query in questions.1 {
            compare_names(&*store, &*oracle, query)?;
        }
        for span in batches.iter().flatten().take(3) {
            let read = |store: &dyn Store| block_on(store.trace(span.trace_id, None)).expect("answers").value;
            let (left, right) = (read(&*store), read(&*oracle));
            prop_assert_eq!(left.as_ref().map(|stored| stored.sequence), right.as_ref().map(|stored| stored.sequence));
            prop_assert_eq!(sorted(left), sorted(right));
        }
        Ok(())
    });
    outcome.expect("engine and oracle agree");
    compare_counts(&*store, &*oracle);
    assert_eq!(store.condition().spans, oracle.condition().spans);
    if bed.reopen() {
        let store = bed.store();
        compare_counts(&*store, &*oracle);
        compare_searches(&*store, &*oracle, TraceQuery::newest(TimeRange::ALL, 1_000)).expect("equal after reopening");
    }
}

fn sorted(stored: Option<crate::StoredTrace>) -> Vec<String> {
    let spans = stored.map(|stored| stored.trace.into_spans()).unwrap_or_default();
    let mut texts: Vec<String> = spans.iter().map(|span| format!("{span:?}")).collect();
    texts.sort_unstable();
    texts
}

/// All pages of the question, and as many again from a cursor into the past.
fn compare_searches(store: &dyn Store, oracle: &dyn Store, mut query: TraceQuery) -> Result<(), TestCaseError> {
    for _page in 0..4 {
        let (left, right) = (search(store, query.clone()), search(oracle, query.clone()));
        prop_assert_eq!(&left.value, &right.value, "{:?}", query);
        let (found, matched) = (left.completeness.matched, right.completeness.matched);
        let is_counted = query.count == Count::Exact;
        prop_assert!(found == matched || (found < matched && !is_counted), "{} of {}: {:?}", found, matched, query);
        prop_assert_eq!(left.completeness.watermark, right.completeness.watermark);
        let Some(next) = right.value.next else { break };
        query.after = Some(Cursor { watermark: next.watermark, ..next });
    }
    let watermark = oracle.condition().watermark / 2;
    if let Some(after) = &mut query.after {
        after.watermark = watermark;
        let (left, right) = (search(store, query.clone()), search(oracle, query.clone()));
        prop_assert_eq!(left.value, right.value, "as of group {}: {:?}", watermark, query);
    }
    Ok(())
}

fn compare_names(store: &dyn Store, oracle: &dyn Store, query: NamesQuery) -> Result<(), TestCaseError> {
    let ask = |store: &dyn Store| block_on(store.names(query.clone())).expect("answers");
    let (left, right) = (ask(store), ask(oracle));
    prop_assert_eq!(left.value, right.value, "{:?}", query);
    prop_assert_eq!(left.completeness.matched, right.completeness.matched, "{:?}", query);
    prop_assert!(left.completeness.complete);
    Ok(())
}

fn compare_counts(store: &dyn Store, oracle: &dyn Store) {
    let services = [None, Some("shop".to_owned()), Some("nobody".to_owned())];
    assert_eq!(names(store, NamesQuery::Services), names(oracle, NamesQuery::Services));
    for service in services {
        for kind in [None, Some(SpanKind::Server)] {
            let query = NamesQuery::Operations { service: service.clone(), kind };
            assert_eq!(names(store, query.clone()), names(oracle, query));
        }
        for (by_name, entry_only) in [(false, false), (false, true), (true, false), (true, true)] {
            for step in [None, Some(SpanDuration(1)), Some(SpanDuration::from_secs(120))] {
                let range = TimeRange::ALL;
                let query = RedQuery { range, step, service: service.clone(), by_name, entry_only };
                assert_eq!(red(store, query.clone()), red(oracle, query));
            }
        }
    }
}
