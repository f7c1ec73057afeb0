//! A hub and a listener, stepped by hand: no clock runs and nothing sleeps.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use api::TraceItem;
use api::live::{Body, NEWEST_TRACES, Second};
use futures_util::FutureExt;
use model::testing::span;
use model::{BatchBuilder, StatusCode, TraceId, UnixNanos};
use storage::memory::MemoryStore;
use storage::{Clock, SpanWriter, Subscription};

use super::*;
use crate::live::ring::DIFFS_KEPT;

struct HandClock(AtomicU64);

impl Clock for HandClock {
    fn now(&self) -> UnixNanos {
        UnixNanos(self.0.load(Ordering::SeqCst))
    }
}

struct Bench {
    clock: Arc<HandClock>,
    store: MemoryStore,
    subscription: Subscription,
    hub: Arc<LiveHub>,
    sent: u64,
    /// Start of the span sent as number so and so.
    start_of: fn(u64) -> u64,
}

impl Bench {
    fn new(start_secs: u64) -> Bench {
        let clock = Arc::new(HandClock(AtomicU64::new(start_secs * 1_000_000_000)));
        let store = MemoryStore::new();
        let hub = LiveHub::new(Arc::clone(&clock) as Arc<dyn Clock>);
        Bench { subscription: store.subscribe(), store, hub, clock, sent: 0, start_of: |sent| sent }
    }

    /// A group of `spans` spans of traces of their own, of which the first one failed. The hub hears of it later.
    fn write(&mut self, spans: u64) {
        let mut builder = BatchBuilder::new();
        for number in 0..spans {
            self.sent += 1;
            let mut span = span(1, 1, None);
            let mut id = [7; 16];
            id[..8].copy_from_slice(&self.sent.to_be_bytes());
            span.trace_id = TraceId::new(id).expect("ends in sevens");
            span.start = UnixNanos((self.start_of)(self.sent));
            span.status.code = if number == 0 { StatusCode::Error } else { StatusCode::Unset };
            builder.push(&span);
        }
        if let Some(batch) = builder.finish() {
            let written = self.store.write(Arc::new(batch)).now_or_never().expect("a store in memory does not wait");
            written.expect("the store is open");
        }
    }

    /// One second passes, in which `spans` spans of traces of their own come in.
    fn second(&mut self, spans: u64) {
        self.write(spans);
        while let Some(news) = self.subscription.try_next() {
            self.hub.take(&news);
        }
        self.clock.0.fetch_add(1_000_000_000, Ordering::SeqCst);
        self.hub.tick();
    }
}

/// A page: applies frames by the rules of the contract and fails on any gap.
#[derive(Default)]
struct Page {
    session: Session,
    seq: [Option<u64>; 2],
    seconds: Vec<Second>,
    newest: Vec<TraceItem>,
    snapshots: usize,
    diffs: usize,
}

impl Page {
    fn greet(&mut self, hub: &LiveHub, resume: Vec<Resume>) {
        let hello = ClientFrame::Hello { protocol: PROTOCOL, topics: TOPICS.to_vec(), resume };
        let welcome = self.send(&hello, hub).expect("a good greeting").expect("is answered");
        assert!(matches!(postcard::from_bytes(&welcome), Ok(ServerFrame::Welcome { protocol: PROTOCOL, .. })));
    }

    fn send(&mut self, frame: &ClientFrame, hub: &LiveHub) -> Result<Option<Bytes>, Farewell> {
        self.session.receive(&postcard::to_stdvec(frame).expect("encodes"), hub)
    }

