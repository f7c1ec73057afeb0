//! Claims about searches.

use model::{SpanDuration, SpanKind, StatusCode, TimeRange, UnixNanos};

use super::bed::{Bed, found, search, write};
use super::data::{DAY, of_service, timed};
use crate::{Count, FieldCondition, Order, Store, TraceQuery};

pub(super) fn all() -> TraceQuery {
    TraceQuery::newest(TimeRange::ALL, 100)
}

fn by_attribute(key: &str, value: &str) -> TraceQuery {
    TraceQuery { fields: vec![FieldCondition::of_form(key, value)], ..all() }
}

/// Asks, and checks that the count agrees with a page that holds everything.
pub(super) fn ids(store: &dyn Store, query: TraceQuery) -> Vec<u8> {
    let answer = search(store, query);
    assert_eq!(answer.completeness.matched, answer.value.traces.len() as u64);
    assert_eq!(answer.value.next, None);
    found(&answer)
}

pub fn each_condition_selects(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut special = of_service(timed(2, 1, 100, 50), "pay");
    special.name = "charge".into();
    special.kind = SpanKind::Server;
    special.status.code = StatusCode::Error;
    write(&*store, &[timed(1, 1, 10, 5), special, timed(3, 1, 200, 5), timed(3, 2, 900, 5)]);
    assert_eq!(ids(&*store, all()), [3, 2, 1]);
    assert_eq!(ids(&*store, TraceQuery { service: Some("pay".into()), ..all() }), [2]);
    assert_eq!(ids(&*store, TraceQuery { service: Some("nobody".into()), ..all() }), [0u8; 0]);
    assert_eq!(ids(&*store, TraceQuery { name: Some("charge".into()), ..all() }), [2]);
    assert_eq!(ids(&*store, TraceQuery { name: Some("nothing".into()), ..all() }), [0u8; 0]);
    assert_eq!(ids(&*store, TraceQuery { kind: Some(SpanKind::Server), ..all() }), [2]);
    assert_eq!(ids(&*store, TraceQuery { errors_only: true, ..all() }), [2]);
    assert_eq!(ids(&*store, TraceQuery { span_duration_min: Some(SpanDuration(50)), ..all() }), [2]);
    assert_eq!(ids(&*store, TraceQuery { span_duration_max: Some(SpanDuration(5)), ..all() }), [3, 1]);
    assert_eq!(ids(&*store, TraceQuery { trace_duration_min: Some(SpanDuration(51)), ..all() }), [3]);
    assert_eq!(ids(&*store, TraceQuery { trace_duration_max: Some(SpanDuration(50)), ..all() }), [2, 1]);
    let range = TimeRange { from: UnixNanos(DAY.0 + 10), to: UnixNanos(DAY.0 + 100) };
    assert_eq!(ids(&*store, TraceQuery { range, ..all() }), [1], "the end of the range is outside");
    let range = TimeRange { from: UnixNanos(DAY.0 + 900), to: UnixNanos(DAY.0 + 901) };
    assert_eq!(ids(&*store, TraceQuery { range, ..all() }), [3], "by a later span of the trace");
}

pub fn conditions_hold_on_one_span_at_once(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut failed = of_service(timed(1, 1, 0, 5), "shop");
    failed.status.code = StatusCode::Error;
    failed.attributes.set("x", 1);
    write(&*store, &[failed, of_service(timed(1, 2, 0, 5), "pay")]);
    assert_eq!(ids(&*store, TraceQuery { service: Some("pay".into()), errors_only: true, ..all() }), [0u8; 0]);
    assert_eq!(ids(&*store, TraceQuery { service: Some("shop".into()), errors_only: true, ..all() }), [1]);
    assert_eq!(ids(&*store, TraceQuery { service: Some("pay".into()), ..by_attribute("x", "1") }), [0u8; 0]);
}

pub fn newest_first_breaks_ties_by_id(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[timed(3, 1, 5, 1), timed(1, 1, 5, 9), timed(2, 1, 5, 4), timed(4, 1, 6, 1), timed(5, 1, 4, 1)]);
    assert_eq!(ids(&*store, all()), [4, 1, 2, 3, 5]);
}

pub fn longest_first_breaks_ties_by_id(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[timed(3, 1, 5, 7), timed(1, 1, 9, 7), timed(2, 1, 1, 8), timed(4, 1, 6, 1)]);
    assert_eq!(ids(&*store, TraceQuery { order: Order::LongestFirst, ..all() }), [2, 1, 3, 4]);
}

pub fn late_spans_update_the_summary(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut child = of_service(timed(1, 2, 100, 10), "pay");
    child.parent_span_id = model::SpanId::new([1; 8]);
    write(&*store, &[child.clone(), timed(2, 1, 50, 1)]);
    let before = search(&*store, all());
    assert_eq!(found(&before), [1, 2]);
    assert!(!before.value.traces[0].root_received);
    let root = of_service(timed(1, 1, 10, 500), "shop");
    write(&*store, std::slice::from_ref(&root));
    let after = search(&*store, TraceQuery { service: Some("pay".into()), ..all() });
    let mut expected = model::TraceSummary::of(&child);
    expected.add(&root);
    assert_eq!(after.value.traces, [expected], "the summary covers the whole trace, not only what matched");
    assert_eq!(found(&search(&*store, all())), [2, 1], "its first start has moved");
}

