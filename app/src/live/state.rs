//! What the frames of the live feed mean: snapshots, diffs, and when a gap calls for a snapshot. Knows no socket and no clock.

use api::TraceItem;
use api::live::{Body, COUNTER_SECS, ClientFrame, NEWEST_TRACES, PROTOCOL, Resume, Second, ServerFrame, Topic};

const TOPICS: [Topic; 2] = [Topic::Counters, Topic::Newest];

/// Everything known from the frames so far.
#[derive(Debug, Default)]
pub(super) struct LiveState {
    epoch: Option<u64>,
    positions: [Position; TOPICS.len()],
    /// The last minute, oldest first.
    pub(super) seconds: Vec<Second>,
    /// Newest first.
    pub(super) newest: Vec<TraceItem>,
}

/// Where we are in a topic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    /// A snapshot is on its way.
    #[default]
    Awaited,
    /// Last number applied.
    At(u64),
}

/// What to do after a frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing to see.
    Nothing,
    /// A topic has new content.
    Changed(Topic),
    /// A gap: this must be sent.
    Say(ClientFrame),
    /// The server ends it; come back after so many milliseconds.
    Bye(u32),
    /// The server is of another version: only a reload helps.
    Outdated,
}

// === impl LiveState ===

impl LiveState {
    /// First frame of each connection.
    pub(super) fn hello(&self) -> ClientFrame {
        let resume = self.epoch.into_iter().flat_map(|epoch| {
            TOPICS.into_iter().filter_map(move |topic| match self.positions[index(topic)] {
                Position::At(seq) => Some(Resume { topic, epoch, seq }),
                Position::Awaited => None,
            })
        });
        ClientFrame::Hello { protocol: PROTOCOL, topics: TOPICS.to_vec(), resume: resume.collect() }
    }

    /// Takes one frame in.
    pub(super) fn apply(&mut self, frame: ServerFrame) -> Step {
        match frame {
            ServerFrame::Welcome { protocol, .. } if protocol != PROTOCOL => Step::Outdated,
            ServerFrame::Welcome { epoch, .. } => {
                // Numbers of another start of the server mean nothing here; it sends snapshots.
                if self.epoch.replace(epoch) != Some(epoch) {
                    self.positions = [Position::Awaited; TOPICS.len()];
                }
                Step::Nothing
            }
            ServerFrame::Snapshot { seq, body } => {
                let topic = body.topic();
                self.positions[index(topic)] = Position::At(seq);
                match body {
                    Body::Counters(seconds) => self.seconds = seconds,
                    Body::Newest(traces) => {
                        self.newest.clear();
                        self.merge(traces);
                    }
                }
                self.shorten();
                Step::Changed(topic)
            }
            ServerFrame::Diff { from_seq, to_seq, body } => self.apply_diff(from_seq, to_seq, body),
            ServerFrame::Bye { retry_after_ms, .. } => Step::Bye(retry_after_ms),
        }
    }

    fn apply_diff(&mut self, from_seq: u64, to_seq: u64, body: Body) -> Step {
        let topic = body.topic();
        let position = &mut self.positions[index(topic)];
        match *position {
            // Asked already; asking again with every tick would only delay the answer.
            Position::Awaited => return Step::Nothing,
            Position::At(seq) if seq != from_seq => {
                *position = Position::Awaited;
                return Step::Say(ClientFrame::Resync(topic));
            }
            Position::At(_) => *position = Position::At(to_seq),
        }
        match body {
            Body::Counters(seconds) => self.seconds.extend(seconds),
            Body::Newest(traces) => self.merge(traces),
        }
        self.shorten();
        Step::Changed(topic)
    }

    fn merge(&mut self, traces: Vec<TraceItem>) {
        self.newest.retain(|known| traces.iter().all(|trace| trace.trace_id != known.trace_id));
        for trace in traces {
            let newer = |known: &TraceItem| (known.start, &trace.trace_id) > (trace.start, &known.trace_id);
            let place = self.newest.partition_point(newer);
            self.newest.insert(place, trace);
        }
    }

    fn shorten(&mut self) {
        self.newest.truncate(NEWEST_TRACES);
        let excess = self.seconds.len().saturating_sub(COUNTER_SECS);
        self.seconds.drain(..excess);
    }
}

fn index(topic: Topic) -> usize {
    TOPICS.iter().position(|known| *known == topic).unwrap_or_default()
}

/// Milliseconds before attempt number `attempt`, 0 for the first: 0.5 s doubling to 30 s, with full jitter.
/// `random` is from 0 to 1.
pub(super) fn backoff_ms(attempt: u32, random: f64) -> u32 {
    const FIRST_MS: u32 = 500;
    const LONGEST_MS: u32 = 30_000;
    let longest = FIRST_MS.saturating_mul(1 << attempt.min(6)).min(LONGEST_MS);
    (f64::from(longest) * random) as u32
}

