//! Finds the two halves of each call among spans that come in any order, and counts each call once.
//!
//! A span without a partner waits. Nothing is counted that might have to be taken back, because cells are written into
//! pages that never change. A half that waited [`GENERATIONS_WAITED`] generations, or is the oldest of too many, is counted
//! alone: a client half under what its attributes name, a server half under an unknown caller. Until then
//! [`Matcher::provisional`] shows it. The rules stand, slow and plain, in `edge/tests/plain.rs`.
//!
//! Not here: how long counts are kept, and where.

mod arrival;
mod halves;
mod numbers;
mod search;

pub use arrival::LINKS_MAX;
pub use halves::HALVES_MAGIC;

use std::collections::HashMap;

use foldhash::fast::RandomState;

use self::numbers::Numbers;
use self::search::{Counted, unanswered, unmet};
use super::fold::{Cells, NodeId, Nodes};
use super::slots::{SlotId, Slots};
use super::{EdgeCell, EdgeKey};
use crate::rollup::EdgeCells;

/// Spans that a matcher remembers at most, about 30 MB. At 50,000 a second they are those of some five seconds.
pub const SPANS_MAX: usize = 1 << 18;

/// Generations after its own in which a half may meet its partner.
pub const GENERATIONS_WAITED: usize = 2;

/// Cells a matcher should hold at most, some 30 MB of them: whoever feeds it asks [`Matcher::is_full`] and ends a generation.
pub const EDGE_CELLS_MAX: usize = 65_536;

/// Parents that are walked up from one span in search of its caller. A longer way, or a circle, ends there.
pub const WALK_STEPS_MAX: u16 = 256;

/// Slots that one span may need: its own, its missing parent, and two for each link.
const SLOTS_PER_SPAN: usize = 2 + 2 * LINKS_MAX;

/// Counts calls over edges, from spans in any order.
#[derive(Debug)]
pub struct Matcher {
    slots: Slots,
    nodes: Nodes,
    cells: Cells,
    /// How many slots had been made when earlier generations ended, oldest first.
    marks: [u64; GENERATIONS_WAITED],
    /// Kept between batches for its allocations.
    numbers: Numbers,
}

impl Default for Matcher {
    fn default() -> Self {
        Matcher::new(SPANS_MAX)
    }
}

impl Matcher {
    /// Remembers at most `spans_max` spans, but no fewer than one span needs.
    pub fn new(spans_max: usize) -> Matcher {
        Matcher {
            slots: Slots::new(spans_max.max(SLOTS_PER_SPAN)),
            nodes: Nodes::default(),
            cells: Cells::default(),
            marks: [0; GENERATIONS_WAITED],
            numbers: Numbers::default(),
        }
    }

    /// Number of spans it remembers, those included that it only heard of.
    pub fn remembered(&self) -> usize {
        self.slots.len()
    }

    /// How many cells it holds.
    pub fn cell_count(&self) -> usize {
        self.cells.len()
    }

    /// Whether it holds [`EDGE_CELLS_MAX`] cells or more: time to end the generation.
    pub fn is_full(&self) -> bool {
        self.cells.len() >= EDGE_CELLS_MAX
    }

    #[cfg(test)]
    pub(super) fn counted(&self) -> EdgeCells {
        let mut counted = EdgeCells::default();
        let add = |key: &EdgeKey, minute, cell: &EdgeCell| counted.add(key.clone(), minute, cell.clone());
        self.cells.clone().for_each(&self.nodes, add);
        counted
    }

    /// Calls `count` with each cell that was counted since the last generation ended and with its minute, in no order.
    /// These counts are final.
    pub fn for_each_counted(&mut self, count: impl FnMut(&EdgeKey, u32, &EdgeCell)) {
        self.cells.for_each(&self.nodes, count);
    }

    /// What would be counted if no further span came: the halves that wait. Any of it may turn out otherwise.
    pub fn provisional(&self) -> EdgeCells {
        let mut cells = Cells::default();
        let counted = self.slots.iter().flat_map(|slot| [unanswered(slot), unmet(slot)]);
        counted.flatten().for_each(|counted| cells.add(counted.key, &counted.call));
        cells.named(&self.nodes)
    }

    /// Ends a generation: counts the halves that have waited long enough, and hands out all that was counted during it.
    /// What still waits stays.
    pub fn end_generation(&mut self) -> EdgeCells {
        self.forget_before(self.marks[0]);
        self.marks.rotate_left(1);
        self.marks[GENERATIONS_WAITED - 1] = self.slots.made();
        let counted = std::mem::take(&mut self.cells).named(&self.nodes);
        self.renumber_nodes();
        counted
    }

    /// Counts every half that still waits, and hands out all that was counted since the last generation ended.
    pub fn finish(mut self) -> EdgeCells {
        self.forget_before(self.slots.made());
        self.cells.named(&self.nodes)
    }

    fn make_room(&mut self) {
        while self.slots.room() < SLOTS_PER_SPAN {
            self.forget_oldest();
        }
    }

    fn forget_before(&mut self, mark: u64) {
        while self.slots.forgotten() < mark {
            self.forget_oldest();
        }
    }

    /// Counts what the oldest slot, and those who wait for it, leave behind.
    fn forget_oldest(&mut self) {
        let Some(oldest) = self.slots.oldest() else { return };
        // Who waits for a span that did not come for so long waits in vain, however young.
        while let Some(waiter) = self.slots.get(oldest).waiters {
            self.give_up(waiter);
        }
        self.give_up(oldest);
        self.count(unmet(self.slots.get(oldest)));
        self.slots.forget_oldest();
    }

    /// Ends the search of a slot that waits.
    fn give_up(&mut self, id: SlotId) {
        self.count(unanswered(self.slots.get(id)));
        self.slots.leave(id);
    }

    fn count(&mut self, counted: Option<Counted>) {
        if let Some(counted) = counted {
            self.cells.add(counted.key, &counted.call);
        }
    }

    /// Forgets the names of nodes that no remembered span has: yesterday's hosts must not use up [`super::NODES_MAX`].
    fn renumber_nodes(&mut self) {
        let old = std::mem::take(&mut self.nodes);
        let mut new_by_old: HashMap<NodeId, NodeId, RandomState> = HashMap::default();
        let nodes = &mut self.nodes;
        let mut renumber = |id: &mut NodeId| {
            *id = *new_by_old.entry(*id).or_insert_with(|| nodes.id(id.kind(), old.name(*id)));
        };
        self.slots.for_each_half(|half| {
            renumber(&mut half.service);
            half.peer.iter_mut().for_each(&mut renumber);
            half.search.caller.iter_mut().for_each(&mut renumber);
        });
    }
}
