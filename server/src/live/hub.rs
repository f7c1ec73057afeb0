//! What pages listen to: the news of the store, as frames. Not here: how a listener is reached (`http::live`).
//!
//! The hub follows the store, so it sees spans whatever door they came through, each once.
//! Nothing is queued per listener: each one remembers its number and takes what leads from there to now. So a slow listener costs
//! nothing, and what it missed becomes one snapshot.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::live::{Body, COUNTER_SECS, NEWEST_TRACES, PROTOCOL, Second, ServerFrame, Topic};
use bytes::Bytes;
use model::{SpanDuration, TimeRange, UnixNanos};
use storage::{Clock, News, Store, Subscription, TraceList, TraceQuery};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, timeout};
use tokio_util::sync::CancellationToken;

use super::newest::{AHEAD_MAX, Newest};
use super::ring::{Ring, encoded};
use super::window::Window;

/// Time between ticks.
pub const TICK: Duration = Duration::from_secs(1);

/// After missed groups the newest traces are asked of the store, so often at most: where groups are missed there is no time to spare.
const ASK_AGAIN: Duration = Duration::from_secs(10);

/// And that may take so long.
const ASK_WAIT: Duration = Duration::from_secs(5);

/// Turns commits into frames, once a second.
pub struct LiveHub {
    clock: Arc<dyn Clock>,
    /// This start of the server.
    epoch: u64,
    state: Mutex<State>,
    /// Number of ticks so far; listeners wait for it to change.
    ticks: watch::Sender<u64>,
}

struct State {
    window: Window,
    /// What listeners of the counters hold: the last seconds.
    seconds: VecDeque<Second>,
    newest: Newest,
    /// Whether groups were missed, so that some of the newest traces may be unknown, or known in part.
    is_newest_in_part: bool,
    counters_ring: Ring,
    newest_ring: Ring,
}

// === impl LiveHub ===

impl LiveHub {
    /// A hub whose epoch is now.
    pub fn new(clock: Arc<dyn Clock>) -> Arc<LiveHub> {
        let now = clock.now();
        let state = State {
            window: Window::new(now),
            seconds: VecDeque::with_capacity(COUNTER_SECS),
            newest: Newest::default(),
            is_newest_in_part: false,
            counters_ring: Ring::new(),
            newest_ring: Ring::new(),
        };
        Arc::new(LiveHub { clock, epoch: now.0, state: Mutex::new(state), ticks: watch::Sender::new(0) })
    }

    /// Takes note of what became durable. Never waits for a listener and never fails.
    pub fn take(&self, news: &News) {
        let now = self.clock.now();
        let mut state = self.state();
        // Missed groups are in the counts, and the store has their traces.
        state.window.add(now, news.spans, news.errors);
        state.is_newest_in_part |= news.missed > 0;
        for (committed, batch) in &news.group.batches {
            state.newest.add(committed.sequence, batch, now);
        }
    }

    /// The newest traces as the store has them, `watermark` being the last group that it looked at.
    pub fn replace_newest(&self, list: TraceList, watermark: u64) {
        let mut state = self.state();
        state.newest.replace(list.traces, watermark);
        state.is_newest_in_part = false;
    }

    /// Whether the newest traces should be asked of the store.
    pub fn is_newest_in_part(&self) -> bool {
        self.state().is_newest_in_part
    }

    /// Makes the diffs of one tick and wakes the listeners.
    pub fn tick(&self) {
        let now = self.clock.now();
        let mut guard = self.state();
        let state = &mut *guard;
        let seconds = state.window.close_until(now);
        if !seconds.is_empty() {
            state.seconds.extend(&seconds);
            let surplus = state.seconds.len().saturating_sub(COUNTER_SECS);
            state.seconds.drain(..surplus);
            state.counters_ring.push(Body::Counters(seconds));
        }
        let changes = state.newest.take_changes();
        if !changes.is_empty() {
            state.newest_ring.push(Body::Newest(changes));
        }
        drop(guard);
        self.ticks.send_modify(|ticks| *ticks += 1);
    }

