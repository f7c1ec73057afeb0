//! Claims about the index alone.

use model::testing::span;
use model::{BatchBuilder, UnixNanos};

use super::*;
use crate::content::Fingerprints;
use crate::partition::{Day, PartitionName};

fn partition(number: u32) -> Partition {
    Partition { name: PartitionName::new(number, Day::of(UnixNanos(0))), path: "nowhere".into() }
}

#[test]
fn a_span_entry_stays_small() {
    assert!(size_of::<SpanEntry>() <= 48, "{} bytes", size_of::<SpanEntry>());
}

#[test]
fn a_dropped_partition_leaves_the_spans_of_others() {
    let fingerprints = Fingerprints::default();
    let mut index = Index::default();
    for number in [1, 2] {
        index.add_partition(partition(number));
        let mut builder = BatchBuilder::new();
        builder.push(&span(1, number as u8, None));
        builder.push(&span(7, 1, None));
        builder.push(&span(10 + number as u8, 1, None));
        let batch = builder.finish().expect("three spans");
        let place = BatchPlace { sequence: number.into(), partition: number, page_first: 0, index: 0 };
        let (_, applied) = index.apply(place, &batch, &fingerprints.of_batch(&batch));
        assert_eq!(applied.spans, if number == 1 { 3 } else { 2 }, "the span of trace 7 is known the second time");
    }
    index.drop_partition(1);
    let traces: Vec<u8> = index.traces.keys().map(|id| id.bytes()[0]).collect();
    assert_eq!(traces, [1, 12]);
    assert_eq!(index.spans, 2);
}
