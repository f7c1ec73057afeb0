//! Which blocks count: of each generation its last whole commit. Pure decisions; not here: opening blocks and serving them.

use std::collections::BTreeMap;

/// Where a block lies: the numbers of its partition and of itself.
pub(super) type Place = (u32, u32);

/// A block that has a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) place: Place,
    pub(super) generation: u32,
    /// Its number among the blocks committed together, and how many those are.
    pub(super) part: u32,
    pub(super) parts: u32,
    pub(super) spans: u32,
    pub(super) opens: bool,
}

/// The blocks of a generation that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    /// Those of one commit, ascending; some may not open when it is not whole.
    pub(super) places: Vec<Place>,
    /// Whether all parts are there and open: then its journal is of no more use.
    pub(super) is_whole: bool,
    /// Parts of the commit of which there is no record.
    pub(super) parts_missing: u32,
    spans_open: u64,
}

/// The choice of each generation. A generation has more than one commit when the first one was damaged and built again from
/// the journal; then the spans of all of them are the same.
pub(super) fn choose(candidates: &[Candidate]) -> BTreeMap<u32, Choice> {
    // The blocks of a commit have numbers without gaps, so all of them lead to the number of the first.
    let mut commits: BTreeMap<Place, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        let (partition, block) = candidate.place;
        // A record that contradicts its place is a commit of its own, which is never whole.
        let first = block.checked_sub(candidate.part).unwrap_or(block);
        commits.entry((partition, first)).or_default().push(*candidate);
    }
    let mut choices: BTreeMap<u32, Choice> = BTreeMap::new();
    for commit in commits.into_values() {
        for of_generation in commit.chunk_by(|left, right| left.generation == right.generation) {
            let choice = Choice::of(of_generation);
            let known = choices.entry(of_generation[0].generation).or_default();
            // Ascending, so of equally good ones the last one wins.
            if (choice.is_whole, choice.spans_open) >= (known.is_whole, known.spans_open) || choice.is_whole {
                *known = choice;
            }
        }
    }
    choices
}

impl Choice {
    fn of(commit: &[Candidate]) -> Choice {
        let parts = commit[0].parts;
        let is_expected = |(candidate, part): (&Candidate, u32)| candidate.part == part && candidate.parts == parts;
        let is_ordered = commit.iter().zip(0..).all(is_expected);
        let opening = commit.iter().filter(|candidate| candidate.opens);
        Choice {
            places: commit.iter().map(|candidate| candidate.place).collect(),
            is_whole: is_ordered && commit.len() == parts as usize && commit.iter().all(|candidate| candidate.opens),
            parts_missing: parts.saturating_sub(commit.len() as u32),
            spans_open: opening.map(|candidate| u64::from(candidate.spans)).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blocks of partition 1 as (block, generation, part, parts, opens).
    fn choices(blocks: &[(u32, u32, u32, u32, bool)]) -> BTreeMap<u32, Choice> {
        let candidate = |&(block, generation, part, parts, opens): &(u32, u32, u32, u32, bool)| Candidate {
            place: (1, block),
            generation,
            part,
            parts,
            spans: 10,
            opens,
        };
        choose(&blocks.iter().map(candidate).collect::<Vec<_>>())
    }

    fn chosen(blocks: &[(u32, u32, u32, u32, bool)], generation: u32) -> (Vec<u32>, bool) {
        let choice = &choices(blocks)[&generation];
        (choice.places.iter().map(|(_, block)| *block).collect(), choice.is_whole)
    }

    #[test]
    fn a_commit_is_whole_when_all_its_parts_are_there_and_open() {
        assert_eq!(chosen(&[(1, 7, 0, 1, true)], 7), (vec![1], true));
        assert_eq!(chosen(&[(1, 7, 0, 2, true), (2, 7, 1, 2, true)], 7), (vec![1, 2], true));
        assert_eq!(chosen(&[(1, 7, 0, 2, true), (2, 7, 1, 2, false)], 7), (vec![1, 2], false));
        assert_eq!(chosen(&[(2, 7, 1, 2, true)], 7), (vec![2], false));
        assert_eq!(choices(&[(2, 7, 1, 2, true)])[&7].parts_missing, 1);
        assert!(!chosen(&[(1, 7, 1, 2, true), (2, 7, 1, 2, true)], 7).1, "twice the same part");
    }

    #[test]
    fn the_last_whole_commit_counts_and_broken_ones_do_not_whatever_their_order() {
        let (whole, broken) = ((1, 7, 0, 1, true), (2, 7, 0, 1, false));
        assert_eq!(chosen(&[whole, broken], 7), (vec![1], true));
        assert_eq!(chosen(&[(1, 7, 0, 1, false), (2, 7, 0, 1, true)], 7), (vec![2], true));
        assert_eq!(chosen(&[(1, 7, 0, 1, true), (2, 7, 0, 1, true)], 7), (vec![2], true));
    }

    #[test]
    fn without_a_whole_commit_the_one_with_most_spans_counts() {
        let (first, second) = ([(1, 7, 0, 2, true), (2, 7, 1, 2, false)], [(3, 7, 0, 2, false), (4, 7, 1, 2, false)]);
        assert_eq!(chosen(&[first[0], first[1], second[0], second[1]], 7), (vec![1, 2], false));
    }

    #[test]
    fn generations_do_not_mix() {
        let all = choices(&[(1, 7, 0, 1, true), (2, 8, 0, 2, true), (3, 8, 1, 2, true), (4, 9, 0, 1, false)]);
        let whole: Vec<_> = all.iter().map(|(generation, choice)| (*generation, choice.is_whole)).collect();
        assert_eq!(whole, [(7, true), (8, true), (9, false)]);
        assert_eq!(all[&8].places, [(1, 2), (1, 3)]);
    }
}
