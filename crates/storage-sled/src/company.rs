//! How long a batch that finds the committer idle waits for others, to share its flush. Not here: the waiting.

use std::time::Duration;

/// After so many groups of one batch a sender is taken for alone: it waits for the answer and sends nothing meanwhile.
const LONELY_MAX: u32 = 8;

/// Then its batches wait this part of the usual time. Not less: that is how company is noticed when it comes.
const LONELY_SHARE: u32 = 4;

pub(crate) struct Company {
    wait_max: Duration,
    /// Groups in a row of one batch alone.
    lonely: u32,
}

// === impl Company ===

impl Company {
    pub(crate) fn new(wait_max: Duration) -> Company {
        Company { wait_max, lonely: 0 }
    }

    /// A group of so many batches was taken.
    pub(crate) fn note(&mut self, batches: usize) {
        match batches {
            0 => {}
            1 => self.lonely = self.lonely.saturating_add(1),
            _more => self.lonely = 0,
        }
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
}
