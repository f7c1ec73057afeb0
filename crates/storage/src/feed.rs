//! What was just committed, for whoever follows it live. Not here: history; a follower that came too late asks the store.
//!
//! Nothing is queued per follower and nobody waits for one: the last groups are kept once, and each follower has its own place.
//! A slow one finds that groups are gone, and how many spans were in them.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use model::SpanBatch;

use crate::write::Committed;

/// Groups kept for followers.
pub const GROUPS_KEPT: usize = 64;

/// A group as its followers see it.
#[derive(Clone, Debug)]
pub struct CommittedGroup {
    /// Its number.
    pub sequence: u64,
    /// Its batches without the spans that were stored before, each with what its writer was told. Never empty.
    pub batches: Vec<(Committed, Arc<SpanBatch>)>,
    /// Everything published up to here.
    totals: Totals,
}

#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    groups: u64,
    spans: u64,
    errors: u64,
}

/// What a follower is told.
#[derive(Clone, Debug)]
pub struct News {
    /// The oldest group that the follower was not told of and that is still there.
    pub group: Arc<CommittedGroup>,
    /// Groups between the one told before and this one.
    pub missed: u64,
    /// Spans since what was told before: of this group and of those missed.
    pub spans: u64,
    /// How many of them failed.
    pub errors: u64,
}

/// Where a store publishes.
#[derive(Debug)]
pub struct Feed {
    state: Mutex<State>,
    bytes_max: usize,
}

#[derive(Debug, Default)]
struct State {
    /// Invariant: at most [`GROUPS_KEPT`], numbered without gaps up to `totals.groups`, each with its bytes.
    groups: VecDeque<(Arc<CommittedGroup>, usize)>,
    bytes: usize,
    totals: Totals,
    /// Followers that wait, at most one waker each.
    waiting: Vec<(u64, Waker)>,
    followers: usize,
    follower_next: u64,
    is_closed: bool,
}

/// A follower's place. It is told of everything that is committed after it began.
#[derive(Debug)]
pub struct Subscription {
    feed: Arc<Feed>,
    id: u64,
    told: Totals,
}

// === impl Feed ===

impl Feed {
    /// Keeps the last groups as long as they have about `bytes_max` in memory; the newest one in any case.
    pub fn new(bytes_max: usize) -> Arc<Feed> {
        Arc::new(Feed { state: Mutex::default(), bytes_max })
    }

    /// Begins to follow.
    pub fn subscribe(self: &Arc<Feed>) -> Subscription {
        let mut state = self.state();
        state.followers += 1;
        state.follower_next += 1;
        Subscription { feed: Arc::clone(self), id: state.follower_next, told: state.totals }
    }

    /// Tells all followers of a group of about `bytes`; they take it when they like. Called in the order of the groups, when
    /// readers see the spans. Batches without a new span are left out.
    pub fn publish(&self, sequence: u64, mut batches: Vec<(Committed, Arc<SpanBatch>)>, bytes: usize) {
        batches.retain(|(committed, _)| committed.spans > 0);
        if batches.is_empty() {
            return;
        }
        let spans: u64 = batches.iter().map(|(committed, _)| committed.spans).sum();
        let errors =
            batches.iter().map(|(_, batch)| batch.rows().filter(|row| row.is_error()).count() as u64).sum::<u64>();
        let waiting = {
            let mut state = self.state();
            let Totals { groups, spans: before, errors: failed } = state.totals;
            state.totals = Totals { groups: groups + 1, spans: before + spans, errors: failed + errors };
            // Whoever comes later is told of later groups only, so without followers nothing is kept.
            if state.followers > 0 {
                let group = Arc::new(CommittedGroup { sequence, batches, totals: state.totals });
                state.keep(group, bytes, self.bytes_max);
            }
            std::mem::take(&mut state.waiting)
        };
        // Outside the lock: a waker may poll at once.
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
    }

