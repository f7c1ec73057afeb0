//! Which traces match by their spans in memory. Not here: spans in blocks, and conditions on whole traces.

use std::sync::Arc;

use hashbrown::HashMap;
use model::{SpanBatch, TraceId};
use storage::{FieldCondition, TraceQuery};

use super::attributes::BatchConditions;
use super::extent::Extent;
use crate::blocks::hash_of;
use crate::index::{Index, SpanEntry, WantedText};

/// A trace with spans in memory.
pub(super) struct Candidate {
    pub(super) trace_id: TraceId,
    /// Of its spans in memory.
    pub(super) extent: Extent,
    /// Whether it may have spans in blocks too.
    pub(super) is_split: bool,
}

/// What was found in memory, with the batches that fields must be looked up in.
#[derive(Default)]
pub(super) struct Candidates {
    list: Vec<Candidate>,
    /// By number; nothing when no field is asked for.
    batches: HashMap<u32, OfBatch>,
}

/// What is left to be decided in a batch. Batch by batch, or each span would be fetched from another place of memory.
struct OfBatch {
    batch: Arc<SpanBatch>,
    /// Rows that meet every condition but those on fields, each with the place of its trace among the candidates.
    rows: Vec<(u32, u32)>,
}

/// The span conditions, with texts as the index knows them.
struct SpanConditions<'a> {
    query: &'a TraceQuery,
    service: Option<WantedText<'a>>,
    name: Option<WantedText<'a>>,
}

/// Every trace that matches by spans of groups up to `watermark`, conditions on fields aside.
pub(super) fn candidates(index: &Index, query: &TraceQuery, watermark: u64) -> Candidates {
    let mut found = Candidates::default();
    let Some(conditions) = SpanConditions::new(query, index) else { return found };
    // Most questions see everything: then no span needs its group looked up.
    let sees_all = watermark >= index.watermark;
    let by_fields = !query.fields.is_empty();
    let mut rows = Vec::new();
    for (trace_id, trace) in &index.traces {
        if !trace.may_start_in(&query.range) {
            continue;
        }
        let mut extent = Extent::NONE;
        let mut matches = false;
        rows.clear();
        let shown = trace.spans().iter().filter(|span| index.is_shown(span));
        for span in shown.filter(|span| sees_all || index.sequence_of(span) <= watermark) {
            extent.add(span.start, span.end);
            if (by_fields || !matches) && conditions.meets(span) {
                matches = true;
                if by_fields {
                    rows.push((span.batch, span.row));
                }
            }
        }
        if matches {
            let place = found.list.len() as u32;
            rows.iter().for_each(|(batch, row)| found.batch(index, *batch).rows.push((*row, place)));
            let is_split = index.split.contains(&hash_of(trace_id));
            found.list.push(Candidate { trace_id: *trace_id, extent, is_split });
        }
    }
    found
}

impl Candidates {
    fn batch(&mut self, index: &Index, number: u32) -> &mut OfBatch {
        self.batches.entry(number).or_insert_with(|| {
            let slot = index.batch(number).expect("a span in memory is of a batch in memory");
            OfBatch { batch: Arc::clone(&slot.batch), rows: Vec::new() }
        })
    }

    /// Keeps the candidates of which one span meets all conditions on fields.
    pub(super) fn with_fields(self, conditions: &[FieldCondition]) -> Vec<Candidate> {
        let Candidates { mut list, batches } = self;
        if conditions.is_empty() {
            return list;
        }
        let mut is_met = vec![false; list.len()];
        for OfBatch { batch, rows } in batches.into_values() {
            let mut conditions = BatchConditions::new(&batch, conditions);
            for (row, place) in rows {
                let is_met = &mut is_met[place as usize];
                *is_met = *is_met || conditions.row_meets_all(row as usize);
            }
        }
        let mut is_met = is_met.into_iter();
        list.retain(|_| is_met.next().unwrap_or(false));
        list
    }
}

impl<'a> SpanConditions<'a> {
    /// `None` when a name is asked for that no span has.
    fn new(query: &'a TraceQuery, index: &'a Index) -> Option<SpanConditions<'a>> {
        let wanted = |text: &'a Option<String>| match text {
            None => Some(None),
            Some(text) => index.wanted_text(text).map(Some),
        };
        Some(SpanConditions { query, service: wanted(&query.service)?, name: wanted(&query.name)? })
    }

    fn meets(&self, span: &SpanEntry) -> bool {
        let query = self.query;
        query.range.contains(span.start)
            && self.service.as_ref().is_none_or(|service| service.is_service(span))
            && self.name.as_ref().is_none_or(|name| name.is_name(span))
            && query.kind.is_none_or(|kind| span.kind == kind)
            && (!query.errors_only || span.is_error())
            && query.span_duration_min.is_none_or(|min| span.duration() >= min)
            && query.span_duration_max.is_none_or(|max| span.duration() <= max)
    }
}
