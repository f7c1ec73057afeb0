//! Small columns for the tests of the timeline.

use std::sync::Arc;

use api::TraceColumns;

/// Columns from (depth, start, duration), in depth-first order; one service, one name.
pub(crate) fn columns(rows: &[(u16, u64, u64)]) -> Arc<TraceColumns> {
    let mut columns =
        TraceColumns { services: vec!["shop".into()], names: vec!["op".into()], ..TraceColumns::default() };
    let mut open: Vec<u32> = Vec::new();
    for (row, (depth, start, duration)) in (0u32..).zip(rows) {
        open.truncate(usize::from(*depth));
        columns.parent.push(open.last().copied().unwrap_or(TraceColumns::NO_PARENT));
        columns.depth.push(*depth);
        columns.subtree.push(0);
        for above in &open {
            columns.subtree[*above as usize] += 1;
        }
        columns.start.push(*start);
        columns.duration.push(*duration);
        columns.extent = columns.extent.max(start + duration);
        columns.service.push(0);
        columns.name.push(0);
        columns.flags.push(1);
        open.push(row);
    }
    Arc::new(columns)
}
