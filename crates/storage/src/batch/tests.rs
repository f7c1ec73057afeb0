//! Claims about the binary form.

use model::{BatchBuilder, Span, SpanBatch, Value};
use proptest::prelude::*;

use super::*;
use crate::conformance::data::{any_span, rich, timed};

fn batch(spans: &[Span]) -> SpanBatch {
    let mut builder = BatchBuilder::new();
    spans.iter().for_each(|span| builder.push(span));
    builder.finish().expect("tests encode at least one span")
}

fn nested(depth: usize) -> Span {
    let mut value = Value::Int(1);
    for _ in 0..depth {
        value = Value::Array(vec![value]);
    }
    let mut span = timed(1, 1, 0, 0);
    span.attributes.set("deep", value);
    span
}

#[test]
fn every_field_and_type_comes_back() {
    let batch = batch(&[rich(), timed(1, 3, 0, 1), timed(2, 1, 5, 5)]);
    assert_eq!(decode(&encode(&batch).expect("shallow")), Ok(batch));
}

#[test]
fn nesting_is_bounded_on_both_sides() {
    let deepest = batch(&[nested(NESTING_MAX)]);
    assert_eq!(decode(&encode(&deepest).expect("allowed")), Ok(deepest));
    assert_eq!(encode(&batch(&[nested(NESTING_MAX + 1)])), Err(BatchError::Nesting));
}

#[test]
fn other_magic_other_versions_and_trailing_bytes_are_refused_by_name() {
    let bytes = encode(&batch(&[rich()])).expect("shallow");
    let changed = |place: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[place] = byte;
        decode(&bytes)
    };
    assert_eq!(changed(0, b'X'), Err(BatchError::Magic));
    assert_eq!(changed(4, 2), Err(BatchError::Version(2)));
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(decode(&longer), Err(BatchError::Trailing(1)));
    assert_eq!(decode(&[]), Err(BatchError::Truncated("header")));
}

#[test]
fn a_value_comes_back_alone_and_nothing_may_follow_it() {
    for pair in &rich().attributes {
        let mut bytes = Vec::new();
        encode_value(&mut bytes, &pair.value).expect("shallow");
        assert_eq!(decode_value(&bytes).as_ref(), Ok(&pair.value));
        bytes.push(0);
        assert_eq!(decode_value(&bytes), Err(BatchError::Trailing(1)));
    }
}

#[test]
fn no_prefix_of_a_batch_is_a_batch() {
    let bytes = encode(&batch(&[rich(), timed(1, 3, 0, 1)])).expect("shallow");
    for length in 0..bytes.len() {
        assert!(decode(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
}

#[test]
fn a_count_larger_than_the_rest_is_refused_before_allocation() {
    let mut bytes = [MAGIC.as_slice(), &[VERSION]].concat();
    bytes.extend([0xff; 9]);
    bytes.push(1);
    assert_eq!(decode(&bytes), Err(BatchError::Truncated("strings")));
}

proptest! {
    #[test]
    fn any_batch_comes_back(spans in proptest::collection::vec(any_span(), 1..20)) {
        let batch = batch(&spans);
        let bytes = encode(&batch).expect("shallow");
        // As bytes, too: a double that is not a number does not equal itself.
        prop_assert_eq!(decode(&bytes).map(|again| encode(&again).expect("shallow")), Ok(bytes));
    }

    #[test]
    fn no_bytes_panic(noise: Vec<u8>) {
        let header = [MAGIC.as_slice(), &[VERSION]].concat();
        prop_assert!(decode(&[header, noise].concat()).map_or(true, |batch| !batch.is_empty()));
    }

    #[test]
    fn no_change_of_bytes_panics(
        spans in proptest::collection::vec(any_span(), 1..4),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = encode(&batch(&[spans, vec![rich()]].concat())).expect("shallow");
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        // What still decodes is a batch like any other: it can be walked and encoded.
        if let Ok(batch) = decode(&bytes) {
            let spans: Vec<Span> = batch.rows().map(|row| row.to_span(&mut Default::default())).collect();
            prop_assert_eq!(spans.len(), batch.len());
            let again = encode(&batch).expect("decoding bounds the nesting");
            prop_assert_eq!(decode(&again).expect("own bytes").len(), batch.len());
        }
    }
}
