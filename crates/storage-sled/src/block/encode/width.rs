//! Can every span of a batch become part of a block? Asked before it is accepted. Not here: how many blocks it takes.

use model::SpanBatch;
use model::batch::Columns;

use super::super::GROUP_CELLS_MAX;

/// Cells that a span, an event or a link takes beside its attributes, at most, itself included.
const CELLS_BESIDE: usize = 10;

/// Whether each span fits into a row group: it has fewer than about four million attributes, events and links.
pub fn fits(batch: &SpanBatch) -> bool {
    let columns = batch.columns();
    let parts = batch.len() + columns.events.len() + columns.links.len();
    // Nearly always all spans together are no more than one may be.
    columns.attributes.len() + CELLS_BESIDE * parts < GROUP_CELLS_MAX
        || (0..batch.len()).all(|row| cells_of(columns, row) < GROUP_CELLS_MAX)
}

/// No fewer cells than the span takes.
fn cells_of(columns: &Columns, row: usize) -> usize {
    let events = &columns.events[columns.span_events[row].range()];
    let links = &columns.links[columns.span_links[row].range()];
    let of_events = events.iter().map(|event| event.attributes.range().len() + CELLS_BESIDE);
    let of_links = links.iter().map(|link| link.attributes.range().len() + CELLS_BESIDE);
    columns.span_attributes[row].range().len() + CELLS_BESIDE + of_events.chain(of_links).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::block::{BlockBuilder, BuildError};
    use model::testing::span;
    use model::{BatchBuilder, Event, Span, UnixNanos};

    fn with_events(count: usize) -> SpanBatch {
        let event =
            Event { time: UnixNanos(1), name: "e".into(), attributes: Default::default(), attributes_dropped: 1 };
        let mut builder = BatchBuilder::new();
        builder.push(&Span { events: vec![event; count], ..span(1, 1, None) });
        builder.push(&span(1, 2, None));
        builder.finish().expect("two spans")
    }

    #[test]
    fn what_fits_can_be_built_and_what_cannot_be_built_does_not_fit() {
        let wide = with_events(GROUP_CELLS_MAX / CELLS_BESIDE - 10);
        assert!(fits(&wide));
        let mut builder = BlockBuilder::new(0);
        builder.push(&wide).expect("not too large for a row group");
        assert_eq!(builder.finish().expect("a block").summary.rows, 2);
        let too_wide = with_events(GROUP_CELLS_MAX / 2);
        assert!(!fits(&too_wide));
        assert!(matches!(BlockBuilder::new(0).push(&too_wide), Err(BuildError::SpanTooLarge)));
    }
}
