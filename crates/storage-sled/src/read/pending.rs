//! Traces of which a report of unfinished work lies in a block: what took its place may lie elsewhere, so all spans are read.
//!
//! They are few: what ends while its report is in memory never comes here. Not here: traces that are in one place.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use model::{Span, TraceId, TraceSummary, Warning};
use storage::TraceQuery;
use storage::memory::matching::span_meets;

use super::trace::spans_of;
use crate::block::BlockError;
use crate::blocks::{StoredBlock, hash_of};
use crate::shared::Shared;

/// Whether a pending span of the trace is stored and the trace is in several places: then only all its spans together tell
/// which of them are shown.
pub(super) fn is_unsettled(shared: &Shared, id: &TraceId) -> bool {
    let (has_open, blocks) = {
        let index = shared.index();
        if !index.split.contains(&hash_of(id)) {
            return false;
        }
        (index.has_open(id), Arc::clone(&index.blocks))
    };
    has_open || blocks.iter().filter(|block| block.may_hold(id)).any(|block| has_pending(block, id).unwrap_or(false))
}

fn has_pending(block: &StoredBlock, id: &TraceId) -> Result<bool, BlockError> {
    let open = block.reader()?;
    match open.spans.find(id)? {
        Some(number) => Ok(open.spans.trace_warnings(number)?.has(Warning::EndMissing)),
        None => Ok(false),
    }
}

/// The summary of what is shown of the trace; `None` when there is nothing.
pub(super) fn summary_of(shared: &Shared, id: &TraceId, watermark: u64) -> Option<TraceSummary> {
    summary(&spans_shown(shared, id, watermark))
}

/// The same, when a span that is shown meets all span conditions.
pub(super) fn matching_summary(
    shared: &Shared,
    query: &TraceQuery,
    id: &TraceId,
    watermark: u64,
) -> Option<TraceSummary> {
    let spans = spans_shown(shared, id, watermark);
    spans.iter().any(|span| span_meets(query, span)).then(|| summary(&spans)).flatten()
}

fn summary(spans: &[Span]) -> Option<TraceSummary> {
    let (first, others) = spans.split_first()?;
    let mut summary = TraceSummary::of(first);
    others.iter().for_each(|span| summary.add(span));
    Some(summary)
}

/// Of groups up to `watermark`. What was replaced later is not shown any more either: a question about the past does not bring
/// back what is known better now.
fn spans_shown(shared: &Shared, id: &TraceId, watermark: u64) -> Vec<Span> {
    let mut found = spans_of(shared, id);
    leave_out_replaced(&mut found);
    found.into_iter().filter(|(sequence, _)| *sequence <= watermark).map(|(_, span)| span).collect()
}

/// Leaves out each pending span of which there is a later report: one that it ended, or a newer one that it had not.
pub(super) fn leave_out_replaced(spans: &mut Vec<(u64, Span)>) {
    let is_pending = |(_, span): &(u64, Span)| span.is_pending();
    if !spans.iter().any(is_pending) {
        return;
    }
    let report = |(sequence, span): &(u64, Span)| {
        ((span.span_id, span.kind, span.service().to_owned()), span.is_pending(), *sequence)
    };
    let mut shown = shown(spans.iter().map(report)).into_iter();
    spans.retain(|_| shown.next().unwrap_or(true));
}

/// Which reports are shown: each is the work that it reports, whether it is pending, and its group.
pub(super) fn shown<K: Eq + Hash>(reports: impl Iterator<Item = (K, bool, u64)> + Clone) -> Vec<bool> {
    // In memory a later report took the place of an earlier one, so no two that are left are of one generation or group.
    let mut latest: HashMap<K, u64> = HashMap::new();
    for (work, is_pending, sequence) in reports.clone() {
        let told = if is_pending { sequence } else { u64::MAX };
        let known = latest.entry(work).or_default();
        *known = told.max(*known);
    }
    reports.map(|(work, is_pending, sequence)| !is_pending || latest.get(&work) == Some(&sequence)).collect()
}
