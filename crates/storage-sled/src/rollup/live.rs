//! What the memtable of one generation adds up to. Not here: which batches are counted when.

use std::sync::Arc;

use model::edge::Matcher;
use model::red::{RedDetail, RedFold, RedKey, RedName};
use model::rollup::{EdgeCells, RedCells, encode_edges, encode_red};
use model::{SpanBatch, SpanKind};

use super::{Minutes, Names};
use crate::block::annex::Counted;

/// Counts in the making.
#[derive(Debug, Default)]
pub(super) struct Live {
    fold: RedFold,
    /// Taken out of the fold when it was full, and at the end.
    red: Arc<RedCells>,
    /// Calls that are final.
    pub(super) edges: Arc<EdgeCells>,
    /// The halves that waited when the generation ended.
    pub(super) halves: Vec<u8>,
}

/// Counts of a generation that gets no more spans.
pub(crate) struct Sealed {
    red: Arc<RedCells>,
    edges: Arc<EdgeCells>,
    halves: Vec<u8>,
}

// === impl Live ===

impl Live {
    pub(super) fn add(&mut self, batch: &SpanBatch) {
        self.fold.add(batch);
        if self.fold.is_full() {
            self.take_red();
        }
    }

    /// Ends a generation of the matcher: what it counted was counted here.
    pub(super) fn take_edges(&mut self, matcher: &mut Matcher) {
        Arc::make_mut(&mut self.edges).merge(matcher.end_generation());
    }

    pub(super) fn seal(&mut self) -> Sealed {
        self.take_red();
        Sealed { red: Arc::clone(&self.red), edges: Arc::clone(&self.edges), halves: self.halves.clone() }
    }

    pub(super) fn cell_count(&self) -> usize {
        self.fold.cell_count() + self.red.len() + self.edges.len()
    }

    /// Calls `count` with each cell of spans and its minute.
    pub(super) fn for_each_red(&mut self, mut count: impl FnMut(RedName<'_>, u32, &RedDetail)) {
        for (RedKey { service, name, kind, is_entry }, minute, cell) in self.red.iter() {
            count(RedName { service, name, kind: *kind, is_entry: *is_entry }, minute, cell);
        }
        self.fold.cells().for_each(|(name, minute, cell)| count(name, minute, cell));
    }

    fn take_red(&mut self) {
        if self.fold.cell_count() > 0 {
            Arc::make_mut(&mut self.red).merge(self.fold.take());
        }
    }
}

// === impl Sealed ===

impl Sealed {
    pub(crate) fn names(&self) -> Names {
        let mut names = Names::default();
        for (key, minutes) in self.red.series() {
            names.add(&key.service, &key.name, key.kind, minutes.values().map(|cell| cell.cell.calls).sum());
        }
        names
    }

    /// The parts of the annex.
    pub(crate) fn encode(&self) -> Counted {
        let minutes =
            self.red.iter().map(|(_, minute, _)| minute).chain(self.edges.iter().map(|(_, minute, _)| minute));
        let mut counted = Counted {
            names: self.names().encode(),
            minutes: Minutes::of(minutes).encode(),
            halves: self.halves.clone(),
            ..Counted::default()
        };
        encode_red(&self.by_service(), &mut counted.services);
        encode_red(&self.red, &mut counted.operations);
        encode_edges(&self.edges, &mut counted.edges);
        counted
    }

    /// Two series per service, of entry spans and of the others: an overview reads no names.
    fn by_service(&self) -> RedCells {
        let mut all = RedCells::default();
        for (RedKey { service, is_entry, .. }, minute, cell) in self.red.iter() {
            let key =
                RedKey { service: service.clone(), name: "".into(), kind: SpanKind::Internal, is_entry: *is_entry };
            all.add(key, minute, cell.clone());
        }
        all
    }
}
