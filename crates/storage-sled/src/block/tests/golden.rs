//! A block written by the first program that wrote format 1 opens for ever.

use storage::conformance::data::{of_service, rich, timed};

use super::*;

const GOLDEN: &[u8] = include_bytes!("../../../fixtures/block-1.bin");

fn spans() -> Vec<Span> {
    let mut spans = vec![rich(), timed(1, 3, 0, 1), timed(2, 1, 5, 5)];
    for number in 1..=20u8 {
        let mut span = of_service(timed(3, number, u64::from(number) * 1_000, 70_000), "cart");
        span.parent_span_id = model::SpanId::new([number - 1; 8]);
        span.attributes.set("http.request.method", "GET");
        span.attributes.set("client.address", format!("10.0.{number}.7"));
        span.attributes.set("user.id", format!("{:012x}", u64::from(number) * 0x0123_4567_89ab));
        span.attributes.set("size", i64::from(number) * 100);
        spans.push(span);
    }
    spans
}

#[test]
fn the_first_block_of_format_1_opens() {
    let reader = BlockReader::open(GOLDEN).expect("format 1 is read for ever");
    let mut found = Vec::new();
    for group in 0..reader.zones().len() {
        found.extend(spans_of(&reader.spans_of_group(group).expect("whole")));
    }
    assert_eq!(sorted(&found), sorted(&spans()));
    assert_eq!(reader.groups_with(super::super::Term::attribute("size", "700")).expect("whole"), 1);
}

#[test]
fn the_same_spans_still_make_the_same_bytes() {
    // When this fails and nothing else does, only the compressor has changed: then this test goes, the file stays.
    assert!(block_of(&[spans()]).bytes == GOLDEN, "the format has changed: it needs a new number");
}
