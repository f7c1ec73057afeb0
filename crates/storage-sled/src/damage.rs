//! What this store knows to be missing, and what was damaged without anything missing. Not here: reports on disk (`quarantine`).

/// Sentences kept of each sort; what comes after them is only counted.
const SENTENCES_MAX: usize = 1_000;

/// Damage, each as one sentence.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    /// Spans are missing: answers are incomplete.
    lost: Sentences,
    /// The same spans were found elsewhere: answers are whole, but somebody should look at the disk.
    healed: Sentences,
}

#[derive(Debug, Default)]
struct Sentences {
    kept: Vec<String>,
    more: usize,
}

impl Damage {
    /// Remembers once that something is missing.
    pub(crate) fn lose(&mut self, sentence: String) {
        self.lost.add(sentence);
    }

    /// Remembers once that something is damaged of which nothing is missing.
    pub(crate) fn heal(&mut self, sentence: String) {
        self.healed.add(sentence);
    }

    /// Why answers are incomplete; `None` when nothing is missing.
    pub(crate) fn reason(&self) -> Option<String> {
        let (first, others) = self.lost.kept.split_first()?;
        match others.len() + self.lost.more {
            0 => Some(first.clone()),
            more => Some(format!("{first}, and {more} more")),
        }
    }

    /// For people: what is missing first.
    pub(crate) fn sentences(&self) -> Vec<String> {
        self.lost.kept.iter().chain(&self.healed.kept).cloned().collect()
    }
}

impl Sentences {
    fn add(&mut self, sentence: String) {
        if self.kept.contains(&sentence) {
            return;
        }
        match self.kept.len() < SENTENCES_MAX {
            true => self.kept.push(sentence),
            false => self.more += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_missing_makes_answers_incomplete() {
        let mut damage = Damage::default();
        damage.heal("a record was damaged".to_owned());
        assert_eq!(damage.reason(), None);
        for sentence in ["one block", "one block", "two blocks"] {
            damage.lose(sentence.to_owned());
        }
        assert_eq!(damage.reason().as_deref(), Some("one block, and 1 more"));
        assert_eq!(damage.sentences(), ["one block", "two blocks", "a record was damaged"]);
    }

    #[test]
    fn sentences_are_bounded_and_those_left_out_are_counted() {
        let mut damage = Damage::default();
        (0..SENTENCES_MAX + 5).for_each(|number| damage.lose(format!("block {number}")));
        assert_eq!(damage.sentences().len(), SENTENCES_MAX);
        assert_eq!(damage.reason(), Some(format!("block 0, and {} more", SENTENCES_MAX + 4)));
    }
}
