//! Claims about following what is committed.

use model::{Span, StatusCode};

use super::bed::{Bed, block_on, write};
use super::data::{rich, timed};
use crate::feed::GROUPS_KEPT;
use crate::{News, Subscription};

/// Everything there is to tell.
fn told(subscription: &mut Subscription) -> Vec<News> {
    std::iter::from_fn(|| subscription.try_next()).collect()
}

/// The spans of a group.
fn spans(news: &News) -> Vec<Span> {
    let mut shared = model::batch::SharedParts::default();
    let batches = news.group.batches.iter();
    batches.flat_map(|(_, batch)| batch.rows().map(|row| row.to_span(&mut shared)).collect::<Vec<_>>()).collect()
}

fn failed(mut span: Span) -> Span {
    span.status.code = StatusCode::Error;
    span
}

pub fn followers_hear_of_each_new_span_once_and_in_order(bed: &mut dyn Bed) {
    let store = bed.store();
    write(&*store, &[timed(9, 1, 0, 1)]);
    let mut follower = store.subscribe();
    let first = write(&*store, &[timed(1, 1, 0, 9), failed(timed(1, 2, 0, 9)), rich()]);
    // Repeated: inside a batch, beside a new span, alone.
    let second = write(&*store, &[failed(timed(1, 2, 0, 9)), timed(2, 1, 0, 9), timed(2, 1, 0, 9)]);
    write(&*store, &[timed(9, 1, 0, 1)]);
    let third = write(&*store, &[failed(timed(3, 1, 0, 9))]);
    let news = told(&mut follower);
    let outline: Vec<_> = news.iter().map(|news| (news.group.sequence, news.missed, news.spans, news.errors)).collect();
    let expected = [(first.sequence, 0, 3, 2), (second.sequence, 0, 1, 0), (third.sequence, 0, 1, 1)];
    assert_eq!(outline, expected, "the failed one of the second batch was known");
    assert_eq!(spans(&news[0]), [timed(1, 1, 0, 9), failed(timed(1, 2, 0, 9)), rich()]);
    assert_eq!(spans(&news[1]), [timed(2, 1, 0, 9)]);
    assert_eq!(news[1].group.batches[0].0, second, "what the writer was told");
    assert!(told(&mut follower).is_empty());
}

pub fn a_follower_that_came_too_late_hears_what_it_missed(bed: &mut dyn Bed) {
    let store = bed.store();
    let (mut slow, mut fast) = (store.subscribe(), store.subscribe());
    let (missed, mut heard) = (5, 0);
    for n in 0..GROUPS_KEPT + missed {
        let committed = write(&*store, &[failed(timed(n as u8 + 1, 1, 0, 1)), timed(n as u8 + 1, 2, 0, 1)]);
        let news = told(&mut fast);
        assert_eq!(
            news.iter().map(|news| (news.group.sequence, news.missed)).collect::<Vec<_>>(),
            [(committed.sequence, 0)]
        );
        heard += news[0].spans;
    }
    let news = told(&mut slow);
    assert_eq!((news.len(), news[0].missed), (GROUPS_KEPT, missed as u64));
    assert!(news[1..].iter().all(|news| news.missed == 0));
    let total = news.iter().fold((0, 0), |sum, news| (sum.0 + news.spans, sum.1 + news.errors));
    assert_eq!(total, (heard, heard / 2), "no count is lost with the groups");
    assert_eq!(news[0].group.sequence + GROUPS_KEPT as u64 - 1, store.condition().watermark);
}

pub fn a_follower_hears_the_end(bed: &mut dyn Bed) {
    let store = bed.store();
    let mut follower = store.subscribe();
    write(&*store, &[timed(1, 1, 0, 1)]);
    block_on(store.close()).expect("closes");
    assert_eq!(block_on(follower.next()).map(|news| news.spans), Some(1));
    assert!(block_on(follower.next()).is_none());
}
