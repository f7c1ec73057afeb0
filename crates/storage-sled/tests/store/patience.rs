//! What a search answers that may not take long: a part that is certain, that it is a part, and where to go on.

use std::time::Duration;

use model::TimeRange;
use storage::conformance::bed::{block_on, found};
use storage::{Answer, AttributesWanted, Count, NamesQuery, Order, TraceList, TraceQuery, TraceReader};

use crate::bed::SledBed;

/// Six blocks of a trace each, the newest last, and no time at all.
fn hurried() -> SledBed {
    let bed = SledBed::new(|settings| {
        settings.generation_spans_max = 1;
        settings.search_wait_max = Duration::ZERO;
    });
    (1..=6).for_each(|n| bed.block(n));
    bed
}

fn search(bed: &SledBed, query: &TraceQuery) -> Answer<TraceList> {
    block_on(bed.sled().search(query.clone())).expect("answers")
}

#[test]
fn an_answer_that_was_cut_is_the_newest_part_and_its_cursor_leads_to_the_rest() {
    let bed = hurried();
    for count in [Count::Exact, Count::None] {
        let mut query = TraceQuery { count, ..TraceQuery::newest(TimeRange::ALL, 10) };
        let mut all = Vec::new();
        for place in 0..6 {
            let page = search(&bed, &query);
            assert_eq!(found(&page), [6 - place], "one row group, and what is certain by it");
            let is_whole = place == 5 && count == Count::None;
            assert_eq!(page.completeness.complete, is_whole, "{:?}", page.completeness.reason);
            assert_eq!(page.completeness.reason.is_some(), !is_whole);
            all.extend(found(&page));
            let Some(next) = page.value.next else { break };
            query.after = Some(next);
        }
        assert_eq!(all, [6, 5, 4, 3, 2, 1]);
    }
}

#[test]
fn the_longest_of_a_part_may_not_be_the_longest_so_no_page_follows() {
    let bed = hurried();
    let page = search(&bed, &TraceQuery { order: Order::LongestFirst, ..TraceQuery::newest(TimeRange::ALL, 0) });
    assert!(!page.completeness.complete);
    assert_eq!(page.value.next, None);
}

#[test]
fn names_that_were_not_all_counted_say_so() {
    let bed = hurried();
    let wanted = AttributesWanted::most_frequent(TimeRange::ALL, 10);
    let answer = block_on(bed.sled().names(NamesQuery::AttributeKeys(wanted))).expect("answers");
    assert!(!answer.completeness.complete && answer.completeness.reason.is_some());
}
