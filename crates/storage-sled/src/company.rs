//! How long a batch that finds the committer idle waits for others, to share its flush. Not here: the waiting.

use std::time::Duration;

/// After so many groups of one batch a sender is taken for alone: it waits for the answer and sends nothing meanwhile.
const LONELY_MAX: u32 = 8;

/// As many batches as in the largest of so many groups are all that will come: clients that wait for answers send no more.
const GROUPS_LOOKED_AT: usize = 4;

/// Then its batches wait this part of the usual time. Not less: that is how company is noticed when it comes.
const LONELY_SHARE: u32 = 4;

pub(crate) struct Company {
    wait_max: Duration,
    /// Groups in a row of one batch alone.
    lonely: u32,
    /// Batches of the last groups.
    last: [usize; GROUPS_LOOKED_AT],
}

// === impl Company ===

impl Company {
    pub(crate) fn new(wait_max: Duration) -> Company {
        Company { wait_max, lonely: 0, last: [0; GROUPS_LOOKED_AT] }
    }

    /// A group of so many batches was taken.
    pub(crate) fn note(&mut self, batches: usize) {
        if batches > 0 {
            self.last.rotate_left(1);
            self.last[GROUPS_LOOKED_AT - 1] = batches;
        }
        match batches {
            0 => {}
            1 => self.lonely = self.lonely.saturating_add(1),
            _more => self.lonely = 0,
        }
    }

    /// How many batches the next group does not wait for more than.
    pub(crate) fn expected(&self) -> usize {
        self.last.into_iter().max().unwrap_or(0).max(2)
    }

    /// How long the next group waits.
    pub(crate) fn wait(&self) -> Duration {
        if self.lonely < LONELY_MAX { self.wait_max } else { self.wait_max / LONELY_SHARE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_is_alone_soon_waits_less_until_another_one_comes() {
        let mut company = Company::new(Duration::from_millis(8));
        let mut waited = |batches: &[usize]| {
            batches.iter().for_each(|batches| company.note(*batches));
            company.wait().as_millis()
        };
        assert_eq!(waited(&[]), 8);
        assert_eq!(waited(&[1; 7]), 8);
        assert_eq!(waited(&[1]), 2);
        assert_eq!(waited(&[1, 0, 1]), 2, "nothing came in the meantime, and that says nothing");
        assert_eq!(waited(&[2]), 8);
        assert_eq!(waited(&[1; 7]), 8);
        assert_eq!(waited(&[1]), 2);
    }

    #[test]
    fn no_more_are_expected_than_came_lately_and_never_less_than_one_beside_the_first() {
        let mut company = Company::new(Duration::from_millis(8));
        let mut expected = |batches: &[usize]| {
            batches.iter().for_each(|batches| company.note(*batches));
            company.expected()
        };
        assert_eq!(expected(&[]), 2);
        assert_eq!(expected(&[1, 5, 3]), 5);
        assert_eq!(expected(&[0, 1, 1]), 5);
        assert_eq!(expected(&[3]), 3, "the group of five is long ago");
        assert_eq!(expected(&[1, 1, 1, 1]), 2);
    }
}
