//! One topic: its number, its last diffs and the frames that all its listeners share. Not here: what the topic is about.

use std::collections::{HashSet, VecDeque};

use api::live::{Body, COUNTER_SECS, ServerFrame};
use bytes::Bytes;

/// Diffs kept for listeners that come back.
pub(super) const DIFFS_KEPT: usize = 64;

/// The diffs of one topic.
#[derive(Debug)]
pub(super) struct Ring {
    /// Number of the last diff; 0 before the first one.
    seq: u64,
    /// Invariant: the newest is last and leads from `seq - 1` to `seq`; at most [`DIFFS_KEPT`].
    diffs: VecDeque<Body>,
    /// The newest diff and the snapshot of now, encoded when first asked for and shared from then on.
    diff_frame: Option<Bytes>,
    snapshot_frame: Option<Bytes>,
}

// === impl Ring ===

impl Ring {
    pub(super) fn new() -> Ring {
        Ring { seq: 0, diffs: VecDeque::new(), diff_frame: None, snapshot_frame: None }
    }

    pub(super) fn seq(&self) -> u64 {
        self.seq
    }

    /// Appends what changed.
    pub(super) fn push(&mut self, diff: Body) {
        if self.diffs.len() == DIFFS_KEPT {
            self.diffs.pop_front();
        }
        self.diffs.push_back(diff);
        self.seq += 1;
        self.diff_frame = None;
        self.snapshot_frame = None;
    }

    /// The newest diff, for the many who hold the number before.
    pub(super) fn newest_diff(&mut self) -> Option<Bytes> {
        let body = self.diffs.back()?;
        let (from_seq, to_seq) = (self.seq - 1, self.seq);
        let encode = || encoded(&ServerFrame::Diff { from_seq, to_seq, body: body.clone() });
        Some(self.diff_frame.get_or_insert_with(encode).clone())
    }

    /// Everything, as it is now.
    pub(super) fn snapshot(&mut self, body: impl FnOnce() -> Body) -> Bytes {
        let seq = self.seq;
        self.snapshot_frame.get_or_insert_with(|| encoded(&ServerFrame::Snapshot { seq, body: body() })).clone()
    }

    /// One diff from `held` to now; `None` when that lies too far back.
    pub(super) fn diff_since(&self, held: u64) -> Option<Bytes> {
        let missed = usize::try_from(self.seq.checked_sub(held)?).ok()?;
        let first = self.diffs.len().checked_sub(missed)?;
        let body = merged(self.diffs.range(first..))?;
        Some(encoded(&ServerFrame::Diff { from_seq: held, to_seq: self.seq, body }))
    }
}

/// Several diffs in order as one. Values are absolute, so the last one of each trace is enough.
fn merged<'a>(diffs: impl DoubleEndedIterator<Item = &'a Body>) -> Option<Body> {
    let (mut seconds, mut items, mut known, mut is_counters) = (Vec::new(), Vec::new(), HashSet::new(), None);
    for diff in diffs.rev() {
        match diff {
            Body::Counters(new) => {
                is_counters = Some(true);
                seconds.extend(new.iter().rev().copied());
            }
            Body::Newest(new) => {
                is_counters = Some(false);
                items.extend(new.iter().filter(|item| known.insert(item.trace_id.as_str())).cloned());
            }
        }
    }
    // More seconds than a snapshot holds are of no use to anybody.
    seconds.truncate(COUNTER_SECS);
    seconds.reverse();
    is_counters.map(|is_counters| if is_counters { Body::Counters(seconds) } else { Body::Newest(items) })
}

/// The bytes of a frame.
pub(super) fn encoded(frame: &ServerFrame) -> Bytes {
    Bytes::from(postcard::to_stdvec(frame).expect("frames hold nothing that postcard refuses"))
}
