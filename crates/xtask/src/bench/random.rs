//! Seeded random numbers, the same on every machine: xoshiro256++, started by SplitMix64. Not here: distributions.

/// Turns a seed into as many well-mixed numbers as needed.
pub(crate) struct SplitMix64(pub(crate) u64);

/// The generator.
#[derive(Clone, Debug)]
pub(crate) struct Random([u64; 4]);

/// The golden ratio in 64 bits: neighbouring streams begin far apart.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

impl SplitMix64 {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Random {
    /// Streams of one seed are independent: what one draws does not shift what another gets.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut mix = SplitMix64(seed ^ SplitMix64(stream).next());
        Self([mix.next(), mix.next(), mix.next(), mix.next()])
    }

    pub(crate) fn next(&mut self) -> u64 {
        let state = &mut self.0;
        let result = state[0].wrapping_add(state[3]).rotate_left(23).wrapping_add(state[0]);
        let shifted = state[1] << 17;
        state[2] ^= state[0];
        state[3] ^= state[1];
        state[1] ^= state[2];
        state[0] ^= state[3];
        state[2] ^= shifted;
        state[3] = state[3].rotate_left(45);
        result
    }

    /// Below `end`, which is not zero. By multiplication: the bias is below one in four thousand million.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        let product = u128::from(self.next()) * u128::from(end);
        (product >> 64) as u64
    }

    /// One of `items`.
    pub(crate) fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    /// True in `share` of a thousand cases.
    pub(crate) fn per_mille(&mut self, share: u64) -> bool {
        self.below(1_000) < share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_generators_give_the_numbers_of_their_authors() {
        let mut mix = SplitMix64(1_234_567);
        assert_eq!([mix.next(), mix.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        let mut random = Random([1, 2, 3, 4]);
        let first: Vec<u64> = (0..5).map(|_| random.next()).collect();
        let published =
            [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205];
        assert_eq!(first, published);
    }

    #[test]
    fn streams_of_one_seed_differ() {
        assert_ne!(Random::new(1, 1).next(), Random::new(1, 2).next());
        assert_ne!(Random::new(1, 1).next(), Random::new(2, 1).next());
    }
}
