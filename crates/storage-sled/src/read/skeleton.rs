//! A trace without what its spans carry, from the hot columns of its blocks. Attributes, events and links are never decoded.

use std::sync::Arc;

use model::skeleton::SkeletonSpan;
use model::{TraceId, TraceSkeleton, Warning};
use storage::Answer;

use super::pending::shown;
use crate::block::{BlockError, Parent};
use crate::blocks::StoredBlock;
use crate::index::SpanEntry;
use crate::shared::Shared;

/// A trace on its way, with the group of each span.
#[derive(Default)]
struct Growing {
    skeleton: TraceSkeleton,
    groups: Vec<u64>,
}

/// All its spans; `None` when there is none.
pub(crate) fn skeleton(shared: &Shared, id: TraceId) -> Answer<Option<TraceSkeleton>> {
    let mut growing = Growing::default();
    let (watermark, blocks) = {
        let index = shared.index();
        for span in index.spans_of(&id) {
            let Some(slot) = index.batch(span.batch) else { continue };
            growing.add_row(span, slot.batch.row(span.row as usize), slot.sequence);
        }
        (index.watermark, Arc::clone(&index.blocks))
    };
    for block in blocks.iter().filter(|block| block.may_hold(&id)) {
        if let Err(error) = growing.add_block(block, &id) {
            shared.note_damage(block, &error);
        }
    }
    let skeleton = growing.shown();
    let matched = skeleton.spans().len() as u64;
    let value = (matched > 0).then_some(skeleton);
    Answer { value, completeness: shared.completeness(matched, matched, watermark) }
}

impl Growing {
    fn add_row(&mut self, span: &SpanEntry, row: model::batch::RowView<'_>, sequence: u64) {
        let (service, name) = (self.skeleton.number(row.service()), self.skeleton.number(row.name()));
        self.skeleton.push(SkeletonSpan {
            span_id: span.span_id,
            parent_span_id: row.parent_span_id(),
            start: span.start,
            end: span.end,
            service,
            name,
            kind: span.kind,
            status: span.status,
            warnings: row.warnings(),
        });
        self.groups.push(sequence);
    }

    fn add_block(&mut self, block: &StoredBlock, id: &TraceId) -> Result<(), BlockError> {
        let open = block.reader()?;
        let spans = &open.spans;
        let Some(number) = spans.find(id)? else { return Ok(()) };
        let shapes_of_block = spans.shape_views()?;
        let rows = spans.rows_of_trace(number)?;
        let mut row = rows.start;
        while row < rows.end {
            let group = spans.group_of_row(row).ok_or(BlockError::Invalid("row number"))?;
            let all = spans.rows_of_group(group);
            let end = rows.end.min(all.end);
            let (shapes, parents, ids) = (spans.shapes(group)?, spans.parents(group)?, spans.span_ids(group)?);
            let starts = spans.starts(group)?;
            let ends = spans.ends_after(group, &starts)?;
            let warnings = spans.warnings(group, &shapes)?;
            let groups = open.annex.groups(group, all.len())?;
            for place in (row - all.start) as usize..(end - all.start) as usize {
                let shape = &shapes_of_block[shapes[place] as usize];
                let (service, name) = (self.skeleton.number(shape.service), self.skeleton.number(shape.name));
                self.skeleton.push(SkeletonSpan {
                    span_id: ids[place],
                    parent_span_id: match parents[place] {
                        Parent::None => None,
                        Parent::Row(above) => Some(ids[above as usize]),
                        Parent::Elsewhere(id) => Some(id),
                    },
                    start: starts[place],
                    end: ends[place],
                    service,
                    name,
                    kind: shape.kind,
                    status: shape.status,
                    warnings: warnings[place],
                });
                self.groups.push(block.record.group_first.saturating_add(groups[place]));
            }
            row = end;
        }
        Ok(())
    }

    /// Without the reports whose place was taken, see `pending`.
    fn shown(mut self) -> TraceSkeleton {
        let is_pending = |span: &SkeletonSpan| span.warnings.has(Warning::EndMissing);
        if !self.skeleton.spans().iter().any(is_pending) {
            return self.skeleton;
        }
        let report =
            |(span, group): (&SkeletonSpan, &u64)| ((span.span_id, span.kind, span.service), is_pending(span), *group);
        let mut shown = shown(self.skeleton.spans().iter().zip(&self.groups).map(report)).into_iter();
        self.skeleton.retain(|_| shown.next().unwrap_or(true));
        self.skeleton
    }
}
