//! Claims about the oracle that no comparison with itself could prove.

use model::testing::span;
use model::{BatchBuilder, SpanBatch};

use super::*;

fn batch(spans: &[Span]) -> SpanBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish().expect("tests write at least one span")
}

#[test]
fn a_nan_equals_itself_and_minus_zero_is_not_zero() {
    let with = |value: f64| {
        let mut span = span(1, 1, None);
        span.attributes.set("x", value);
        span
    };
    assert!(matching::is_same(&with(f64::NAN), &with(f64::NAN)));
    assert!(!matching::is_same(&with(0.0), &with(-0.0)));
}

#[test]
fn a_batch_of_known_spans_starts_no_group() {
    let mut state = State::default();
    let (first, _) = state.write(&batch(&[span(1, 1, None), span(1, 1, None)])).expect("open");
    assert_eq!((first.sequence, first.spans, first.deduplicated), (1, 1, 1));
    let (again, _) = state.write(&batch(&[span(1, 1, None)])).expect("open");
    assert_eq!((again.sequence, again.spans, again.deduplicated), (1, 0, 1));
}
