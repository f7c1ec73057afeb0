//! Fingerprints of spans that went into blocks lately. They are asked for when a trace comes that a block may hold, and never
//! change: so they are packed, to less than nine bytes each. Not here: those of spans in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::content::{Fingerprint, FingerprintSet};

/// Fingerprints that begin alike lie together, about so many.
const PER_PLACE: usize = 8;

/// More places than this would not fit into the cache beside the processor.
const PLACE_BITS_MAX: u32 = 16;

/// Those of the last memtables, oldest first.
pub(crate) struct Remembered {
    memtables: VecDeque<OfMemtable>,
    /// How many of them are kept at most: a client that repeats itself does so soon.
    spans_max: usize,
}

struct OfMemtable {
    generation: u32,
    fingerprints: Fingerprints,
}

enum Fingerprints {
    /// As the memtable left them.
    Fresh(Arc<FingerprintSet>),
    Packed(Packed),
}

/// Of each fingerprint the upper bits, which name its place, and the lower half: chance makes no two of them equal.
pub(crate) struct Packed {
    place_bits: u32,
    /// Where the fingerprints of each place begin, and where the last ones end.
    begins: Vec<u32>,
    halves: Vec<u64>,
}

// === impl Remembered ===

impl Remembered {
    pub(super) fn new(spans_max: usize) -> Remembered {
        Remembered { memtables: VecDeque::new(), spans_max }
    }

    /// Keeps those of all spans of a memtable, and forgets the oldest.
    pub(crate) fn add(&mut self, generation: u32, fingerprints: FingerprintSet) {
        let fingerprints = Fingerprints::Fresh(Arc::new(fingerprints));
        self.memtables.push_back(OfMemtable { generation, fingerprints });
        while self.memtables.iter().map(|known| known.fingerprints.len()).sum::<usize>() > self.spans_max {
            self.memtables.pop_front();
        }
    }

    pub(super) fn contains(&self, fingerprint: Fingerprint) -> bool {
        // Newest first: a span that comes again mostly does so soon.
        self.memtables.iter().rev().any(|known| known.fingerprints.contains(fingerprint))
    }

    /// Whether all spans of a generation are remembered: what is not among them was not in it.
    pub(crate) fn has_generation(&self, generation: u32) -> bool {
        self.memtables.iter().any(|known| known.generation == generation)
    }

    /// What should be packed, by somebody who holds no lock meanwhile.
    pub(crate) fn fresh(&self) -> Option<Arc<FingerprintSet>> {
        self.memtables.iter().find_map(|known| match &known.fingerprints {
            Fingerprints::Fresh(fresh) => Some(Arc::clone(fresh)),
            Fingerprints::Packed(_) => None,
        })
    }

    /// Takes `packed` for `fresh`, unless that was forgotten by now.
    pub(crate) fn replace(&mut self, fresh: &Arc<FingerprintSet>, packed: Packed) {
        let is_it = |known: &&mut Fingerprints| matches!(known, Fingerprints::Fresh(it) if Arc::ptr_eq(it, fresh));
        if let Some(known) = self.memtables.iter_mut().map(|known| &mut known.fingerprints).find(is_it) {
            *known = Fingerprints::Packed(packed);
        }
    }
}

// === impl Fingerprints ===

impl Fingerprints {
    fn len(&self) -> usize {
        match self {
            Fingerprints::Fresh(fresh) => fresh.len(),
            Fingerprints::Packed(packed) => packed.halves.len(),
        }
    }

    fn contains(&self, fingerprint: Fingerprint) -> bool {
        match self {
            Fingerprints::Fresh(fresh) => fresh.contains(&fingerprint),
            Fingerprints::Packed(packed) => packed.contains(fingerprint),
        }
    }
}

// === impl Packed ===

impl Packed {
    pub(crate) fn of(fingerprints: &FingerprintSet) -> Packed {
        let place_bits = (fingerprints.len() / PER_PLACE).checked_ilog2().unwrap_or(0).min(PLACE_BITS_MAX);
        let mut begins = vec![0u32; (1 << place_bits) + 1];
        fingerprints.iter().for_each(|fingerprint| begins[place_of(*fingerprint, place_bits) + 1] += 1);
        for place in 1..begins.len() {
            begins[place] += begins[place - 1];
        }
        let mut free = begins.clone();
        let mut halves = vec![0; fingerprints.len()];
        for fingerprint in fingerprints.iter().copied() {
            let free = &mut free[place_of(fingerprint, place_bits)];
            halves[*free as usize] = fingerprint as u64;
            *free += 1;
        }
        Packed { place_bits, begins, halves }
    }

    fn contains(&self, fingerprint: Fingerprint) -> bool {
        let place = place_of(fingerprint, self.place_bits);
        let of_place = self.begins[place] as usize..self.begins[place + 1] as usize;
        self.halves[of_place].contains(&(fingerprint as u64))
    }
}

fn place_of(fingerprint: Fingerprint, place_bits: u32) -> usize {
    // No bits at all: there is one place.
    fingerprint.checked_shr(Fingerprint::BITS - place_bits).unwrap_or(0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_fingerprints(count_max: usize) -> impl Strategy<Value = Vec<Fingerprint>> {
        // Also ones that differ in one half alone, and at either end.
        let half = || prop_oneof![4 => any::<u64>(), 1 => Just(0), 1 => Just(u64::MAX)];
        let fingerprint = (half(), half()).prop_map(|(upper, lower)| u128::from(upper) << 64 | u128::from(lower));
        prop::collection::vec(fingerprint, 0..count_max)
    }

    proptest! {
        #[test]
        fn what_is_packed_is_known_and_nothing_else(known in any_fingerprints(400), others in any_fingerprints(40)) {
            let set: FingerprintSet = known.iter().copied().collect();
            let packed = Packed::of(&set);
            prop_assert_eq!(packed.halves.len(), set.len());
            prop_assert!(known.iter().all(|fingerprint| packed.contains(*fingerprint)));
            // Alike in what is kept of them is known, too; chance does not make such ones.
            let kept = |fingerprint: Fingerprint| (place_of(fingerprint, packed.place_bits), fingerprint as u64);
            for other in others {
                prop_assert_eq!(packed.contains(other), known.iter().any(|known| kept(*known) == kept(other)));
            }
        }
    }

    #[test]
    fn packing_changes_no_answer_and_the_oldest_are_forgotten() {
        let memtable = |number: u128| (0..100u128).map(|span| (span << 120) + number).collect::<FingerprintSet>();
        let mut remembered = Remembered::new(250);
        for number in 0..4 {
            remembered.add(number as u32, memtable(number));
            if let Some(fresh) = remembered.fresh() {
                remembered.replace(&fresh, Packed::of(&fresh));
            }
        }
        assert!(remembered.fresh().is_none());
        let known: Vec<bool> = (0..5).map(|number| remembered.contains((7 << 120) + number)).collect();
        assert_eq!(known, [false, false, true, true, false]);
        assert_eq!((0..5).map(|number| remembered.has_generation(number)).collect::<Vec<bool>>(), known);
        let forgotten = Arc::new(memtable(0));
        remembered.replace(&forgotten, Packed::of(&forgotten));
        assert!(!remembered.contains(7 << 120), "what was forgotten does not come back");
    }
}