/// The attempt whose waiting fits what the server asked for; none is asked for with 0.
pub(super) fn attempt_after(asked_ms: u32) -> u32 {
    asked_ms.div_ceil(1_000).checked_ilog2().map_or(0, |doublings| doublings + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at: u64) -> Second {
        Second { at, spans: at * 10, errors: 0, spans_total: 0 }
    }

    fn welcome(epoch: u64) -> ServerFrame {
        ServerFrame::Welcome { protocol: PROTOCOL, epoch, tick_ms: 1000 }
    }

    fn snapshot(seq: u64, at: u64) -> ServerFrame {
        ServerFrame::Snapshot { seq, body: Body::Counters(vec![second(at)]) }
    }

    fn diff(from_seq: u64, to_seq: u64, at: u64) -> ServerFrame {
        ServerFrame::Diff { from_seq, to_seq, body: Body::Counters(vec![second(at)]) }
    }

    fn trace(id: &str, start: u64) -> TraceItem {
        TraceItem {
            trace_id: id.to_owned(),
            root_service: String::new(),
            root_name: String::new(),
            root_received: true,
            start,
            duration: 0,
            spans: 1,
            errors: 0,
            services: Vec::new(),
        }
    }

    fn resumes(state: &LiveState) -> Vec<Resume> {
        match state.hello() {
            ClientFrame::Hello { resume, .. } => resume,
            other => panic!("not a hello: {other:?}"),
        }
    }

    #[test]
    fn diffs_continue_a_snapshot() {
        let mut state = LiveState::default();
        state.apply(welcome(1));
        assert_eq!(state.apply(snapshot(5, 100)), Step::Changed(Topic::Counters));
        assert_eq!(state.apply(diff(5, 6, 101)), Step::Changed(Topic::Counters));
        assert_eq!(state.seconds, [second(100), second(101)]);
    }

    #[test]
    fn gap_asks_once_for_a_snapshot_and_shows_nothing_in_between() {
        let mut state = LiveState::default();
        state.apply(welcome(1));
        state.apply(snapshot(5, 100));
        assert_eq!(state.apply(diff(6, 7, 102)), Step::Say(ClientFrame::Resync(Topic::Counters)));
        assert_eq!(state.apply(diff(7, 8, 103)), Step::Nothing);
        assert_eq!(state.seconds, [second(100)]);
        state.apply(snapshot(8, 103));
        assert_eq!(state.apply(diff(8, 9, 104)), Step::Changed(Topic::Counters));
    }

    #[test]
    fn reconnect_resumes_where_it_stopped_unless_the_server_started_anew() {
        let mut state = LiveState::default();
        assert_eq!(resumes(&state), []);
        state.apply(welcome(1));
        state.apply(snapshot(5, 100));
        assert_eq!(resumes(&state), [Resume { topic: Topic::Counters, epoch: 1, seq: 5 }]);
        state.apply(welcome(1));
        assert_eq!(state.apply(diff(5, 9, 101)), Step::Changed(Topic::Counters));
        state.apply(welcome(2));
        assert_eq!(state.apply(diff(9, 10, 102)), Step::Nothing);
        assert_eq!(resumes(&state), []);
    }

    #[test]
    fn changed_trace_replaces_itself_and_the_newest_come_first() {
        let mut state = LiveState::default();
        state.apply(welcome(1));
        state.apply(ServerFrame::Snapshot { seq: 1, body: Body::Newest(vec![trace("b", 2), trace("a", 1)]) });
        let changed = TraceItem { spans: 9, ..trace("a", 1) };
        state.apply(ServerFrame::Diff { from_seq: 1, to_seq: 2, body: Body::Newest(vec![changed, trace("c", 3)]) });
        let shown: Vec<_> = state.newest.iter().map(|trace| (trace.trace_id.as_str(), trace.spans)).collect();
        assert_eq!(shown, [("c", 1), ("b", 1), ("a", 9)]);
    }

    #[test]
    fn state_stays_within_its_bounds() {
        let mut state = LiveState::default();
        state.apply(welcome(1));
        state.apply(snapshot(0, 0));
        for at in 1..200 {
            state.apply(diff(at - 1, at, at));
        }
        assert_eq!(state.seconds.len(), COUNTER_SECS);
        assert_eq!(state.seconds.last(), Some(&second(199)));
    }

    #[test]
    fn another_protocol_is_refused() {
        let frame = ServerFrame::Welcome { protocol: PROTOCOL + 1, epoch: 1, tick_ms: 1000 };
        assert_eq!(LiveState::default().apply(frame), Step::Outdated);
    }

    #[test]
    fn waiting_doubles_up_to_thirty_seconds() {
        let longest: Vec<u32> = (0..9).map(|attempt| backoff_ms(attempt, 1.0)).collect();
        assert_eq!(longest, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(backoff_ms(3, 0.0), 0);
        assert_eq!(backoff_ms(u32::MAX, 0.5), 15_000);
    }

    #[test]
    fn server_may_ask_for_any_waiting() {
        let attempts: Vec<u32> = [0, 1, 1_000, 8_000, u32::MAX].into_iter().map(attempt_after).collect();
        assert_eq!(attempts, [0, 1, 1, 4, 23]);
    }
}
