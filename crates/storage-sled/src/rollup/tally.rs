//! Counts of everything that is in no block yet. Batches are counted in the order of their groups, but later: by the thread
//! that runs here, by a question that wants to know, or by the builder, whoever comes first. No acknowledgement waits for it,
//! and a replay counts the same.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use model::batch::SharedParts;
use model::edge::Matcher;
use model::red::{RedDetail, RedName};
use model::rollup::EdgeCells;
use model::{BatchBuilder, EdgeCell, EdgeKey, SpanBatch};

use super::live::{Live, Sealed};
use super::restart;
use crate::index::{BatchSlot, Index};
use crate::shared::Shared;

/// How often counting catches up by itself: at 100,000 spans a second, what a question finds uncounted takes it some 5 ms.
const COUNT_WAIT: Duration = Duration::from_millis(200);

/// See above.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    state: Mutex<State>,
    /// Cells of the generation that is being counted.
    cells: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    /// The number of the next batch.
    next: u32,
    /// `None` before the first batch.
    matcher: Option<Matcher>,
    /// The generation for which the matcher counts.
    current: Option<u32>,
    generations: BTreeMap<u32, Live>,
    /// What the matcher says when it is asked what is provisional, until it counts more: for that it looks through all spans
    /// that it remembers.
    provisional: Option<EdgeCells>,
}

/// Counts of all memtables, and what else was taken at the same moment. Nothing is counted while it lives.
pub(crate) struct Look<'a, T> {
    state: MutexGuard<'a, State>,
    taken: T,
}

/// Starts the thread that counts. Nothing is ever sent to it: it ends when the committer, which holds the sender, does.
pub(crate) fn start(shared: &Arc<Shared>) -> io::Result<(SyncSender<Infallible>, JoinHandle<()>)> {
    let (committer_lives, committer) = sync_channel(0);
    let shared = Arc::clone(shared);
    let counting = thread::Builder::new().name("store-count".to_owned()).spawn(move || run(&shared, &committer))?;
    Ok((committer_lives, counting))
}

fn run(shared: &Shared, committer: &Receiver<Infallible>) {
    loop {
        drop(shared.tally.look(shared, |_index| ()));
        if committer.recv_timeout(COUNT_WAIT) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

// === impl Tally ===

impl Tally {
    /// Counts what is not counted yet. `take` sees the index as it is counted: not a batch more or less.
    pub(crate) fn look<T>(&self, shared: &Shared, take: impl FnOnce(&Index) -> T) -> Look<'_, T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.matcher.is_none() {
            let blocks = Arc::clone(&shared.index().blocks);
            state.matcher = Some(restart::matcher(shared, &blocks));
        }
        let (batches, taken) = {
            let index = shared.index();
            state.generations.retain(|number, _| index.generations.contains_key(number));
            let batches = index.batches_from(state.next);
            (batches.map(|(number, slot)| (number, slot.generation, counted(slot))).collect::<Vec<_>>(), take(&index))
        };
        for (number, generation, batch) in batches {
            // Before it is counted: a batch that panics is not tried again.
            state.next = number.wrapping_add(1);
            if let Some(batch) = batch {
                state.add(generation, &batch);
            }
        }
        self.cells.store(state.cell_count(), Ordering::Relaxed);
        Look { state, taken }
    }

    /// The counts of a frozen memtable. The next generation of the matcher begins.
    pub(crate) fn seal(&self, shared: &Shared, generation: u32) -> Sealed {
        let mut look = self.look(shared, |_index| ());
        if look.state.current == Some(generation) {
            look.state.end_current();
        }
        look.state.generations.entry(generation).or_default().seal()
    }

    /// How many cells the memtable has that is being filled, as a share of what it may have.
    pub(crate) fn fullness(&self, cells_max: usize) -> f64 {
        self.cells.load(Ordering::Relaxed) as f64 / cells_max.max(1) as f64
    }
}

// === impl State ===

impl State {
    fn add(&mut self, generation: u32, batch: &SpanBatch) {
        self.provisional = None;
        if self.current.is_some_and(|current| current != generation) {
            self.end_current();
        }
        self.current = Some(generation);
        let matcher = self.matcher.as_mut().expect("made before the first batch");
        let live = self.generations.entry(generation).or_default();
        live.add(batch);
        matcher.add(batch);
        if matcher.is_full() {
            live.take_edges(matcher);
        }
    }

    fn end_current(&mut self) {
        let (Some(current), Some(matcher)) = (self.current.take(), self.matcher.as_mut()) else { return };
        self.provisional = None;
        let live = self.generations.entry(current).or_default();
        live.take_edges(matcher);
        matcher.encode_halves(&mut live.halves);
    }

    fn cell_count(&self) -> usize {
        let of_matcher = self.matcher.as_ref().map_or(0, Matcher::cell_count);
        let of_live = self.current.and_then(|current| self.generations.get(&current)).map_or(0, Live::cell_count);
        of_matcher + of_live
    }
}

// === impl Look ===

impl<T> Look<'_, T> {
    /// Counting goes on.
    pub(crate) fn into_taken(self) -> T {
        self.taken
    }

    /// Calls `count` with each cell of spans and its minute, in no order.
    pub(crate) fn for_each_red(&mut self, mut count: impl FnMut(RedName<'_>, u32, &RedDetail)) {
        self.state.generations.values_mut().for_each(|live| live.for_each_red(&mut count));
    }

    /// Calls `count` with each cell of edges, its minute, and whether it is provisional.
    pub(crate) fn for_each_edges(
        &mut self,
        with_provisional: bool,
        mut count: impl FnMut(&EdgeKey, u32, &EdgeCell, bool),
    ) {
        let State { generations, matcher, provisional, .. } = &mut *self.state;
        for live in generations.values() {
            live.edges.iter().for_each(|(key, minute, cell)| count(key, minute, cell, false));
        }
        let Some(matcher) = matcher else { return };
        matcher.for_each_counted(|key, minute, cell| count(key, minute, cell, false));
        if with_provisional {
            let cells = provisional.get_or_insert_with(|| matcher.provisional());
            cells.iter().for_each(|(key, minute, cell)| count(key, minute, cell, true));
        }
    }
}

/// The spans of a batch that count; `None` when there is none. Each stored span counts once.
fn counted(slot: &BatchSlot) -> Option<Arc<SpanBatch>> {
    if slot.rows.len() == slot.batch.len() && !has_pending(&slot.batch) {
        return Some(Arc::clone(&slot.batch));
    }
    ended(&slot.batch, slot.rows.iter().map(|row| *row as usize)).map(Arc::new)
}

/// What is pending counts when it has ended: how long it takes, and how it ends, is not known before.
pub(super) fn has_pending(batch: &SpanBatch) -> bool {
    batch.rows().any(|row| row.is_pending())
}

/// Those of the rows that count; `None` when there is none.
pub(super) fn ended(batch: &SpanBatch, rows: impl Iterator<Item = usize>) -> Option<SpanBatch> {
    let mut parts = SharedParts::default();
    let mut builder = BatchBuilder::new();
    for row in rows.map(|row| batch.row(row)).filter(|row| !row.is_pending()) {
        builder.push(&row.to_span(&mut parts));
    }
    builder.finish()
}
