//! A trace by its id.

use std::collections::BTreeMap;

use model::batch::SharedParts;
use model::{Trace, TraceId};
use storage::{Answer, StoredTrace};

use crate::index::TraceEntry;
use crate::shared::Shared;

/// All its spans. Spans whose pages do not read back are left out, and the answer says so.
pub(crate) fn trace(shared: &Shared, id: TraceId) -> Answer<Option<StoredTrace>> {
    let mut rows: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    let (sequence, watermark) = {
        let index = shared.index();
        let spans = index.traces.get(&id).map_or(&[][..], TraceEntry::spans);
        spans.iter().for_each(|span| rows.entry(span.batch).or_default().push(span.row));
        (spans.iter().map(|span| index.sequence_of(span)).max().unwrap_or(0), index.watermark)
    };
    let mut spans = Vec::new();
    for (batch, rows) in rows {
        // An error was noted as damage: the answer will say that it is not complete.
        let Ok(Some(batch)) = shared.batch(batch) else { continue };
        let mut parts = SharedParts::default();
        spans.extend(rows.iter().map(|row| batch.row(*row as usize).to_span(&mut parts)));
    }
    let matched = spans.len() as u64;
    let value = Trace::new(id, spans).map(|trace| StoredTrace { trace, sequence });
    Answer { value, completeness: shared.completeness(matched, matched, watermark) }
}
