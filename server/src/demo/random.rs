//! Repeatable randomness: xoshiro256++ seeded by SplitMix64. Not for secrets, and never seeded from the clock.

use std::f64::consts::TAU;

/// A stream of random numbers that depends on its seed alone.
pub(crate) struct Random {
    state: [u64; 4],
}

// === impl Random ===

impl Random {
    /// The stream with number `stream` of `seed`; streams of one seed have nothing in common.
    pub(crate) fn of(seed: u64, stream: u64) -> Random {
        let mut mixer = SplitMix64(seed);
        let mut mixer = SplitMix64(mixer.next() ^ stream);
        Random { state: std::array::from_fn(|_| mixer.next()) }
    }

    /// 64 random bits.
    pub(crate) fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (mixed_c, mixed_d) = (c ^ a, d ^ b);
        self.state = [a ^ mixed_d, b ^ mixed_c, mixed_c ^ (b << 17), mixed_d.rotate_left(45)];
        result
    }

    /// A whole number below `bound`; zero when `bound` is zero.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// From 0 up to but not including 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn chance(&mut self, percent: f64) -> bool {
        self.unit() * 100.0 < percent
    }

    /// Log-normal around `median`: latencies have a long tail on one side. `spread` 0.3 is steady, 1.0 is wild.
    pub(crate) fn around(&mut self, median: f64, spread: f64) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let normal = radius * (TAU * self.unit()).cos();
        median * (spread * normal).exp()
    }

    /// One of `choices`, each as likely as the others.
    pub(crate) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// The generator that seeds the other one, as its authors advise.
struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_generators_give_the_numbers_that_their_authors_publish() {
        assert_eq!(SplitMix64(0).next(), 0xe220_a839_7b1d_cdaf);
        let mut random = Random { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..4).map(|_| random.next()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn another_stream_of_the_same_seed_differs() {
        assert_ne!(Random::of(7, 1).next(), Random::of(7, 2).next());
        assert_eq!(Random::of(7, 1).next(), Random::of(7, 1).next());
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut random = Random::of(1, 1);
        assert!((0..10_000).all(|_| random.below(7) < 7 && random.unit() < 1.0));
        assert_eq!(random.below(0), 0);
    }
}
