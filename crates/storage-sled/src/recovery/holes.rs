//! Groups have numbers without gaps, over blocks and journals together: a gap is something that went without a word.
//! Not here: the end of the newest of them, behind which there is nothing to show a gap.

use super::journal::GROUPS_SKIPPED;
use crate::home::Home;
use crate::shared::Shared;

/// Groups that are there.
struct Range {
    first: u64,
    last: u64,
    home: Home,
}

/// Tells of the first gap. Called when nothing else is missing: damage that was told leaves gaps too.
/// No group up to `dropped` is missed: retention dropped that one, and what was built anew outlives its neighbours.
pub(super) fn tell(shared: &Shared, dropped: u64) {
    let mut ranges = ranges(shared);
    ranges.sort_by_key(|range| (range.first, range.last));
    for pair in ranges.windows(2) {
        let [before, after] = pair else { continue };
        let (first, end) = (before.last.saturating_add(1), after.first);
        // Where a journal could not be read numbers were left out on purpose.
        let is_meant = end.saturating_sub(first) >= GROUPS_SKIPPED / 2 || end <= dropped.saturating_add(1);
        if first < end && !is_meant {
            let label = after.home.label();
            let report = format!("groups {first} to {} are missing before those in {label}", end - 1);
            shared.add_damage(shared.quarantine.miss(&after.home, "hole", report));
            return;
        }
    }
}

fn ranges(shared: &Shared) -> Vec<Range> {
    let index = shared.index();
    let of_blocks = index.blocks.iter().map(|block| Range {
        first: block.record.group_first,
        last: block.record.group_last,
        home: block.partition.home.clone(),
    });
    let of_journals = index.generations.values().map(|generation| Range {
        first: generation.group_first,
        last: generation.group_last,
        home: generation.segment.home.clone(),
    });
    // A journal without a group has none to be missing.
    of_blocks.chain(of_journals).filter(|range| range.first <= range.last).collect()
}