    fn listen(&mut self, hub: &LiveHub) {
        for frame in self.session.due(hub) {
            match postcard::from_bytes(&frame).expect("a frame of ours") {
                ServerFrame::Snapshot { seq, body } => {
                    self.snapshots += 1;
                    match body {
                        Body::Counters(seconds) => (self.seq[0], self.seconds) = (Some(seq), seconds),
                        Body::Newest(items) => (self.seq[1], self.newest) = (Some(seq), items),
                    }
                }
                ServerFrame::Diff { from_seq, to_seq, body } => {
                    self.diffs += 1;
                    let place = usize::from(body.topic() == Topic::Newest);
                    assert_eq!(self.seq[place], Some(from_seq), "a diff applies on top of what is held");
                    self.seq[place] = Some(to_seq);
                    match body {
                        Body::Counters(seconds) => self.seconds.extend(seconds),
                        Body::Newest(items) => self.upsert(items),
                    }
                }
                other => panic!("not due: {other:?}"),
            }
        }
    }

    fn upsert(&mut self, items: Vec<TraceItem>) {
        for item in items {
            self.newest.retain(|known| known.trace_id != item.trace_id);
            self.newest.push(item);
        }
        self.newest.sort_by_key(|item| std::cmp::Reverse(item.start));
        self.newest.truncate(NEWEST_TRACES);
    }

    fn counted(&self) -> u64 {
        self.seconds.iter().map(|second| second.spans).sum()
    }

    fn resume_point(&self, epoch: u64) -> Vec<Resume> {
        TOPICS.into_iter().zip(self.seq).filter_map(|(topic, seq)| Some(Resume { topic, epoch, seq: seq? })).collect()
    }

    /// A new connection of the same page.
    fn reconnect(&mut self, hub: &LiveHub, epoch: u64) {
        self.session = Session::default();
        (self.snapshots, self.diffs) = (0, 0);
        self.greet(hub, self.resume_point(epoch));
        self.listen(hub);
    }
}

#[test]
fn a_snapshot_and_diffs_add_up_to_the_totals() {
    let mut bench = Bench::new(1_000);
    bench.second(3);
    let mut page = Page::default();
    page.greet(&bench.hub, Vec::new());
    page.listen(&bench.hub);
    for spans in [0, 5, 80, 0, 1] {
        bench.second(spans);
        page.listen(&bench.hub);
        page.listen(&bench.hub);
    }
    assert_eq!((page.counted(), page.seconds.last().map(|second| second.spans_total)), (89, Some(89)));
    assert_eq!((page.newest.len(), page.newest[0].start), (NEWEST_TRACES, 89));
    assert_eq!((page.snapshots, page.diffs), (2, 8), "one snapshot per topic, then diffs when something is new");
}

#[test]
fn a_hub_that_missed_groups_counts_them_and_asks_the_store_for_their_traces() {
    let mut bench = Bench::new(1_000);
    // The newest traces are in the groups that are missed.
    bench.start_of = |sent| 10_000 - sent;
    let mut page = Page::default();
    page.greet(&bench.hub, Vec::new());
    let groups = storage::feed::GROUPS_KEPT as u64 + 36;
    (0..groups).for_each(|_| bench.write(2));
    bench.second(0);
    page.listen(&bench.hub);
    assert_eq!((page.counted(), page.seconds.iter().map(|second| second.errors).sum::<u64>()), (2 * groups, groups));
    assert!(bench.hub.is_newest_in_part());
    assert!(page.newest.iter().all(|item| item.start < 9_990));
    let asked = bench.hub.ask_newest(&bench.store).now_or_never();
    asked.expect("a store in memory does not wait");
    assert!(!bench.hub.is_newest_in_part());
    bench.second(1);
    page.listen(&bench.hub);
    let starts: Vec<u64> = page.newest.iter().map(|item| item.start).collect();
    assert_eq!(starts, (1..=NEWEST_TRACES as u64).map(|sent| 10_000 - sent).collect::<Vec<_>>());
}

#[test]
fn whoever_comes_back_within_the_ring_gets_one_diff() {
    let mut bench = Bench::new(1_000);
    let mut page = Page::default();
    page.greet(&bench.hub, Vec::new());
    page.listen(&bench.hub);
    (0..DIFFS_KEPT).for_each(|_| bench.second(2));
    page.reconnect(&bench.hub, bench.hub.epoch());
    assert_eq!((page.snapshots, page.diffs), (0, 2));
    assert_eq!(page.newest[0].start, bench.sent);
    assert_eq!(page.seconds.last().map(|second| second.spans_total), Some(bench.sent));
}