pub fn pages_concatenate_to_the_whole_while_more_is_written(bed: &mut dyn Bed) {
    let store = bed.store();
    for n in 1..=23u8 {
        write(&*store, &[timed(n, 1, u64::from(n % 5), u64::from(n % 3))]);
    }
    let mut extra = 0;
    for order in [Order::NewestFirst, Order::LongestFirst] {
        let whole = search(&*store, TraceQuery { order, ..all() });
        let mut query = TraceQuery { order, limit: 4, ..all() };
        let mut pages = Vec::new();
        loop {
            let page = search(&*store, query.clone());
            assert_eq!(page.completeness.matched, whole.completeness.matched, "as of the first page");
            assert_eq!(page.completeness.watermark, whole.completeness.watermark);
            pages.extend(page.value.traces);
            let Some(next) = page.value.next else { break };
            query.after = Some(next);
            // New traces before, between and after, and changes to traces of other pages.
            extra += 1;
            let newest = of_service(timed(100 + extra, 1, u64::from(extra), u64::from(extra)), "new");
            write(&*store, &[newest, timed(1, 100 + extra, 90, 90), timed(20, 100 + extra, 0, 99)]);
        }
        assert_eq!(pages, whole.value.traces);
    }
    assert!(extra >= 11, "23 and then 28 traces are six and seven pages of four");
}

pub fn a_limit_of_zero_still_counts(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[timed(1, 1, 0, 0), timed(2, 1, 0, 0)]);
    let answer = search(&*store, TraceQuery::newest(TimeRange::ALL, 0));
    assert_eq!((answer.completeness.matched, answer.value.traces.len()), (2, 0));
    assert_eq!(answer.value.next, None);
}

pub fn without_a_count_the_pages_are_the_same(bed: &mut dyn Bed) {
    let store = bed.store();
    for n in 1..=40u8 {
        write(&*store, &[timed(n, 1, u64::from(n) * 3, u64::from(n % 7)), timed(n, 2, u64::from(n), 1)]);
        // Comes late to a trace that was written long ago.
        write(&*store, &[timed(n / 2 + 1, 100 + n, u64::from(n), 200)]);
    }
    for order in [Order::NewestFirst, Order::LongestFirst] {
        let whole = search(&*store, TraceQuery { order, ..all() });
        let mut query = TraceQuery { order, limit: 3, count: Count::None, ..all() };
        let mut pages = Vec::new();
        loop {
            let page = search(&*store, query.clone());
            assert!(page.completeness.matched <= whole.completeness.matched);
            pages.extend(page.value.traces);
            let Some(next) = page.value.next else { break };
            query.after = Some(next);
        }
        assert_eq!(pages, whole.value.traces);
    }
}

pub fn odd_times_are_found_by_their_own_ranges(bed: &mut dyn Bed) {
    let store = bed.store();
    let starts: Vec<u64> = (1..=40u64)
        .map(|n| match n % 8 {
            // Each block of an engine with small blocks has some that are odd.
            0 => 5 * n,
            1 => u64::MAX - 5 * n,
            2 => DAY.0 + 400 * 86_400_000_000_000 + n,
            _ => DAY.0 + 1_000 * n,
        })
        .collect();
    for (n, start) in (1u8..).zip(&starts) {
        let mut span = timed(n, 1, 0, 0);
        (span.start, span.end) = (UnixNanos(*start), UnixNanos(start.saturating_add(3)));
        write(&*store, &[span]);
    }
    let edges = [0, 40, 41, DAY.0 - 1, DAY.0, DAY.0 + 20_001, DAY.0 + 100_000, u64::MAX / 2, u64::MAX - 100, u64::MAX];
    for (at, from) in edges.into_iter().enumerate() {
        for to in edges.into_iter().skip(at) {
            let range = TimeRange { from: UnixNanos(from), to: UnixNanos(to) };
            let mut expected: Vec<(u64, u8)> = starts.iter().copied().zip(1u8..).collect();
            expected.retain(|(start, _)| range.contains(UnixNanos(*start)));
            expected.sort_by_key(|(start, _)| std::cmp::Reverse(*start));
            let expected: Vec<u8> = expected.into_iter().map(|(_, n)| n).collect();
            assert_eq!(ids(&*store, TraceQuery { range, ..all() }), expected, "{range:?}");
            let mut query = TraceQuery { range, count: Count::None, limit: 3, ..all() };
            let mut pages = Vec::new();
            loop {
                let page = search(&*store, query.clone());
                pages.extend(found(&page));
                let Some(next) = page.value.next else { break };
                query.after = Some(next);
            }
            assert_eq!(pages, expected, "{range:?} in pages");
        }
    }
}