    /// Nothing more will come.
    pub fn close(&self) {
        let waiting = {
            let mut state = self.state();
            state.is_closed = true;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(|(_, waker)| waker.wake());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No step under the lock can panic half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn keep(&mut self, group: Arc<CommittedGroup>, bytes: usize, bytes_max: usize) {
        self.groups.push_back((group, bytes));
        self.bytes += bytes;
        while self.groups.len() > GROUPS_KEPT || (self.bytes > bytes_max && self.groups.len() > 1) {
            let gone = self.groups.pop_front().map_or(0, |(_, bytes)| bytes);
            self.bytes -= gone;
        }
    }

    /// The oldest group after `told`.
    fn after(&self, told: Totals) -> Option<Arc<CommittedGroup>> {
        let oldest = self.groups.front()?.0.totals.groups;
        let place = usize::try_from((told.groups + 1).saturating_sub(oldest)).ok()?;
        self.groups.get(place).map(|(group, _)| Arc::clone(group))
    }
}

// === impl Subscription ===

impl Subscription {
    /// What is there to tell now, without waiting.
    pub fn try_next(&mut self) -> Option<News> {
        let group = self.feed.state().after(self.told)?;
        let before = std::mem::replace(&mut self.told, group.totals);
        let Totals { groups, spans, errors } = group.totals;
        let missed = groups - before.groups - 1;
        Some(News { group, missed, spans: spans - before.spans, errors: errors - before.errors })
    }

    /// Waits for news; `None` when the store was closed and everything was told. A dropped future loses nothing.
    pub async fn next(&mut self) -> Option<News> {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<News>> {
        // Before looking: what is published in between wakes us.
        let is_closed = self.wait(context.waker());
        match self.try_next() {
            Some(news) => Poll::Ready(Some(news)),
            None if is_closed => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// Whether nothing more will be published.
    fn wait(&self, waker: &Waker) -> bool {
        let mut state = self.feed.state();
        match state.waiting.iter_mut().find(|(id, _)| *id == self.id) {
            Some((_, known)) => known.clone_from(waker),
            None => state.waiting.push((self.id, waker.clone())),
        }
        state.is_closed
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.feed.state();
        state.waiting.retain(|(id, _)| *id != self.id);
        state.followers -= 1;
        if state.followers == 0 {
            state.groups.clear();
            state.bytes = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::testing::span;
    use model::{BatchBuilder, StatusCode};

    /// Publishes group `number` with `spans` spans, one of which failed.
    fn publish(feed: &Feed, number: u64, spans: u8, bytes: usize) {
        let mut builder = BatchBuilder::new();
        for id in 1..=spans {
            let mut span = span(1, id, None);
            span.status.code = if id == 1 { StatusCode::Error } else { StatusCode::Unset };
            builder.push(&span);
        }
        let batch = builder.finish().expect("a group has spans");
        let committed = Committed { sequence: number, spans: spans.into(), deduplicated: 0, range: batch.range() };
        feed.publish(number, vec![(committed, Arc::new(batch))], bytes);
    }

    fn told(subscription: &mut Subscription) -> Vec<(u64, u64, u64, u64)> {
        std::iter::from_fn(|| subscription.try_next())
            .map(|news| (news.group.sequence, news.missed, news.spans, news.errors))
            .collect()
    }

    #[test]
    fn each_follower_has_its_own_place_and_hears_what_comes_after_it_began() {
        let feed = Feed::new(usize::MAX);
        publish(&feed, 1, 9, 1);
        let mut first = feed.subscribe();
        publish(&feed, 2, 3, 1);
        let mut second = feed.subscribe();
        publish(&feed, 3, 2, 1);
        assert_eq!(told(&mut first), [(2, 0, 3, 1), (3, 0, 2, 1)]);
        assert_eq!(told(&mut second), [(3, 0, 2, 1)]);
        assert_eq!(told(&mut second), []);
    }

    #[test]
    fn a_slow_follower_hears_of_the_gap_and_loses_no_count() {
        let feed = Feed::new(usize::MAX);
        let mut slow = feed.subscribe();
        (1..=GROUPS_KEPT as u64 + 10).for_each(|number| publish(&feed, number, 2, 1));
        let heard = told(&mut slow);
        assert_eq!((heard.len(), heard[0], heard[1]), (GROUPS_KEPT, (11, 10, 22, 11), (12, 0, 2, 1)));
        assert_eq!(heard.iter().map(|news| news.2).sum::<u64>(), 2 * (GROUPS_KEPT as u64 + 10));
    }

    #[test]
    fn what_is_kept_is_bounded_by_bytes_and_nothing_is_kept_for_nobody() {
        let feed = Feed::new(100);
        let mut slow = feed.subscribe();
        [(1, 60), (2, 50), (3, 40), (4, 500)].into_iter().for_each(|(number, bytes)| publish(&feed, number, 1, bytes));
        assert_eq!(told(&mut slow), [(4, 3, 4, 4)], "one larger than all is kept alone");
        publish(&feed, 5, 1, 10);
        drop(slow);
        publish(&feed, 6, 1, 10);
        let state = feed.state();
        assert_eq!((state.groups.len(), state.bytes, state.totals.groups), (0, 0, 6));
    }

    #[test]
    fn a_waiting_follower_is_woken_by_news_and_by_the_end() {
        struct Count(std::sync::atomic::AtomicUsize);
        impl std::task::Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            }
        }
        let feed = Feed::new(usize::MAX);
        let mut follower = feed.subscribe();
        let count = Arc::new(Count(0.into()));
        let waker = Waker::from(Arc::clone(&count));
        let mut context = Context::from_waker(&waker);
        let woken = || count.0.load(std::sync::atomic::Ordering::SeqCst);
        assert!(follower.poll_next(&mut context).is_pending());
        assert!(follower.poll_next(&mut context).is_pending());
        publish(&feed, 1, 1, 1);
        assert_eq!(woken(), 1, "once, however often it asked");
        assert!(matches!(follower.poll_next(&mut context), Poll::Ready(Some(_))));
        assert!(follower.poll_next(&mut context).is_pending());
        feed.close();
        assert_eq!(woken(), 2);
        assert!(matches!(follower.poll_next(&mut context), Poll::Ready(None)));
    }
}