#[test]
fn whoever_comes_back_later_gets_a_snapshot() {
    let mut bench = Bench::new(1_000);
    let mut page = Page::default();
    page.greet(&bench.hub, Vec::new());
    page.listen(&bench.hub);
    (0..=DIFFS_KEPT).for_each(|_| bench.second(2));
    page.reconnect(&bench.hub, bench.hub.epoch());
    assert_eq!((page.snapshots, page.diffs), (2, 0));
    assert_eq!(page.newest[0].start, bench.sent);
}

#[test]
fn after_a_restart_of_the_server_a_page_gets_snapshots() {
    let mut page = Page::default();
    let first = Bench::new(1_000);
    page.greet(&first.hub, Vec::new());
    page.listen(&first.hub);
    let mut second = Bench::new(2_000);
    second.second(1);
    page.reconnect(&second.hub, first.hub.epoch());
    assert_eq!((page.snapshots, page.diffs), (2, 0));
    assert_eq!(page.newest.len(), 1);
}

#[test]
fn a_slow_listener_gets_the_newest_state_and_not_a_queue() {
    let mut bench = Bench::new(1_000);
    let mut page = Page::default();
    page.greet(&bench.hub, Vec::new());
    page.listen(&bench.hub);
    (0..5).for_each(|_| bench.second(1));
    let frames = page.session.due(&bench.hub);
    assert_eq!(frames.len(), 2, "one frame per topic, however many ticks passed");
    assert!(matches!(postcard::from_bytes(&frames[0]), Ok(ServerFrame::Snapshot { seq: 5, .. })));
}

#[test]
fn a_hidden_page_gets_nothing_and_then_what_it_missed() {
    let mut bench = Bench::new(1_000);
    let mut page = Page::default();
    page.greet(&bench.hub, Vec::new());
    page.listen(&bench.hub);
    page.send(&ClientFrame::Pause, &bench.hub).expect("allowed");
    (0..3).for_each(|_| bench.second(1));
    assert!(page.session.due(&bench.hub).is_empty());
    page.send(&ClientFrame::Continue, &bench.hub).expect("allowed");
    page.listen(&bench.hub);
    assert_eq!((page.snapshots, page.diffs, page.counted()), (2, 2, 3));
}

#[test]
fn all_listeners_share_the_bytes_of_a_tick() {
    let mut bench = Bench::new(1_000);
    let mut pages = [Page::default(), Page::default()];
    for page in &mut pages {
        page.greet(&bench.hub, Vec::new());
        page.listen(&bench.hub);
    }
    bench.second(1);
    let [left, right] = pages.each_mut().map(|page| page.session.due(&bench.hub));
    let addresses = |frames: &[Bytes]| frames.iter().map(|frame| frame.as_ptr()).collect::<Vec<_>>();
    assert_eq!(addresses(&left), addresses(&right));
}

#[test]
fn what_is_not_the_protocol_ends_the_session_with_a_reason() {
    let bench = Bench::new(1_000);
    let mut page = Page::default();
    let reason = |farewell: Result<Option<Bytes>, Farewell>| farewell.expect_err("must end").0;
    assert_eq!(reason(page.send(&ClientFrame::Pause, &bench.hub)), "the first frame must be Hello");
    let newer = ClientFrame::Hello { protocol: 2, topics: Vec::new(), resume: Vec::new() };
    assert!(reason(page.send(&newer, &bench.hub)).contains("version 1"));
    assert!(reason(page.session.receive(&[99, 99, 99], &bench.hub)).starts_with("frame is not readable"));
    assert!(reason(page.session.receive(&[0; CLIENT_FRAME_BYTES_MAX + 1], &bench.hub)).contains("16384"));
    page.greet(&bench.hub, Vec::new());
    page.send(&ClientFrame::Unsubscribe(Topic::Newest), &bench.hub).expect("allowed");
    page.listen(&bench.hub);
    assert_eq!(page.snapshots, 1, "only the topic that is still wanted");
}
