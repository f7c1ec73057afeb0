//! Claims about work in progress: its reports are shown until something later is known of it, and count in nothing.

use model::{Span, SpanKind, TimeRange, UnixNanos, Warning};

use super::bed::{Bed, block_on, found, names, red, search, trace, write};
use super::data::{of_service, timed};
use crate::{NamesQuery, RedQuery, Store, TraceQuery};

/// The report of a span that had not ended.
fn report(mut span: Span) -> Span {
    span.end = UnixNanos(0);
    span.warnings.add(Warning::EndMissing);
    span
}

/// So many spans of other traces that an engine puts what came before where it keeps old spans.
fn time_passes(store: &dyn Store, round: u8) {
    for n in 1..=20u8 {
        write(store, &[timed(100 + n, round, 0, 1)]);
    }
}

/// Names and durations of the spans of a trace, sorted, also after the store was closed and opened again.
fn check(bed: &mut dyn Bed, of: u8, expected: &[(&str, u64)]) {
    let mut times = 0;
    loop {
        let store = bed.store();
        let read = trace(&*store, timed(of, 1, 0, 0).trace_id, None).expect("written");
        let mut spans: Vec<_> = read.spans().iter().map(|span| (span.name.as_str(), span.duration().0)).collect();
        spans.sort_unstable();
        assert_eq!(spans, expected);
        let listed = search(&*store, TraceQuery::newest(TimeRange::ALL, 100)).value.traces;
        let summary = listed.iter().find(|summary| summary.trace_id == read.id).expect("listed");
        assert_eq!(summary, &read.summary(), "the line of the list is that of the trace");
        let skeleton = block_on(store.skeleton(read.id)).expect("answers").value.expect("stored");
        let bones = skeleton.spans().iter();
        let mut bones: Vec<_> =
            bones.map(|bone| (skeleton.word(bone.name), bone.end.since(bone.start).0, bone.warnings)).collect();
        let mut whole: Vec<_> =
            read.spans().iter().map(|span| (span.name.as_str(), span.duration().0, span.warnings)).collect();
        bones.sort_unstable_by_key(|bone| (bone.0, bone.1));
        whole.sort_unstable_by_key(|bone| (bone.0, bone.1));
        assert_eq!(bones, whole, "a skeleton has the same spans");
        drop(store);
        times += 1;
        if times == 2 || !bed.reopen() {
            return;
        }
    }
}

fn named(mut span: Span, name: &str) -> Span {
    span.name = name.to_owned();
    span
}

pub fn what_ends_takes_the_place_of_its_report(bed: &mut dyn Bed) {
    let store = bed.store();
    for (of, waits) in [(1, false), (2, true)] {
        let begun = [timed(of, 1, 0, 50), timed(of, 2, 5, 7)].map(report);
        assert_eq!(write(&*store, &begun).spans, 2);
        let read = trace(&*store, begun[0].trace_id, None).expect("a report is a span");
        assert_eq!(read.spans().len(), 2);
        if waits {
            time_passes(&*store, 1);
        }
        assert_eq!(write(&*store, &[timed(of, 1, 0, 50)]).spans, 1);
        if waits {
            time_passes(&*store, 2);
        }
        // The start may be told more exactly at the end.
        assert_eq!(write(&*store, &[timed(of, 2, 6, 8)]).spans, 1);
    }
    drop(store);
    for of in [1, 2] {
        check(bed, of, &[("op 1", 50), ("op 2", 8)]);
    }
}

pub fn a_report_that_comes_after_the_end_tells_nothing_new(bed: &mut dyn Bed) {
    let store = bed.store();
    let whole = timed(1, 1, 0, 50);
    assert_eq!(write(&*store, &[whole.clone(), report(whole.clone())]).deduplicated, 1, "in one batch");
    let late = report(named(whole.clone(), "late"));
    assert_eq!(write(&*store, std::slice::from_ref(&late)).spans, 0);
    time_passes(&*store, 1);
    assert_eq!(write(&*store, &[late, report(named(whole, "later"))]).deduplicated, 2);
    drop(store);
    check(bed, 1, &[("op 1", 50)]);
}

pub fn of_several_reports_the_latest_is_shown(bed: &mut dyn Bed) {
    let store = bed.store();
    let reported = |name: &str| report(named(timed(1, 1, 0, 50), name));
    write(&*store, &[reported("first"), reported("second")]);
    time_passes(&*store, 1);
    assert_eq!(write(&*store, &[reported("first")]).spans, 0, "it is known");
    write(&*store, &[reported("third")]);
    time_passes(&*store, 2);
    drop(store);
    check(bed, 1, &[("third", 0)]);
    let answer =
        search(&*bed.store(), TraceQuery { name: Some("second".into()), ..TraceQuery::newest(TimeRange::ALL, 5) });
    assert_eq!(answer.completeness.matched, 0, "what is shown no more is found no more");
    write(&*bed.store(), &[timed(1, 1, 0, 50)]);
    check(bed, 1, &[("op 1", 50)]);
}

pub fn two_ends_of_one_work_are_both_kept(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[report(timed(1, 1, 0, 50))]);
    time_passes(&*store, 1);
    write(&*store, &[timed(1, 1, 0, 50)]);
    time_passes(&*store, 2);
    assert_eq!(write(&*store, &[timed(1, 1, 0, 60)]).spans, 1);
    drop(store);
    check(bed, 1, &[("op 1", 50), ("op 1", 60)]);
}

pub fn another_kind_or_service_is_other_work(bed: &mut dyn Bed) {
    let store = bed.store();
    let pending = report(timed(1, 1, 0, 50));
    let mut other_side = timed(1, 1, 0, 20);
    other_side.kind = SpanKind::Client;
    write(&*store, &[pending, other_side]);
    time_passes(&*store, 1);
    write(&*store, &[of_service(timed(1, 1, 0, 30), "elsewhere")]);
    drop(store);
    check(bed, 1, &[("op 1", 0), ("op 1", 20), ("op 1", 30)]);
}

pub fn pending_spans_are_found_and_count_in_nothing(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[report(of_service(timed(7, 1, 0, 50), "busy"))]);
    let of_busy = || TraceQuery { service: Some("busy".into()), ..TraceQuery::newest(TimeRange::ALL, 5) };
    let minutes = || RedQuery { range: TimeRange::ALL, step: None, service: None, by_name: false, entry_only: false };
    let nothing = (red(&*store, minutes()), names(&*store, NamesQuery::Services));
    for round in 1..=2 {
        assert_eq!(found(&search(&*store, of_busy())), [7]);
        assert_eq!(
            search(&*store, TraceQuery { span_duration_min: Some(model::SpanDuration(1)), ..of_busy() })
                .completeness
                .matched,
            0
        );
        assert!(!format!("{nothing:?}").contains("busy"), "{nothing:?}");
        time_passes(&*store, round);
    }
    assert!(!format!("{:?}", red(&*store, minutes())).contains("busy"));
    write(&*store, &[of_service(timed(7, 1, 0, 50), "busy")]);
    drop(store);
    for _time in 0..2 {
        let series = red(&*bed.store(), RedQuery { service: Some("busy".into()), ..minutes() });
        let calls: u64 = series.iter().flat_map(|series| &series.points).map(|point| point.cell.calls).sum();
        assert_eq!(calls, 1, "once, when it has ended");
        bed.reopen();
    }
}
