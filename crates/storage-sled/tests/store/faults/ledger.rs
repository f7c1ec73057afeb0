//! What was stored, and whether the answers of a store are the truth. Not here: the store, and what was done to it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Span, TimeRange, TraceId};
use storage::conformance::bed::{block_on, write};
use storage::{MemoryStore, NamesQuery, RedQuery, TraceQuery, TraceReader};
use storage_sled::SledStore;

/// Every span with its generation, and an oracle that has all of them.
pub(crate) struct Ledger {
    spans: BTreeMap<TraceId, Vec<(usize, Span)>>,
    oracle: MemoryStore,
}

/// What a store does not give back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loss {
    pub(crate) spans: usize,
    /// Of these generations.
    pub(crate) generations: BTreeSet<usize>,
}

impl Ledger {
    /// Of these batches, by generation.
    pub(crate) fn of(generations: &[Vec<Vec<Span>>]) -> Ledger {
        let (mut spans, oracle) = (BTreeMap::<_, Vec<_>>::new(), MemoryStore::new());
        for (generation, batches) in generations.iter().enumerate() {
            for batch in batches {
                write(&oracle, batch);
                batch.iter().for_each(|span| spans.entry(span.trace_id).or_default().push((generation, span.clone())));
            }
        }
        Ledger { spans, oracle }
    }

    /// Compares every answer with what was stored: what is there is true, and an answer that calls itself complete is whole.
    /// Says what is missing.
    pub(crate) fn compare(&self, store: &SledStore) -> Result<Loss, String> {
        let mut loss = Loss::default();
        for (trace_id, expected) in &self.spans {
            self.compare_trace(store, *trace_id, expected, &mut loss)?;
        }
        for service in [None, Some("cart"), Some("rich")] {
            let query = TraceQuery {
                service: service.map(str::to_owned),
                ..TraceQuery::newest(TimeRange::ALL, self.spans.len() + 1)
            };
            let (answer, truth) = (block_on(store.search(query.clone())), block_on(self.oracle.search(query)));
            let (answer, truth) = (answer.expect("answers"), truth.expect("answers"));
            let is_known = |id: &TraceId| self.spans.contains_key(id);
            if !answer.value.traces.iter().all(|summary| is_known(&summary.trace_id)) {
                return Err("a search finds a trace that was never stored".to_owned());
            }
            if answer.completeness.complete && answer.value.traces != truth.value.traces {
                return Err(format!("a search by service {service:?} calls itself complete and is not"));
            }
            if answer.completeness.matched > truth.completeness.matched {
                return Err("a search matches more than there is".to_owned());
            }
        }
        let names = NamesQuery::Operations { service: None, kind: None };
        let (answer, truth) = (block_on(store.names(names.clone())), block_on(self.oracle.names(names)));
        let (answer, truth) = (answer.expect("answers"), truth.expect("answers"));
        if answer.completeness.complete && answer.value != truth.value {
            return Err("names call themselves complete and are not".to_owned());
        }
        let red = RedQuery { range: TimeRange::ALL, step: None, service: None, by_name: true, entry_only: false };
        let (answer, truth) = (block_on(store.red(red.clone())), block_on(self.oracle.red(red)));
        let (answer, truth) = (answer.expect("answers"), truth.expect("answers"));
        if answer.completeness.complete && answer.value != truth.value {
            return Err("rates call themselves complete and are not".to_owned());
        }
        Ok(loss)
    }

    fn compare_trace(
        &self,
        store: &SledStore,
        id: TraceId,
        expected: &[(usize, Span)],
        loss: &mut Loss,
    ) -> Result<(), String> {
        let answer = block_on(store.trace(id, None)).expect("answers");
        let mut found = answer.value.map(|stored| stored.trace.into_spans()).unwrap_or_default();
        let mut missing = 0;
        for (generation, span) in expected {
            match found.iter().position(|found| found == span) {
                Some(place) => drop(found.swap_remove(place)),
                None => {
                    missing += 1;
                    loss.generations.insert(*generation);
                }
            }
        }
        loss.spans += missing;
        if !found.is_empty() {
            return Err(format!("trace {id} has {} spans that were never stored, or stored once", found.len()));
        }
        if missing > 0 && answer.completeness.complete {
            return Err(format!("trace {id} lacks {missing} spans and the answer calls itself complete"));
        }
        Ok(())
    }
}