    /// Follows the store and ticks once a second, until `shutdown`.
    pub async fn run(
        self: Arc<Self>,
        store: Arc<dyn Store>,
        mut subscription: Subscription,
        shutdown: CancellationToken,
    ) {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_store_open, mut asked) = (true, None::<Instant>);
        loop {
            tokio::select! {
                news = subscription.next(), if is_store_open => match news {
                    Some(news) => self.take(&news),
                    None => is_store_open = false,
                },
                _ = interval.tick() => {
                    if self.is_newest_in_part() && asked.is_none_or(|asked| asked.elapsed() >= ASK_AGAIN) {
                        if timeout(ASK_WAIT, self.ask_newest(&*store)).await.is_err() {
                            tracing::debug!("the newest traces stay in part: the store did not answer in time");
                        }
                        asked = Some(Instant::now());
                    }
                    self.tick();
                }
                () = shutdown.cancelled() => return,
            }
        }
    }

    /// Nothing is taken meanwhile: every group taken before lies below the watermark of the answer.
    pub(super) async fn ask_newest(&self, store: &dyn Store) {
        let range = TimeRange { from: UnixNanos(0), to: self.clock.now().after(AHEAD_MAX).after(SpanDuration(1)) };
        match store.search(TraceQuery::newest(range, NEWEST_TRACES)).await {
            Ok(answer) => self.replace_newest(answer.value, answer.completeness.watermark),
            Err(error) => tracing::debug!("the newest traces stay in part: {error}"),
        }
    }

    /// This start of the server.
    pub fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Changes with every tick.
    pub fn ticks(&self) -> watch::Receiver<u64> {
        self.ticks.subscribe()
    }

    /// The answer to a greeting.
    pub fn welcome(&self) -> Bytes {
        let tick_ms = u32::try_from(TICK.as_millis()).expect("a tick is short");
        encoded(&ServerFrame::Welcome { protocol: PROTOCOL, epoch: self.epoch, tick_ms })
    }

    /// What leads a listener that follows closely to now, with its new number: the diff that all share when it missed nothing,
    /// a snapshot when it missed something or holds nothing, `None` when nothing is new.
    pub fn next(&self, topic: Topic, held: Option<u64>) -> Option<(Bytes, u64)> {
        let mut state = self.state();
        let seq = state.ring(topic).seq();
        match held {
            Some(held) if held == seq => None,
            Some(held) if held.checked_add(1) == Some(seq) => state.ring(topic).newest_diff().map(|frame| (frame, seq)),
            _ => Some((state.snapshot(topic), seq)),
        }
    }

    /// What leads a listener that was away to now: one diff when that reaches back far enough, otherwise a snapshot.
    pub fn catch_up(&self, topic: Topic, held: u64) -> Option<(Bytes, u64)> {
        let mut state = self.state();
        let ring = state.ring(topic);
        let seq = ring.seq();
        if held == seq {
            return None;
        }
        let frame = ring.diff_since(held).unwrap_or_else(|| state.snapshot(topic));
        Some((frame, seq))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic while adding leaves counts that are at worst one batch short; going on beats going dark.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn ring(&mut self, topic: Topic) -> &mut Ring {
        match topic {
            Topic::Counters => &mut self.counters_ring,
            Topic::Newest => &mut self.newest_ring,
        }
    }

    fn snapshot(&mut self, topic: Topic) -> Bytes {
        match topic {
            Topic::Counters => {
                let seconds = &self.seconds;
                self.counters_ring.snapshot(|| Body::Counters(seconds.iter().copied().collect()))
            }
            Topic::Newest => {
                let newest = &self.newest;
                self.newest_ring.snapshot(|| Body::Newest(newest.listed().to_vec()))
            }
        }
    }
}
