//! What a server is doing when it is killed, and how often each is chosen.

use std::time::Duration;

use crate::bench::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Spans arrive.
    Load,
    /// Spans have arrived a moment ago: blocks are built.
    Building,
    /// It opens its store after a kill.
    Opening,
    /// It was told to end and drains.
    Draining,
    /// Spans arrive and retention drops partitions.
    Retaining,
}

/// Each by its weight in twentieths.
const WEIGHTS: [(Phase, u64); 5] =
    [(Phase::Load, 7), (Phase::Building, 3), (Phase::Opening, 4), (Phase::Draining, 3), (Phase::Retaining, 3)];
const LOAD_MILLIS: (u64, u64) = (250, 900);

impl Phase {
    pub(super) fn draw(random: &mut Random) -> Self {
        let mut left = random.below(WEIGHTS.iter().map(|(_, weight)| weight).sum());
        for (phase, weight) in WEIGHTS {
            match left.checked_sub(weight) {
                None => return phase,
                Some(rest) => left = rest,
            }
        }
        Self::Load
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Load => "under load",
            Self::Building => "while blocks were built",
            Self::Opening => "while the store opened",
            Self::Draining => "while it drained after SIGTERM",
            Self::Retaining => "under load and retention",
        }
    }

    /// How long spans arrive before.
    pub(super) fn load_time(random: &mut Random) -> Duration {
        Duration::from_millis(LOAD_MILLIS.0 + random.below(LOAD_MILLIS.1 - LOAD_MILLIS.0))
    }

    /// Between the begin of the phase and the kill.
    pub(super) fn delay(self, random: &mut Random) -> Duration {
        let millis_max = match self {
            Self::Load | Self::Retaining => 5,
            Self::Building => 300,
            Self::Opening => 400,
            Self::Draining => 150,
        };
        Duration::from_micros(random.below(millis_max * 1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phase_is_drawn() {
        let mut random = Random::new(1, 0);
        let drawn: std::collections::BTreeSet<Phase> = (0..200).map(|_| Phase::draw(&mut random)).collect();
        assert_eq!(drawn.len(), WEIGHTS.len());
    }
}
