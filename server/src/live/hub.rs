//! Who listens, and what they missed. Not here: how a listener is reached (`http::live`).
//!
//! Nothing is queued per listener: each one remembers its number and takes what leads from there to now. So a slow listener costs
//! nothing, and what it missed becomes one snapshot.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use api::live::{Body, COUNTER_SECS, PROTOCOL, Second, ServerFrame, Topic};
use bytes::Bytes;
use model::SpanBatch;
use storage::{Clock, Committed};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::newest::Newest;
use super::ring::{Ring, encoded};
use super::window::Window;

/// Time between ticks.
pub const TICK: Duration = Duration::from_secs(1);

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
            counters_ring: Ring::new(),
            newest_ring: Ring::new(),
        };
        Arc::new(LiveHub { clock, epoch: now.0, state: Mutex::new(state), ticks: watch::Sender::new(0) })
    }

    /// Takes note of spans that became durable. Never waits for a listener and never fails.
    pub fn publish(&self, committed: Committed, batch: &Arc<SpanBatch>) {
        if committed.spans == 0 {
            return;
        }
        let now = self.clock.now();
        let failed = batch.rows().filter(|row| row.is_error()).count() as u64;
        let mut state = self.state();
        // Which spans were repeats is not known here; no more can have failed than were stored.
        state.window.add(now, committed.spans, failed.min(committed.spans));
        state.newest.add(batch, now);
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

    /// Ticks once a second until `shutdown`.
    pub async fn run(self: Arc<Self>, shutdown: CancellationToken) {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = interval.tick() => self.tick(),
                () = shutdown.cancelled() => return,
            }
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
